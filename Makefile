# Everything a checkout can do. Needs Python 3.11 or newer, make, and a package registry; the rest is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DAGSTER_HOME ?= $(CURDIR)/dagster_home
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint ui dedupe explain replay-quarantine models approve-model previous-model clean clean-all

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

# A stamp per set of dependencies: set-up happens once, and again when the pins change.
$(VENV)/.runtime: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the platform needs (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@echo "Installing what tests and linters need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

setup: $(VENV)/.runtime ## Make the environment in .venv

setup-dev: $(VENV)/.dev ## Make the environment with tests and linters
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.servers.databases

run: setup ## Run the pipeline on the demo company, or on LANDING=folder [AS_OF=date] [CUSTOMERS=n] [JOB=name]
	@$(BIN)/python -m dagster_project.commands run \
		$(if $(LANDING),--landing "$(LANDING)") $(if $(AS_OF),--as-of "$(AS_OF)") \
		$(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(JOB),--job $(JOB))

dedupe: setup ## Find the duplicates in one list: FILE=customers.csv [TRUTH=column] [OUT=folder]
	@test -n "$(FILE)" || { echo "Say which list: make dedupe FILE=customers.csv"; exit 2; }
	@$(BIN)/python -m dagster_project.commands dedupe "$(FILE)" \
		$(if $(TRUTH),--truth "$(TRUTH)") $(if $(OUT),--out "$(OUT)")

explain: setup ## Say why records are one customer or not: A=record_key [B=record_key], or A=golden_id
	@test -n "$(A)" || { echo "Say what: make explain A=record_key B=record_key, or A=golden_id"; exit 2; }
	@$(BIN)/python -m dagster_project.commands explain "$(A)" $(if $(B),"$(B)")

ui: setup ## Dagster's pages on http://localhost:3000
	@$(BIN)/dagster dev --workspace workspace.yaml

lint: setup-dev ## What pre-commit and CI check
	@$(BIN)/pre-commit run --all-files

replay-quarantine: setup ## Load rows in quarantine again after a declaration was mended: [SOURCE=pos.members]
	@$(BIN)/python -m dagster_project.commands replay-quarantine $(if $(SOURCE),--source "$(SOURCE)")

models: setup ## List the linkage models: which is in force, which is held and why
	@$(BIN)/python -m dagster_project.commands models list

approve-model: setup ## Put a linkage model that is held in force: [VERSION=version] [BY=name]
	@$(BIN)/python -m dagster_project.commands models approve \
		$(if $(VERSION),--version "$(VERSION)") $(if $(BY),--by "$(BY)")

previous-model: setup ## Go back to the linkage model that was in force before: [BY=name]
	@$(BIN)/python -m dagster_project.commands models back $(if $(BY),--by "$(BY)")

test: setup-dev ## Run all tests, two files at a time
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

clean: ## Remove what runs made: warehouse, published copy, demo company, caches
	rm -rf data dbt_project/target dbt_project/logs logs .pytest_cache .ruff_cache .hypothesis
	find dagster_home -mindepth 1 ! -name dagster.yaml -delete

clean-all: clean ## Also remove the environment
	rm -rf $(VENV) *.egg-info
