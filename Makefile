# Every chore of the house, one wish each. `make help` lists them; ARGS="…" is passed on to the command behind.

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
READY := .venv/.ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test soak bench lint schema lock clean

help: ## list the wishes
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## set up what is missing, then serve, with demo data
	@exec .venv/bin/python server.py serve $(ARGS)

test: $(READY) ## every rule and a slice of each long test
	@.venv/bin/python -m pytest -n auto --dist worksteal -m "not soak" $(ARGS)

soak: $(READY) ## the long tests
	@.venv/bin/python -m pytest -m soak $(ARGS)

bench: $(READY) ## measure beside PostGraphile, plain Strawberry and hand-written SQL; see bench/README.md
	@.venv/bin/python -m bench $(ARGS)

lint: $(READY) ## style, types, and who may import whom
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

schema: $(READY) ## write schema.graphql and docs/papers.md anew
	@.venv/bin/python server.py schema $(ARGS)
	@.venv/bin/python server.py papers $(ARGS)

lock: ## write requirements.lock anew; ARGS=--upgrade for newer versions
	$(need-python)
	@rm -rf var/lock
	@$(PYTHON) -m venv var/lock
	@var/lock/bin/python -m pip install --quiet uv
	@var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes \
		--no-emit-index-url --no-header --no-annotate $(ARGS) pyproject.toml -o requirements.lock
	@rm -rf var/lock

clean: ## remove all that can be made again; the data in var/ stay
	@rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp comes last: a set-up that was interrupted is done again.
$(READY): requirements.lock pyproject.toml
	$(need-python)
	@rm -f $@
	@echo "Setting up .venv with $(PYTHON); the first time takes about 40 seconds."
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	@.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

define need-python
@test -n "$(PYTHON)" || { echo "Tradegraph needs Python 3.11 or newer with venv (on Debian: apt install python3-venv); or name one: make PYTHON=…" >&2; exit 1; }
endef
