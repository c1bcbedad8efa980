# All of these set everything up by themselves in a fresh clone: `make verify`, `make test`, `make test-browser`, `make formal`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
TRY = $(shell for p in python3.12 python3.13; do $$p -c '' 2>/dev/null && echo $$p; done)

.PHONY: verify test test-browser formal test-all docs bench lint clean

verify: $(READY)
	$(BIN)/layered-paging verify

test: lint
	$(BIN)/python -m pytest -q -n auto --dist worksteal

# The pages, in chromium.
test-browser: $(READY)
	tests/layered_paging/pages/run

# The recorder, in an environment with torch (.venv-record).
test-record:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed and was not found" >&2; exit 1; }
	tests/layered_paging/recording/run $(PYTHON)

test-all: lint docs
	$(BIN)/python -m pytest -q -n auto -m ""
	@for p in $(TRY); do echo "== $$p" && rm -rf .venv-$$p && $$p -m venv .venv-$$p && \
		.venv-$$p/bin/python -m pip install -q -e '.[dev]' && \
		.venv-$$p/bin/python -m pytest -q -n auto || exit 1; done

# The proofs in Coq: all are compiled, and Coq says of every theorem what it rests on. The verified checker is built, and
# compared with verify.py.
formal: $(READY)
	proofs/formal/build
	$(BIN)/python -m pytest -q tests/proofs/formal

# The site, in build/docs; a warning is an error.
docs: $(READY)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[docs]'
	MYPYPATH=docs $(BIN)/mypy -p from_code
	$(BIN)/sphinx-build -q -W --keep-going -n -b html -d build/doctrees docs build/docs

# Tables are kept in benchmarks/results.
bench: $(READY)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks.offline
	$(BIN)/python -m benchmarks.exact
	$(BIN)/python -m benchmarks.checker
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.policies
	$(BIN)/python -m benchmarks.paper
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.cores
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.reliability
	$(BIN)/python -m benchmarks.forgery
	proofs/formal/build
	$(BIN)/python -m benchmarks.side_by_side
	$(BIN)/python -m benchmarks.first_use

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Versions are those of constraints.txt, resolved on Python 3.11.
$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed and was not found" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv .venv-* build *.egg-info .mypy_cache .ruff_cache .pytest_cache
