# Everything a contributor runs. `make` alone lists the targets.
SHELL := /bin/bash
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup parts parts-bench lint types test bench demo lock clean

# The first interpreter that really is Python 3.11 to 3.14; PYTHON=... chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null && echo $$name && break; done)
VENV := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## .venv from the lock file, with digests checked; instant when nothing changed
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 to 3.14 on PATH: install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) scripts/setup.py

parts: setup ## the real programs that the tests run: Vault, PostgreSQL, bubblewrap, sshd, curl, the agent client
	@$(VENV)/python scripts/parts.py ensure

parts-bench: setup ## the peers that the benches measure against
	@$(VENV)/python scripts/parts.py ensure --bench

lint: setup ## ruff, import contracts
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/lint-imports --no-logo

types: setup ## mypy, strict
	@$(VENV)/mypy

test: setup ## parts, lint, types, tests; CI=true turns a missing part into a failure
	@$(VENV)/python scripts/parts.py ensure || [ "$$CI" != true ]
	@$(MAKE) --no-print-directory lint types
	@$(VENV)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

bench: setup ## every figure of SPEC.md, measured here; BENCH="guard scan" chooses
	@$(VENV)/python -m bench $(or $(BENCH),--all)

demo: setup ## the main job on real input, in under a minute after the installs; with Node also the real client
	@! command -v npm >/dev/null || $(VENV)/python scripts/parts.py ensure claude || true
	@$(VENV)/python -m scripts.demo

lock: setup ## requirements.lock again from pyproject.toml; UPGRADE=1 takes newer releases
	@$(VENV)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: ## everything that make made inside this folder; parts stay in the user's cache
	rm -rf .venv build dist .cache .mypy_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
