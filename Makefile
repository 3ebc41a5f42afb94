# Two commands do everything on a machine with Python 3.11+, git and make:
#   make demo    train a small CNN on real digits and draw its backpropagation
#   make test    run the tests
# Each makes .venv, installs what it needs, and runs; the second time only the running is left.
# A stamp file in .venv for each set of packages says when pyproject.toml was last installed.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq install
ARGS :=

.PHONY: help demo test lint coverage bench notebooks pictures lock clean

help:
	@echo "make demo       train a CNN on real digits and draw one step of it (needs nothing but Python)"
	@echo "make test       run the tests on all cores"
	@echo "make lint       ruff, mypy and the import rules"
	@echo "make coverage   the tests, with the lines that none of them runs"
	@echo "make bench      measure the speed and print the table"
	@echo "make notebooks  build the notebooks again from their sources"
	@echo "make pictures   draw the README's pictures again"
	@echo "make lock       write down the versions that a fresh installation takes now"
	@echo "make clean      remove .venv and everything that was built"

demo: $(VENV)/demo.stamp
	@$(PY) -m viz.command demo $(ARGS)

test: $(VENV)/dev.stamp
	@$(PY) -m pytest -n auto $(ARGS)

lint: $(VENV)/dev.stamp
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

coverage: $(VENV)/dev.stamp
	@$(PY) -m pytest -n auto --cov --cov-report=term $(ARGS)

bench: $(VENV)/bench.stamp
	@$(PY) -m tests.benchmarks $(ARGS)

notebooks: $(VENV)/dev.stamp
	@$(PY) notebooks/build.py $(ARGS)

pictures: $(VENV)/demo.stamp
	@$(PY) -m viz.command demo --output build/demo
	@cp build/demo/graph.svg build/demo/pool.svg build/demo/exam.svg notebooks/pictures/

# graphviz-pure has no wheel for some platforms: its line keeps the marker of pyproject.toml.
lock: $(VENV)/dev.stamp
	@rm -rf build/lock && $(PY) -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check -qq install --editable ".[dev]"
	@marker=$$(sed -n 's/.*graphviz-pure[^;]*; \(.*\)",/\1/p' pyproject.toml); \
	{ echo "# The versions of one fresh installation of backlight[dev], written by make lock."; \
	  echo "# pip install -r requirements.lock -e . installs exactly these."; \
	  build/lock/bin/python -m pip --disable-pip-version-check freeze --exclude-editable \
	  | sed "s/^graphviz-pure==.*/&; $$marker/"; } > requirements.lock
	@rm -rf build/lock

clean:
	rm -rf $(VENV) build dist backlight-demo htmlcov .coverage
	rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The packages -------------------------------------------------------------------------------------

$(VENV)/demo.stamp: $(VENV)/made.stamp pyproject.toml
	@echo "Installing Backlight into $(VENV) (once) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/made.stamp pyproject.toml
	@echo "Installing Backlight and its test tools into $(VENV) (once) ..."
	@$(PIP) --editable ".[dev]"
	@touch $(VENV)/demo.stamp $@

$(VENV)/bench.stamp: $(VENV)/made.stamp pyproject.toml
	@echo "Installing Backlight and its peers into $(VENV) (once) ..."
	@$(PIP) --editable ".[bench]"
	@touch $@

# An environment that is there already is kept if it is new enough and has pip. Otherwise it is made
# by the first Python that is new enough and can make one; make PYTHON=... names another.
$(VENV)/made.stamp:
	@if $(PY) -c "import sys, pip; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then \
	    touch $@; exit 0; \
	fi; \
	found=; bare=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	    "$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || continue; \
	    bare="$$python"; \
	    "$$python" -c "import venv, ensurepip" 2>/dev/null || continue; \
	    found="$$python"; break; \
	done; \
	if [ -z "$$bare" ]; then \
	    echo "Backlight needs Python 3.11 or newer, and none was found as python3, python3.13, python3.12 or python3.11." >&2; \
	    echo "Install one, or name it: make PYTHON=/path/to/python demo" >&2; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	    echo "$$bare is new enough but cannot make an environment: its venv or ensurepip module is missing." >&2; \
	    echo "On Debian and Ubuntu 'apt install python3-venv' adds it; or name another Python: make PYTHON=/path/to/python demo" >&2; exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV) && touch $@
