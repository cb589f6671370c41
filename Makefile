# Every target works on a fresh machine: the first one that needs it makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
KEDRO := $(BIN)/python -m kedro
RUN_ARGS ?=
TEST_ARGS ?=
AIRFLOW_ARGS ?=
export MLFLOW_DISABLE_TELEMETRY := true

.DEFAULT_GOAL := help
.PHONY: help train test coverage bench lint format models promote rollback remove serve airflow viz viz-build ui clean

help: ## show what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

train: $(READY) ## train, evaluate and register a classifier; RUN_ARGS="--env=trec" for another corpus
	$(KEDRO) run --pipeline=train $(RUN_ARGS)

test: $(READY) ## run the tests, two files at a time; TEST_ARGS="tests/functional -x" for some of them
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile $(TEST_ARGS)

coverage: $(READY) ## run the tests and tell which lines none of them reaches
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered $(TEST_ARGS)

bench: $(READY) ## measure speed and memory, print one table and write it to data/08_reporting/bench.csv
	$(BIN)/python benchmarks/bench.py

lint: $(READY) ## ruff, mypy, import-linter and whether what is installed is what is locked
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.robustness.dependency_audit

format: $(READY) ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

viz: $(READY) ## open the lineage in the browser
	$(KEDRO) viz run

viz-build: $(READY) ## write the lineage with previews as a static site into build/
	$(KEDRO) viz build --include-previews
	@# The page would ask an outside server for a font; it has one of its own.
	@sed -i.bak '/fonts\.g/d' build/index.html && rm build/index.html.bak

models: $(READY) ## list the registered versions and which is champion
	@$(KEDRO) models

promote: $(READY) ## make a version champion: make promote VERSION=3
	@$(KEDRO) promote $(VERSION)

rollback: $(READY) ## make the champion before this one champion again
	@$(KEDRO) rollback

remove: $(READY) ## delete a version and its files for good: make remove VERSION=2
	@$(KEDRO) remove $(VERSION)

serve: $(READY) ## answer over HTTP on 127.0.0.1:5001 with the champion
	$(KEDRO) serve

airflow: $(READY) ## write pipeline train as an Airflow DAG into airflow_dags/; AIRFLOW_ARGS="--env=trec"
	$(KEDRO) airflow create --pipelines=train --group-by=namespace --jinja-file=deploy/airflow_dag.j2 $(AIRFLOW_ARGS)

ui: $(READY) ## open MLflow on the project's database
	@# MLflow opens an experiment on its page for language models unless the address says otherwise.
	@echo "The project's runs: http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning"
	$(BIN)/mlflow ui --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1

clean: ## remove the environment and caches; data and tracked runs stay
	rm -rf $(VENV) mutants .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .viz build

# An environment does not work from another folder than it was made in: make it anew after a move.
MOVED := $(shell [ ! -s $(READY) ] || [ "$$(cat $(READY))" = "$(CURDIR)" ] || echo FORCE)
FORCE:

# torch goes first and by itself: with it in place nothing later pulls another build of it.
$(READY): requirements.lock pyproject.toml $(MOVED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or newer is needed; set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(if $(MOVED),--clear) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.lock)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@echo "$(CURDIR)" > $@
