# Every target works on a clean clone (Debian 12, Python 3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
FOR_TESTS := mosquitto browser tracing stores spreadsheet reports shell
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo -n)

.PHONY: help setup demo test long coverage check bench faults lock bundle sbom audit box clean generator $(FOR_TESTS)

help: ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/ready mosquitto ## The environment in .venv, and Mosquitto where it may

demo: setup ## Everything that is needed, then the demo mill and the dashboard
	$(BIN)/millprint demo $(ARGS)

test: .venv/ready-dev $(FOR_TESTS) ## Everything that is needed, then the tests, without those that take long
	$(BIN)/python -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

long: .venv/ready-dev $(FOR_TESTS) generator ## All tests, also those that take long
	MILLPRINT_LONG=1 $(BIN)/python -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

coverage: .venv/ready-dev $(FOR_TESTS) ## The tests again, slower, with branch coverage
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
	for extra in collector server demo dev; do \
	  case $$extra in \
	    server) more="--extra influx --extra pdf --extra postgres" ;; demo) more="--extra build" ;; *) more= ;; \
	  esac; \
	  $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --extra $$extra $$more -o requirements/$$extra.txt || exit 1; \
	done
	printf 'editables\nhatchling\n' | $(BIN)/uv pip compile - --constraint requirements/demo.txt --quiet \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  -o requirements/build.txt
	printf 'openapi-python-client\n' | $(BIN)/uv pip compile - --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header -o requirements/generator.txt
	mkdir -p var && $(BIN)/uv pip compile requirements/server.txt --quiet --universal --python-version 3.11 \
	  --no-emit-index-url --no-header --format pylock.toml -o var/pylock.server.toml
	sed -E -e '/^(sdist|created-by) = /d' -e 's#url = "[^"]*/([^"/]+)"#name = "\1"#g' \
	  -e 's#, upload-time = [^,}]+##g' var/pylock.server.toml > requirements/wheels.server.toml

bundle: .venv/ready-dev ## A folder for a USB stick: install.sh and all it needs, for both processors
	deploy/bundle.sh $(ARGS)

sbom: .venv/ready-dev ## What a box is made of: dist/millprint.cdx.json (CycloneDX)
	$(BIN)/python deploy/sbom.py dist/millprint.cdx.json

audit: .venv/ready-dev ## Known weaknesses of what is locked; asks the Python advisory database
	$(BIN)/uv tool run pip-audit@2.9.0 --strict --require-hashes --disable-pip \
	  --requirement requirements/server.txt $(ARGS)

box: shell ## From a bare Debian to the first reading; upgraded, gone, lost, restored; var/box.json
	$(SUDO) $(BIN)/python -m tests.box $(ARGS)

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

# Debian's packages: what commands they bring, their names, and what it means where they are missing.
GET := $(SUDO) env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends
define debian
@for one in $(1); do PATH="$$PATH:/usr/sbin:/sbin" command -v $$one >/dev/null || missing=1; done; \
[ -z "$$missing" ] || $(GET) $(2) >/dev/null 2>&1 || \
  { $(SUDO) apt-get update -qq && $(GET) $(2); } >/dev/null 2>&1 || \
  echo "One of $(1) is not here and could not be installed (apt-get install $(2)): $(3)."
endef

mosquitto:
	$(call debian,mosquitto,mosquitto,the demo uses the built-in broker)

browser:
	$(call debian,chromium-headless-shell,chromium-headless-shell,the browser tests will fail)

tracing:
	$(call debian,strace ip,strace iproute2,fault rows will fail)

# These start services of their own, which nobody here needs: the tests start theirs.
stores:
	$(call debian,influxd victoria-metrics,influxdb victoria-metrics,the tests of stores will fail)
	$(call debian,pg_ctlcluster,postgresql,the tests of PostgreSQL will fail)
	@command -v systemctl >/dev/null && $(SUDO) systemctl --quiet disable --now influxdb victoria-metrics postgresql 2>/dev/null || true

spreadsheet:
	$(call debian,soffice,libreoffice-calc-nogui,the test that recalculates a workbook will fail)

# It asks for other versions of our own tools, so it has an environment of its own.
generator: .venv/ready-dev requirements/generator.txt
	[ -x .venv/generator/bin/python ] || $(PYTHON) -m venv .venv/generator
	.venv/generator/bin/python -m pip install --quiet --require-hashes -r requirements/generator.txt

# No command of theirs tells that Pango and a Chinese font are there: the library and the font do.
reports:
	@ldconfig -p | grep -q libpangoft2 && fc-list :lang=zh 2>/dev/null | grep -q . || \
	  $(GET) libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-noto-cjk >/dev/null 2>&1 || \
	  echo "Pango or a Chinese font is not here and could not be installed: the tests of PDF reports will fail."

shell:
	$(call debian,shellcheck systemd-analyze debootstrap,shellcheck systemd debootstrap,the tests of deploy/ will fail)
