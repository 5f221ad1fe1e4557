# tallystick: every target installs what it needs into .venv, so a fresh clone needs nothing but Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 4010

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tallystick needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.PHONY: mock
mock: $(READY) ## Serve the contracts in openapi/ on 127.0.0.1:4010 (PORT=... for another port)
	@$(BIN)/tallystick mock --port $(PORT)

.PHONY: test
test: $(READY) ## Run the tests, with coverage
	@$(BIN)/python -m pytest -m 'not slow' --cov --cov-report=term:skip-covered -q

.PHONY: test-slow
test-slow: $(READY) ## Run the slow tests too
	@$(BIN)/python -m pytest -q

.PHONY: validate
validate: $(READY) ## Check the contracts in openapi/
	@$(BIN)/tallystick check

.PHONY: models
models: $(READY) ## Generate the models in generated/ again
	@$(BIN)/tallystick models

.PHONY: fuzz
fuzz: $(READY) ## Fuzz the mock under each contract in openapi/
	@set -e; for contract in openapi/*.yaml; do \
	  echo "$$contract"; \
	  $(BIN)/tallystick fuzz $$contract --app mock_server.asgi:app --url http://127.0.0.1/$$(basename $$contract .yaml); \
	done

.PHONY: fmt
fmt: $(READY) ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lint
lint: $(READY) ## Lint, types and import floors
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: check
check: lint validate models-check test ## All that CI runs: lint, types, floors, contracts, drift of the models, tests

.PHONY: models-check
models-check: $(READY) ## Fail if generated/ no longer matches the contracts
	@$(BIN)/tallystick models --check

.PHONY: docs
docs: $(READY) ## Make docs/rules.md from the rule table again
	@PYTHONPATH=tests $(BIN)/python -m tests.test_docs > docs/rules.md

.PHONY: metaschemas
metaschemas: $(READY) ## Take the meta-schemas from the installed openapi-spec-validator again
	@PYTHONPATH=tests $(BIN)/python -m tests.metaschemas

.PHONY: corpus
corpus: $(READY) ## Measure everything on a corpus of real documents (not part of check; takes long)
	@$(BIN)/python -m tests.corpus --steps read,mock,start,check,models,fuzz

.PHONY: bench
bench: $(READY) ## Measure beside the peers, write docs/benchmarks.md (BENCH='--only get,post' for a part)
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: clean
clean: ## Remove the environment and all caches
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist *.egg-info
