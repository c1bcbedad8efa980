"""The site: `make docs` builds it into build/docs. Pages in Markdown; what the code knows is taken from the code."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "layered-paging"
author = "The layered-paging developers"
release = installed("layered-paging")
extensions = ["myst_parser", "sphinx.ext.autodoc", "from_code"]
exclude_patterns = ["from_code"]

html_theme = "furo"
html_title = "layered-paging"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False

myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_type_aliases = {name: name for name in ("ArrayLike", "MakePolicy", "Value", "Bound", "Pages")}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90

# Every role in a docstring must lead somewhere (sphinx-build -n); types in signatures need not be part of the reference.
nitpick_ignore_regex = [("py:(class|data|obj)", ".*")]
