# Python from the system, everything else from .venv, which every command sets up when it is missing or out of date.
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run start test check fuzz bench format clean environment samples
# Every target stands for a command; none is worth running beside another.
.NOTPARALLEL:

# Passed on through the environment, taken literally: a file name may hold spaces, quotes and dollar signs, and neither
# make nor a shell reads them again.
override FILE := $(value FILE)
override OUT := $(value OUT)
override OPTIONS := $(value OPTIONS)
export FILE OUT OPTIONS

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: environment samples ## profile sample_data/orders.csv, or FILE=path, into out/, or OUT=dir; OPTIONS='{"chunk_bytes": 65536}'
	@$(PY) -m fanfold run

start: environment ## run the app and keep it running: HTTP 7071, storage 10000 and 10001; Ctrl-C stops it
	@trap : INT; $(PY) -m local_host start --app . --create-storage || [ $$? -eq 130 ]

test: environment ## run every test that needs neither Docker nor the cloud; ARGS='-k name' goes to pytest
	@$(PY) -m pytest -n 3 --dist loadfile -m "not long" $(if $(CI),-p tests.no_skips) $(ARGS)

check: environment ## check format, lint, types and import contracts
	@$(PY) -m ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy
	@$(PY) $(dir $(PY))lint-imports

format: environment ## put the code into the form that make check wants
	@$(PY) -m ruff format --quiet .
	@$(PY) -m ruff check --quiet --fix .

fuzz: environment ## look for bytes that are read wrongly, led by coverage, for FUZZ_SECONDS=180; Linux on x86-64
	@$(PY) -m pytest -m long -s tests/fuzz $(ARGS)

bench: environment samples ## run the benchmarks; ARGS='name ...' chooses some of them
	@$(PY) -m benchmarks $(ARGS)

clean: ## remove what these commands set up; your out/ and .local/ stay
	@rm -rf .venv .venv.lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis sample_data/orders.csv
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@sh scripts/python scripts/environment.py

samples: sample_data/orders.csv

sample_data/orders.csv: sample_data/make_samples.py
	@$(PY) sample_data/make_samples.py && touch $@
