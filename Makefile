# Two commands are enough: `make demo` and `make test`. Each sets up .venv by itself and is quick when nothing changed.
.DEFAULT_GOAL := help
.PHONY: help install demo test test-all lint check format bench sandbox schema clean

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.installed
# The tests run in several processes; more than four only wait for one another's disks and clocks.
SPREAD := --numprocesses auto --maxprocesses 4 --dist worksteal
PYTEST := -m pytest -q $(if $(SLOW),--durations=5)

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

install: $(STAMP) ## Make .venv with everything the project needs

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (python3 on the PATH)." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (once; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m compileall -q pipeline
	@touch $(STAMP)

demo: install ## Walk through the main job on the embedded sandbox
	@sh sample_data/demo.sh

test: install ## Run the tests (T=path: only these, whatever they need; SLOW=1: and name the slowest five)
	@$(BIN)/python $(PYTEST) $(if $(T),$(T),$(SPREAD) -m "not service")

test-all: install ## Run also those that start Redis, S3, a browser or many processes (MEASURED=1: with the coverage)
ifndef MEASURED
	@EVERY_TEST=1 $(BIN)/python $(PYTEST) $(SPREAD)
else
	@rm -f .coverage .coverage.*
	@EVERY_TEST=1 $(BIN)/coverage run $(PYTEST) $(SPREAD)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
endif

lint: install ## Format, lint, types, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint ## All of that, and every test with the coverage that must be enough
	@$(MAKE) --no-print-directory test-all MEASURED=1

format: install ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: install ## Measure (ratios within one run; not part of the tests)
	@$(BIN)/python -m benchmarks.foundation
	@$(BIN)/python -m benchmarks.reader
	@$(BIN)/python -m benchmarks.phones
	@$(BIN)/python -m benchmarks.pace
	@$(BIN)/python -m benchmarks.upload
	@$(BIN)/python -m benchmarks.export
	@$(BIN)/python -m benchmarks.details
	@$(BIN)/python -m benchmarks.campaign

sandbox: install ## Run the rehearsal copy of the service on port 8765
	@$(BIN)/hmpipe sandbox --field Plan --contacts 20

schema: install ## Write docs/settings.schema.json and docs/settings.md anew
	@$(BIN)/python -m docs.write_settings

clean: ## Remove everything that the targets above made
	@rm -rf .venv .demo .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
