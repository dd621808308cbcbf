# make demo   a demo workspace in the browser         make test    all tests
# make check  linters, types and the quick tests      make clean   removes what was made, but not var/demo

PYTHON ?= python3
BIN := .venv/bin
FRONTEND := $(shell find admin/frontend -type f -not -path '*/__pycache__/*' 2>/dev/null)
CATALOGUES := $(wildcard admin/translations/*/LC_MESSAGES/messages.po)
INPUTS := pyproject.toml setup.py $(FRONTEND) $(CATALOGUES)

.PHONY: demo test check translations clean

demo: .venv/installed var/demo.txt
	@cat var/demo.txt
	@exec $(BIN)/tradewind serve var/demo --host 127.0.0.1 --port 8000

var/demo.txt: | .venv/installed
	@$(BIN)/python scripts/demo.py var/demo var/demo.txt

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python admin/frontend/build.py --check
	$(BIN)/python -m pytest -q -n auto -m "not slow"

translations: .venv/installed-dev
	$(BIN)/python scripts/translations.py update

clean:
	rm -rf build admin/static/dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .venv/installed*

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tradewind needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv"; exit 1; }

.venv/installed: $(INPUTS) | .venv/bin/pip
	@echo "Installing Tradewind into .venv (about a minute the first time)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-dev: $(INPUTS) | .venv/bin/pip
	@echo "Installing Tradewind and its development tools into .venv"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch .venv/installed $@
