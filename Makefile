# Tradepost in two commands: `make demo` and `make test`. They need make and Python 3.11+.
PORT ?= 8000
DATA ?= $(DATA_DIR)
SIZE ?= 10000
SECONDS ?= 5
CLIENTS ?= 8
# An empty variable is no folder.
override DATA := $(or $(DATA),.data)

PYTHON := .venv/bin/python
SYNCED := .venv/.synced
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

.PHONY: help demo test check run worker bench measure format

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(SYNCED) ## Start the demo shop (PORT=8000 DATA=.data)
	@DATA_DIR="$(DATA)" exec $(PYTHON) manage.py demo --port "$(PORT)" --stop-with-parent

test: $(SYNCED) ## Run the tests
	@$(PYTHON) -m pytest -n auto --maxschedchunk=2

check: $(SYNCED) ## Run every check, the tests included
	@.ci/check
	@PYTEST_ADDOPTS="$(PYTEST_ADDOPTS) --cov --cov-report=term:skip-covered" $(MAKE) --no-print-directory test

run: $(SYNCED) ## Start the development server, which reloads changed code (PORT=8000)
	@DATA_DIR="$(DATA)" $(PYTHON) manage.py migrate
	@DATA_DIR="$(DATA)" exec $(PYTHON) manage.py runserver "$(PORT)"

worker: $(SYNCED) ## Run background jobs
	@DATA_DIR="$(DATA)" exec $(PYTHON) manage.py worker

bench: $(SYNCED) ## Measure speed, write benchmarks/results.json (SIZE=10000 SECONDS=5 CLIENTS=8)
	@$(PYTHON) -m benchmarks --size "$(SIZE)" --seconds "$(SECONDS)" --clients "$(CLIENTS)"

measure: $(SYNCED) ## Count how the code is built: sizes, docstrings, imports, raw SQL
	@$(PYTHON) -m benchmarks.measure

format: $(SYNCED) ## Format the code and repair what can be repaired automatically
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

$(SYNCED): pyproject.toml uv.lock
	@.ci/install
	@touch $@
