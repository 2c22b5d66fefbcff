# The commands of this repository; `make` alone lists them.
# PYTHON=python3.12 chooses the interpreter of .venv; without it any that fits is found.

.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
MEMBERS := $(wildcard */pyproject.toml */*/pyproject.toml)
SOURCES := shared/src services/*/src cli/src examples/*/src tests
OPTIONS = $(if $(REPO),--repo '$(REPO)') $(if $(PORT),--port $(PORT)) $(if $(DATA),--data '$(DATA)')

export UV_PYTHON_DOWNLOADS := never
# Many processes are started: a module is compiled once, not in each of them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo
demo: setup ## Try it: everything in one process (REPO=path/to/git/repository PORT= DATA=)
	@$(BIN)/gitploy demo $(OPTIONS)

.PHONY: test
test: setup-all ## Run all tests, several at a time, or those below T=path
	@$(BIN)/pytest $(or $(T),-n auto)

.PHONY: up
up: setup system ## Run each service as its own process, on RabbitMQ and PostgreSQL
	@$(BIN)/gitploy up $(OPTIONS)

.PHONY: bench
bench: setup-all ## Measure, and print the figures of docs/performance.md
	@$(BIN)/python -m tests.benchmarks

.PHONY: lint
lint: dev ## Check style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports

.PHONY: fmt
fmt: dev ## Format the code and mend what can be mended without thinking
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: setup
setup: .venv/setup ## Install what the demo needs; nothing of the system
	@$(MAKE) -s assets || \
		echo "Without it the page /docs/api is missing, and nothing else." >&2

.PHONY: setup-all
setup-all: dev assets system schemas ## Install what the tests need, RabbitMQ and PostgreSQL included

.PHONY: assets
assets: .venv/assets ## Install what browsers get: packages of npm

.PHONY: lock
lock: setup ## Resolve the dependencies anew and write the locks
	@scripts/lock.sh

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: dev system schemas
dev: .venv/setup-dev

system: setup
	@scripts/system.sh

schemas: dev
	@scripts/schemas.sh

# The stamps make a second set-up free. A chosen interpreter is always compared.
.venv/setup: requirements.lock $(MEMBERS) scripts/setup.sh $(if $(PYTHON),choice)
	@PYTHON='$(PYTHON)' scripts/setup.sh requirements.lock
	@touch $@

.venv/setup-dev: requirements-dev.lock .venv/setup
	@scripts/setup.sh requirements-dev.lock
	@touch $@

.venv/assets: services/api-gateway/package-lock.json scripts/assets.sh .venv/setup
	@scripts/assets.sh
	@touch $@

.PHONY: choice
choice:
