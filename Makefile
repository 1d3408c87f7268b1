# Every target works on a clean clone (Debian 12, Python 3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)

.PHONY: help setup demo test coverage check bench faults lock clean mosquitto browser tracing stores

help: ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/ready mosquitto ## The environment in .venv, and Mosquitto where it may

demo: setup ## Everything that is needed, then the demo mill and the dashboard
	$(BIN)/millprint demo $(ARGS)

test: .venv/ready-dev mosquitto browser tracing stores ## Everything that is needed, then all tests
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup $(ARGS)

coverage: .venv/ready-dev mosquitto browser tracing stores ## The tests again, slower, with branch coverage
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

check: .venv/ready-dev ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready-dev mosquitto stores ## Benchmarks: a table, and var/bench.json
	$(BIN)/python -m tests.bench $(ARGS)

faults: .venv/ready-dev mosquitto tracing stores ## Faults injected into real processes: a table, and var/faults.json
	$(BIN)/python -m tests.faults $(ARGS)

lock: .venv/ready-dev ## Lock the versions again
	for extra in collector demo dev; do \
	  more=$$([ $$extra = demo ] && echo "--extra build"); \
	  $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --extra $$extra $$more -o requirements/$$extra.txt || exit 1; \
	done

clean: ## Remove the environment and what runs left behind
	rm -rf .venv var .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/ready: requirements/demo.txt pyproject.toml
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/demo.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/ready-dev: .venv/ready requirements/dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

mosquitto:
	@PATH="$$PATH:/usr/sbin" command -v mosquitto >/dev/null || { \
	  $(SUDO) apt-get install -y -qq --no-install-recommends mosquitto >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends mosquitto; } >/dev/null 2>&1; } || \
	  echo "Mosquitto is not here and could not be installed (apt-get install mosquitto): the demo uses the built-in broker."

browser:
	@command -v chromium >/dev/null || { \
	  $(SUDO) apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; } || \
	  echo "Chromium is not here and could not be installed (apt-get install chromium): the browser tests will fail."

tracing:
	@command -v strace >/dev/null && PATH="$$PATH:/usr/sbin:/sbin" command -v ip >/dev/null || { \
	  $(SUDO) apt-get install -y -qq --no-install-recommends strace iproute2 >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends strace iproute2; } >/dev/null 2>&1; } || \
	  echo "strace or iproute2 is not here and could not be installed (apt-get install strace iproute2): fault rows will fail."

# The packages begin services, which nobody here asked for: the tests start their own.
stores:
	@command -v influxd >/dev/null && command -v victoria-metrics >/dev/null || { \
	  $(SUDO) apt-get install -y -qq --no-install-recommends influxdb victoria-metrics >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends influxdb victoria-metrics; } >/dev/null 2>&1; \
	  for one in influxdb victoria-metrics; do \
	    $(SUDO) service $$one stop >/dev/null 2>&1; $(SUDO) update-rc.d $$one disable >/dev/null 2>&1; done; \
	  command -v influxd >/dev/null && command -v victoria-metrics >/dev/null; } || \
	  echo "InfluxDB or VictoriaMetrics is not here and could not be installed (apt-get install influxdb victoria-metrics): tests of stores will fail."
