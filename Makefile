# Parley: one command runs it (`make demo`), one tests it (`make test`). All tools live in $(VENV), pinned by uv.lock.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell scripts/find_python)
VENV ?= .venv
PORT ?= 8080
DATA ?= ./parley-data
BACKENDS ?= .backends
BROKERS ?= 1
CLUSTER ?= .cluster
PROVIDER ?= auto
IMAGES ?= .images
LOGS ?= cluster-logs
PYTEST_ARGS ?=
RESULTS ?= docs/measurements/bench.json
READY := $(VENV)/.ready
BIN := $(VENV)/bin
# Some machines forbid Python to keep compiled modules: then each of the hundreds of processes that tests start compiles
# thousands of them again, which takes longer than all else that it does to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up down test test-python test-operator test-peers faults check format docs docs-site golden crd clean backends backends-down backends-status \
  backends-logs demo-real faults-real bench bench-full bench-stages bench-operator cluster cluster-down cluster-status cluster-logs cluster-backends \
  images load

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(READY) ## Make the virtual environment with everything pinned

$(READY): pyproject.toml uv.lock scripts/setup
	@scripts/setup "$(PYTHON)" "$(VENV)"
	@touch $@

demo: $(READY) ## Run the whole platform here: make demo PORT=8080 DATA=./parley-data
	@exec $(BIN)/parley dev --port "$(PORT)" --data "$(DATA)"

up: $(READY) ## Bring up a cluster with everything, until two people chat on it
	@scripts/install_servers || true
	@scripts/install_cluster || true
	@$(BIN)/python -m e2e.installation up --folder "$(CLUSTER)" --images "$(IMAGES)"

down: ## Take that cluster down, with everything in it
	@if [ -d "$(CLUSTER)" ]; then $(BIN)/python -m e2e.installation down --folder "$(CLUSTER)"; fi

backends: $(READY) ## Start real Kafka, Cassandra and Redis on free loopback ports: make backends BROKERS=3
	@scripts/install_servers || true
	@$(BIN)/python -m e2e.backends up --folder "$(BACKENDS)" --brokers "$(BROKERS)"

backends-down: $(READY) ## End them, and remove their data
	@$(BIN)/python -m e2e.backends down --folder "$(BACKENDS)"

backends-status: $(READY) ## Say which of them run, and where
	@$(BIN)/python -m e2e.backends status --folder "$(BACKENDS)"

backends-logs: $(READY) ## Show the ends of their logs
	@$(BIN)/python -m e2e.backends logs --folder "$(BACKENDS)"

demo-real: $(READY) ## Run every role as a process on these servers, behind one port: make demo-real PORT=8080
	@exec $(BIN)/python -m e2e.platform --folder "$(BACKENDS)" --port "$(PORT)"

cluster: $(READY) ## Bring up a Kubernetes: make cluster PROVIDER=auto|kind|host|existing (first time on a host about 10 minutes)
	@[ "$(PROVIDER)" = kind ] || [ "$(PROVIDER)" = existing ] || scripts/install_cluster || true
	@$(BIN)/python -m e2e.cluster up --folder "$(CLUSTER)" --provider "$(PROVIDER)"

cluster-down: $(READY) ## End it, and leave the machine as it was
	@$(BIN)/python -m e2e.cluster down --folder "$(CLUSTER)"

cluster-status: $(READY) ## Show its nodes, pods and ports
	@$(BIN)/python -m e2e.cluster status --folder "$(CLUSTER)"

cluster-logs: $(READY) ## Collect what tells what happened: make cluster-logs LOGS=cluster-logs
	@$(BIN)/python -m e2e.cluster logs "$(LOGS)" --folder "$(CLUSTER)"

cluster-backends: $(READY) ## Give it Kafka, CQL and Redis, and show where pods find them
	@scripts/install_servers || true
	@$(BIN)/python -m e2e.cluster backends --folder "$(CLUSTER)"

images: $(READY) ## Build the images of services and operator, with docker, podman or buildah
	@scripts/install_cluster || true
	@$(BIN)/python -m e2e.images --folder "$(IMAGES)"

