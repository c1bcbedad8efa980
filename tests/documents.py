"""Pages in Markdown as tests: every code block of README and docs/ is run, in the order of the page, in one folder.

What a block is, a reader sees as well as the tests do:

* ``python`` with ``>>>``: a session, its output is compared; names live on to the end of the page;
* ``python``, ``toml``, ... beginning with ``# NAME``: a file, written under this name;
* ``console``: commands after ``$``; below one, its output (stdout and stderr, ``...`` for any text) if it is shown. A command
  must end with status 0, unless the next one is ``echo $?``, whose output is then compared with the status;
* indented (README): commands, a line each, which must end with status 0; or JSON, a document per line.

``make TARGET`` is not run but looked up (``make -n``): it would run these tests. ``<!-- slow -->`` in front of a block:
only where slow examples are wanted. ``<!-- record -->``: only where torch is, as in the environment of ``make test-record``.
"""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from layered_paging.__main__ import main

ROOT = Path(__file__).parents[1]
SLOW = "<!-- slow -->"
RECORD = "<!-- record -->"
FILE = re.compile(r"# ([\w./-]+\.\w+)\n")
PROMPT = "$ "
OPERATORS = {"&&", "||", "|", ">", "<", ";", "&"}
"""Words that only a shell understands."""


@dataclass(frozen=True)
class Block:
    """One code block, and the line of the page on which it begins."""

    kind: str
    text: str
    line: int
    slow: bool
    torch: bool


def blocks(page: str) -> list[Block]:
    """The code blocks of a page; directives of the site generator are none."""
    found = []
    slow = torch = False
    for token in MarkdownIt().parse(page):
        if token.type in ("fence", "code_block") and not re.match(r"\{(?!code)", token.info):
            assert token.map is not None
            kind = token.info.strip() or ("json" if token.content.startswith("{") else "commands")
            found.append(Block(kind, token.content, token.map[0] + 1, slow, torch))
        slow, torch = (
            token.type == "html_block" and token.content.strip() == mark for mark in (SLOW, RECORD)
        )
    return found


def faults(page: str, folder: Path, slow: bool = True) -> list[str]:
    """What is wrong with the examples of a page, when they are run in ``folder``, which must be the current one."""
    names: dict[str, Any] = {}
    found: list[str] = []
    for block in blocks(page):
        if (block.slow and not slow) or (block.torch and find_spec("torch") is None):
            continue
        file = FILE.match(block.text)
        if file and block.kind != "console":
            (folder / file[1]).write_text(block.text)
        elif block.kind == "python":
            found += _session(block, names)
        elif block.kind == "console":
            found += _console(block, folder)
        elif block.kind == "commands":
            for line in block.text.splitlines():
                status, said = _run(line, folder)
                if status:
                    found.append(f"{line}: status {status}: {said}")
        elif block.kind == "json":
            found += _documents(block)
        else:
            found.append(f"line {block.line}: a block of {block.kind!r} is not run by anything")
    return found


def _session(block: Block, names: dict[str, Any]) -> list[str]:
    test = doctest.DocTestParser().get_doctest(block.text, names, "example", "page", block.line)
    if not test.examples:
        return [f"line {block.line}: neither a session nor a file"]
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    return said


def _console(block: Block, folder: Path) -> list[str]:
    found = []
    status = 0
    commands = list(_commands(block.text))
    if not commands:
        return [f"line {block.line}: no command"]
    for number, (command, expected) in enumerate(commands):
        if command == "echo $?":
            said = f"{status}\n"
        else:
            status, said = _run(command, folder)
            excused = number + 1 < len(commands) and commands[number + 1][0] == "echo $?"
            if status and not excused:
                found.append(f"{command}: status {status}: {said}")
        if expected and not doctest.OutputChecker().check_output(expected, said, doctest.ELLIPSIS):
            found.append(f"{command}: expected\n{expected}got\n{said}")
    return found


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """Commands and the output shown below them."""
    command, output = "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith(PROMPT):
            if command:
                yield command, output
            command, output = line[len(PROMPT) :].strip(), ""
        else:
            output += line
    if command:
        yield command, output


def _documents(block: Block) -> list[str]:
    found = []
    for line in block.text.splitlines():
        try:
            json.loads(line)
        except ValueError as error:
            found.append(f"{line}: {error}")
    return found


def _run(command: str, folder: Path) -> tuple[int, str]:
    """Exit status, and what was printed. A plain call of layered-paging needs no process of its own, which saves a second."""
    words = shlex.split(command, comments=True)
    if words[0] == "layered-paging" and not OPERATORS.intersection(words):
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            status = main(words[1:])
        return status, said.getvalue()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    if command.startswith("make "):
        command, folder = command.replace("make ", "make -n ", 1), ROOT
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout
