# tallystick: every target installs what it needs into .venv, so a fresh clone needs nothing but Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSTRAINTS := constraints.txt
# Not compiled: much of it is never imported, and the rest is compiled when it is.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint $(CONSTRAINTS)
PYTEST = $(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal
PORT ?= 4010
# Where a machine sets it, each of the many processes of the tests and of the mock compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml $(CONSTRAINTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tallystick needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip # the one that comes with an older Python takes twice as long for the rest
	@$(PIP) --editable '.[all,dev]'
	@touch $@

# What only a release needs: its tools, and an environment of what users get.
RELEASE := $(VENV)-release/.ready
$(RELEASE): pyproject.toml constraints.txt
	@echo "Setting up $(VENV)-release and $(VENV)-runtime ..."
	@$(PYTHON) -m venv $(VENV)-release
	@$(PYTHON) -m venv --without-pip $(VENV)-runtime
	@$(PIP:$(BIN)%=$(VENV)-release/bin%) cyclonedx-bom pip-audit
	@$(VENV)-release/bin/python -m pip --python $(VENV)-runtime install --quiet --disable-pip-version-check --no-compile \
	  --constraint constraints.txt '.[all]'
	@touch $@

.PHONY: mock
mock: $(READY) ## Serve the contracts in openapi/ on 127.0.0.1:4010 (PORT=... for another port)
	@$(BIN)/tallystick mock --port $(PORT)

.PHONY: test
test: $(READY) ## Run the tests
	@$(PYTEST) -m 'not slow'

.PHONY: coverage
coverage: $(READY) ## Run the tests, and say which lines and branches they reach
	@$(PYTEST) -m 'not slow' --cov --cov-report=term:skip-covered

.PHONY: test-slow
test-slow: $(READY) ## Run the slow tests too
	@$(PYTEST)

.PHONY: test-newest
test-newest: ## Run the tests on the newest Python that can be had
	@python=$$(.ci/newest-python) && $(MAKE) --no-print-directory test VENV=.venv-newest PYTHON=$$python

.PHONY: sown
sown: $(READY) ## Sow changes into the real documents, and say what a diff finds of them (TALLYSTICK_CORPUS=... names them)
	@$(BIN)/python -m tests.sown_changes $(ARGS)

.PHONY: learned
learned: $(READY) ## Record our mock's traffic over the real documents, replay it and learn from it (TALLYSTICK_CORPUS=... names them)
	@$(BIN)/python -m tests.learned $(ARGS)

.PHONY: test-browser
test-browser: $(READY) ## Run the tests in a real browser: Debian's chromium (SCREENSHOTS=DIR keeps pictures of the pages)
	@$(PIP) --editable '.[all,dev,browser]'
	@TALLYSTICK_BROWSER=required TALLYSTICK_SCREENSHOTS=$(SCREENSHOTS) $(BIN)/python -m pytest --quiet tests/test_browser*.py

.PHONY: lowest
lowest: ## Run the tests with the lowest versions of its dependencies that pyproject.toml allows
	@mkdir -p build && $(PYTHON) .ci/lowest > build/lowest.txt
	@$(MAKE) --no-print-directory test VENV=.venv-lowest CONSTRAINTS=build/lowest.txt

.PHONY: newest
newest: ## Run the tests with the newest versions of its dependencies that pyproject.toml allows
	@rm -rf .venv-latest && mkdir -p build && : > build/none.txt
	@$(MAKE) --no-print-directory test VENV=.venv-latest CONSTRAINTS=build/none.txt

.PHONY: dist
dist: $(READY) ## Build what is released in dist/: the same bytes from the same commit
	@rm -rf dist
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/hatchling build
	@cd dist && sha256sum *

.PHONY: test-wheel
test-wheel: $(READY) ## Install the wheel into a clean environment, and try there what a user tries first
	@$(BIN)/python .ci/wheel

.PHONY: sbom
sbom: $(RELEASE) ## Write dist/tallystick.cdx.json: what an installation brings along (CycloneDX)
	@mkdir -p dist
	@$(VENV)-release/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
	  --output-file dist/tallystick.cdx.json $(VENV)-runtime/bin/python
	@echo dist/tallystick.cdx.json

.PHONY: audit
audit: $(RELEASE) ## Ask for known vulnerabilities of the versions in constraints.txt (error 3: the database cannot be reached)
	@$(VENV)-release/bin/python .ci/audit $(VENV)-release/bin/pip-audit

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
lint: $(READY) ## Lint, types, import floors and declared dependencies
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry --no-ansi tallystick

.PHONY: check
check: $(READY) ## All that CI runs: lint, types, floors, contracts, drift of the models, tests
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint validate models-check test

.PHONY: models-check
models-check: $(READY) ## Fail if generated/ no longer matches the contracts
	@$(BIN)/tallystick models --check

.PHONY: docs
docs: $(READY) ## Make docs/rules.md from the rule table again, and the JSON Schemas that are published
	@PYTHONPATH=tests $(BIN)/python -m tests.test_docs > docs/rules.md
	@PYTHONPATH=tests $(BIN)/python -m tests.published_schemas

.PHONY: site
site: $(READY) ## Build the documentation's site in build/site
	@$(PIP) --editable '.[all,dev,docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo build/site/index.html

.PHONY: metaschemas
metaschemas: $(READY) ## Take the meta-schemas from the installed openapi-spec-validator again
	@PYTHONPATH=tests $(BIN)/python -m tests.metaschemas

.PHONY: vendored
vendored: $(READY) ## Fetch what the page in the browser stands on again, from npm by name and version
	@PYTHONPATH=tests $(BIN)/python -m tests.vendored

.PHONY: corpus
corpus: $(READY) ## Measure everything on a corpus of real documents (not part of check; takes long)
	@$(BIN)/python -m tests.corpus --steps read,mock,start,check,models,verdicts,fuzz

.PHONY: clients
clients: $(READY) ## Call mocks of real documents with their vendors' official clients (not part of check)
	@$(BIN)/python -m tests.clients $(CLIENTS)

.PHONY: stateful
stateful: $(READY) ## Measure over HTTP what the mock remembers, on the corpus (not part of check; STATEFUL='petstore' for a part)
	@$(BIN)/python -m tests.stateful $(STATEFUL)

.PHONY: replicas
replicas: $(READY) ## Measure mocks that share what they remember: Redis, SQLite, sessions, reloads (not part of check; REPLICAS='--share 0.1')
	@PYTHONPATH=tests $(BIN)/python -m tests.replicas $(REPLICAS)

.PHONY: hostile
hostile: $(READY) ## Try hostile documents, requests, servers and kills (not part of check; HOSTILE='--steps servers' for a part)
	@$(BIN)/python -m tests.hostile $(HOSTILE)

.PHONY: proxied
proxied: $(READY) ## Compare 10,000 odd exchanges by proxy with direct ones (not part of check; PROXIED='--count 1000')
	@PYTHONPATH=tests $(BIN)/python -m tests.proxied $(PROXIED)

.PHONY: defects
defects: $(READY) ## Measure which defects of two servers a fuzz run finds, beside st run (not part of check; DEFECTS='--seeds 10')
	@$(BIN)/python -m tests.defects $(DEFECTS)

.PHONY: bench
bench: $(READY) ## Measure beside the peers, write docs/benchmarks.md (BENCH='--only get,post' for a part)
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: clean
clean: ## Remove the environment and all caches
	@rm -rf .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist *.egg-info
