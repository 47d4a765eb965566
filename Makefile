# Everything a person does here. `make run` needs Debian 12 or any system with Python 3.11 and make, nothing else.
# A stamp file per kind of installation: a second call installs nothing until pyproject.toml changes.

# Debian builds its Python with profile-guided optimization; one built on the spot, as by pyenv, often lacks it and takes
# a quarter longer for everything. `make PYTHON=…` names another.
PYTHON ?= $(shell /usr/bin/python3.11 -c 'import ensurepip, venv' 2>/dev/null && echo /usr/bin/python3.11 || echo python3)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
DEMO   := out/demo
DESK   := out/desk
BY     := --policy power/dazu-complaint-assessment --site $(DEMO)/site
MONTH  := --period 2025-09

# Some containers forbid Python to keep what it compiled: each of the processes of a run, and of the hundreds that the
# tests start, would compile all of Django and Polars again, two seconds each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test check fmt docs locale bench clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed-desk  ## install, sum up a demo month, serve the desk of a made-up company: http://127.0.0.1:8000
	@LANGUAGE=zh $(BIN)/python -m bihuan.demo $(DEMO)
	@LANGUAGE=zh $(BIN)/bihuan replay $(DEMO)/log.csv $(BY) --out $(DEMO)/result --brief
	@[ -e $(DESK) ] || { rm -rf $(DESK).new && LANGUAGE=zh $(BIN)/bihuan init --home $(DESK).new --demo >/dev/null && mv $(DESK).new $(DESK); }
	@$(BIN)/bihuan init --home $(DESK) --upgrade
	@$(BIN)/bihuan tick --home $(DESK) --every 30 >/dev/null & tick=$$!; trap 'kill $$tick 2>/dev/null' EXIT INT TERM; LANGUAGE=zh $(BIN)/bihuan serve --home $(DESK)

demo: $(VENV)/.installed  ## make a demo month, judge it under the shipped regulation, assess it, report: out/demo
	$(BIN)/python -m bihuan.demo $(DEMO)
	$(BIN)/bihuan replay $(DEMO)/log.csv $(BY) --out $(DEMO)/result
	@echo; echo "== whom to call back, in which order (the first of all; the whole draw is in $(DEMO)/callbacks) =="
	$(BIN)/bihuan sample $(DEMO)/log.csv $(BY) $(MONTH) --rule callback --seed 20250930 --out $(DEMO)/callbacks | head -n 20
	@echo; echo "== what is to be charged (the whole assessment is in $(DEMO)/assessment) =="
	$(BIN)/bihuan assess $(DEMO)/log.csv $(BY) $(MONTH) --out $(DEMO)/assessment | head -n 20
	@echo; echo "== the report: $(DEMO)/report/report.pdf, report.xlsx, report.html =="
	$(BIN)/bihuan report --lang zh $(DEMO)/log.csv $(BY) $(MONTH) --out $(DEMO)/report

test: $(VENV)/.installed-dev  ## run the tests, those of the desk on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist worksteal
	BIHUAN_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal tests/desk

check: $(VENV)/.installed-dev  ## format, lint, types, who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.installed-dev  ## format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.installed-dev  ## put the real --help into docs/cli.md
	$(BIN)/python -m tools.help

locale: $(VENV)/.installed-dev  ## collect the texts shown, compile the translations
	$(BIN)/python -m tools.locale

bench: $(VENV)/.installed-dev  ## measure
	$(BIN)/python -m benchmarks

clean:  ## remove what was made, but neither .venv nor the desk that people worked on (out/desk)
	rm -rf $(filter-out $(DESK),$(wildcard out/*)) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[report]'
	@touch $@

$(VENV)/.installed-desk: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[desk]'
	@touch $@

# A hundred packages: uv unpacks them in a fifth of the time, from the index that pip is told; where it fails, pip does it.
$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) uv && UV_DEFAULT_INDEX="$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)" \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[dev]' || $(PIP) -e '.[dev]'
	@touch $(VENV)/.installed $(VENV)/.installed-desk $@

# Debian's python3 comes without ensurepip: as root it is installed, otherwise the person is told.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Bihuan needs Python 3.11 or newer. Name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv >&2; } || \
	  { echo "This Python cannot make virtual environments. Install that part first: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