load: $(READY) ## Load the images into the cluster
	@$(BIN)/python -m e2e.cluster load $(IMAGES)/*.tar --folder "$(CLUSTER)"

test: $(READY) ## Run every test; without Chromium the browser tests are left out, and said so
	@scripts/test "$(BIN)" $(PYTEST_ARGS)

test-python: ## Run the tests that are quick and need no browser, cluster, servers or faults on another Python: make test-python PYTHON=python3.13
	@$(MAKE) --no-print-directory setup VENV=.venv-$(notdir $(PYTHON)) PYTHON=$(PYTHON)
	@.venv-$(notdir $(PYTHON))/bin/pytest -n 2 -m "not browser and not fault and not servers and not slow and not cluster" $(PYTEST_ARGS)

test-operator: $(READY) ## Run the tests of the operator, on a real Kubernetes with real servers
	@scripts/test "$(BIN)" operator/tests e2e/tests/operator $(PYTEST_ARGS)

test-peers: $(READY) ## Run the tests of the products that benchmarks compare with, on real ones
	@scripts/install_servers || true
	@scripts/install_peers || true
	@$(BIN)/pytest -m peers e2e/tests/bench $(PYTEST_ARGS)

faults: $(READY) ## Run the long fault campaign and write docs/fault-report.md (some minutes)
	@mkdir -p docs; PYTHONPATH=services:. $(BIN)/python -m tests.faults.campaign --report docs/fault-report.md

faults-real: $(READY) ## Run the long fault campaign on real servers and write docs/fault-report-real.md (about 15 minutes)
	@mkdir -p docs; PYTHONPATH=services:. $(BIN)/python -m tests.faults.distributed --report docs/fault-report-real.md

bench: $(READY) ## Measure Parley beside Prosody, ejabberd, Synapse and Centrifugo, and write docs/benchmarks.md (about 10 minutes)
	@scripts/install_servers || true
	@scripts/install_peers || true
	@$(BIN)/python -m e2e.bench measure --results "$(RESULTS)"
	@$(BIN)/python -m e2e.bench page --results "$(RESULTS)"

bench-full: $(READY) ## The same with longer runs, more people and more load (hours)
	@scripts/install_servers || true
	@scripts/install_peers || true
	@$(BIN)/python -m e2e.bench measure --full --results "$(RESULTS)"
	@$(BIN)/python -m e2e.bench page --results "$(RESULTS)"

bench-stages: $(READY) ## Measure every stage, alone and together, and write docs/benchmark-stages.md (about 6 minutes)
	@scripts/install_servers || true
	@$(BIN)/python -m e2e.bench.stages --page docs/benchmark-stages.md --measurements docs/measurements/stages.json

bench-operator: $(READY) ## Measure the operator with 300 ChatClusters and write docs/benchmark-operator.md (about 10 minutes)
	@scripts/install_cluster || true
	@PYTHONPATH=services:. $(BIN)/python -m e2e.operator_bench --page docs/benchmark-operator.md

check: $(READY) ## Check format, lint, types and layers
	@echo "format"; $(BIN)/ruff format --check .
	@echo "lint";   $(BIN)/ruff check .
	@echo "types";  $(BIN)/mypy
	@echo "layers"; $(BIN)/lint-imports

format: $(READY) ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

golden: $(READY) ## Write again what becomes of the example ChatClusters (operator/tests/golden)
	@$(BIN)/python operator/tests/golden_files.py
	@$(BIN)/python -m parley_operator.cli.install.chart_files chart

crd: $(READY) ## Write crds/ again from the model
	@$(BIN)/parley-operator crd > crds/chatclusters.yaml
	@cp crds/chatclusters.yaml chart/files/chatclusters.yaml

docs: $(READY) ## Make the generated pages of docs/ again
	@$(BIN)/python -m parley.cli.documents
	@$(BIN)/parley-operator reference > docs/operator-reference.md
	@$(BIN)/python -m e2e.chart.reference
	@$(BIN)/python -m parley_operator.cli.reference.definition_reference > docs/reference/chatcluster.md
	@$(BIN)/parley-operator size --figures --output json > docs/javascripts/sizing-constants.json

docs-site: $(READY) ## Build the documentation as a site, strictly, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean: ## Remove environments and caches; data stays
	@rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: scaling scaling-check
scaling: $(READY) ## Make docs/scaling.md again from docs/measurements/; simulates where costs have changed
	@$(BIN)/python -m e2e.scaling costs
	@$(BIN)/python -m e2e.scaling simulate
	@$(BIN)/python -m e2e.scaling page

scaling-check: $(READY) ## Check the simulations against small real runs, and measure what connections cost (about 5 minutes)
	@scripts/install_servers || true
	@$(BIN)/python -m e2e.scaling check
