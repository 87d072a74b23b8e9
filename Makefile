# Every task of the project. `make` alone lists them; each runs what it needs first.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
# Modules are compiled once and kept, whatever the shell says: where it forbids that, as images of Python do, each worker
# of the tests compiles 2,200 of them and rewrites our 227 anew, 15 s.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
UNIT := not integration and not e2e and not faults
# A file stays with one worker, for its servers; which file comes first, tests/conftest.py says.
WORKERS := --dist loadfile --no-loadscope-reorder
FORMAT_POM := flink_jobs/format/pom.xml
LOCK = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 $(if $(UPGRADE),--upgrade)

DEMO = $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') $(if $(SPEED),--speed '$(SPEED)') \
	$(if $(SOURCE),--source '$(SOURCE)') $(if $(LANGUAGE),--language '$(LANGUAGE)') $(if $(filter-out 0 no,$(KEEP)),--keep)

# One JDK for Maven, the brokers and Flink alike.
ifneq ($(JAVA_HOME),)
export PATH := $(JAVA_HOME)/bin:$(PATH)
else
# Set and empty, PyFlink would take it for a folder.
unexport JAVA_HOME
endif

.PHONY: help
help: ## list every task
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: preflight
preflight: ## say what this machine lacks, all at once, and the way to get it
	@sh requirements/preflight.sh >/dev/null && echo "this machine has all that Semaforo needs"

.PHONY: environments
environments:
	@python=$$(sh requirements/preflight.sh) && \
	sh requirements/environment.sh .venv "$$python" requirements/dev.txt requirements/setup.txt && \
	sh requirements/environment.sh .venv-cloud "$$python" requirements/cloud.txt

.PHONY: setup
setup: environments ## make both environments, fetch the brokers' jars, build the job's jar
	@$(PY) -c 'from deploy.local import jars, job; jars.kafka_jars(); job.environment()'

.PHONY: demo
demo: setup ## real flights become alerts; FROM=2013-02-07 TO=2013-02-10 SPEED=… SOURCE=replay|simulator LANGUAGE=en|es KEEP=1
	@$(PY) -m deploy demo $(DEMO)

.PHONY: history
history: setup ## a replay, all of it kept: raw, clean, star, report; FROM=… TO=… SPEED=… BOOKINGS=… LANGUAGE=en|es KEEP=1
	@$(PY) -m deploy history $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') $(if $(SPEED),--speed '$(SPEED)') \
		$(if $(BOOKINGS),--bookings '$(BOOKINGS)') $(if $(LANGUAGE),--language '$(LANGUAGE)') $(if $(filter-out 0 no,$(KEEP)),--keep)

.PHONY: app
app: setup ## the app on real flights, replayed first unless a stack is up; APP_PORT=8055, LANGUAGE=en|es and what demo takes
	@$(PY) -m deploy local status >/dev/null 2>&1 || $(PY) -m deploy demo --keep $(filter-out --keep,$(DEMO))
	@eval "$$($(PY) -m deploy local env)" && SEMAFORO_APP_LANGUAGE=$(if $(filter es%,$(LANGUAGE)),es,en) \
		$(PY) -m streamlit_app $(if $(APP_PORT),--port '$(APP_PORT)')

.PHONY: screenshots
screenshots: setup ## the pictures of the app in the README, taken by a browser of the stack that is up
	@eval "$$($(PY) -m deploy local env)" && $(PY) -m tests.screenshots docs

.PHONY: local-up
local-up: setup ## start brokers, local cloud and KPI job in the background
	@$(PY) -m deploy local up

.PHONY: local-down
local-down: environments ## stop them all
	@$(PY) -m deploy local down

.PHONY: check
check: environments ## style, types, contracts, rules and what attackers like, without running the system
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	@# mypy takes a core for a minute; the others have the second one meanwhile
	.venv/bin/mypy . & types=$$!; \
	$(PY) -m schemas check && $(PY) -m rules check && $(PY) -m rules test && \
	.venv/bin/bandit --quiet --configfile pyproject.toml --recursive .; others=$$?; \
	wait $$types && exit $$others

.PHONY: audit
audit: environments ## the locks against the database of known holes, where it can be reached; exit code 2 where it cannot
	@$(PY) -m tests.audit

.PHONY: test
test: environments ## all of it: what CI runs, a quarter of an hour from nothing
	@# what is built, and the tests of the format, take the core that types leave free
	@mkdir -p build && $(MAKE) setup format-test >build/format-test.log 2>&1 & format=$$!; \
	$(MAKE) check; style=$$?; wait $$format; format=$$?; cat build/format-test.log; exit $$(( style || format ))
	@$(MAKE) unit integration

.PHONY: unit
unit: setup ## tests that start no server, about a minute; ARGS='-k lights' picks some
	$(PY) -m pytest -n 2 $(WORKERS) --timeout 120 -m '$(UNIT)' --ignore tests/integration $(ARGS)

.PHONY: format-test
format-test: setup ## the Java tests of the job's Avro format
	mvn -B -ntp -f $(FORMAT_POM) test

.PHONY: integration
integration: setup ## tests that start real brokers, the local cloud and Flink
	@# three, though cores are two: they wait for servers, and for the times that a test is about
	$(PY) -m pytest -n 3 $(WORKERS) -m '(integration or e2e) and not faults' tests/integration $(ARGS)

.PHONY: faults
faults: setup ## long campaigns of faults and of training; FAULT_ROUNDS=40 FAULT_SEED=7 choose other rounds
	$(PY) -m pytest -m faults --ignore tests/warehouse/test_airflow.py $(ARGS)

.PHONY: airflow-test
airflow-test: setup ## parse the DAG with a real Airflow, in an environment of its own below build/
	@test -x build/venv-airflow/bin/python || .venv/bin/uv venv --quiet --python $(PY) build/venv-airflow
	sh requirements/environment.sh build/venv-airflow "$$(sh requirements/preflight.sh)" requirements/airflow.txt
	$(PY) -m pytest -m faults tests/warehouse/test_airflow.py $(ARGS)

.PHONY: mutation
mutation: environments ## the share of changes to the rules' code that a test notices; SAMPLE=400 SEED=1 draws some, MINUTES=10 stops
	nice -n 19 $(PY) -m tests.mutation $(if $(SAMPLE),--sample '$(SAMPLE)') $(if $(SEED),--seed '$(SEED)') \
		$(if $(MINUTES),--minutes '$(MINUTES)')

.PHONY: bench
bench: setup ## the benchmarks; each checks its outputs before a time counts
	$(PY) -m bench latency
	$(PY) -m bench kpi-job
	$(PY) -m bench rules
	$(PY) -m bench semaforo
	$(PY) -m bench lights
	$(PY) -m bench tune-rules
	$(PY) -m bench history
	$(PY) -m bench history --year
	$(PY) -m bench simulation
	$(PY) -m bench actions
	$(PY) -m bench advice
	$(PY) -m bench partition
	$(PY) -m bench unusual
	$(PY) -m bench app

.PHONY: lock
lock: environments ## compile requirements/*.in into hashed locks; UPGRADE=1 takes the newest versions
	$(LOCK) requirements/setup.in -o requirements/setup.txt
	$(LOCK) requirements/build.in -o requirements/build.txt
	$(LOCK) requirements/cloud.in -o requirements/cloud.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/lambda.in -c requirements/dev.txt -o requirements/lambda.txt
	$(LOCK) requirements/flink-zip.in -c requirements/dev.txt -o requirements/flink-zip.txt
	$(LOCK) requirements/glue.in -c requirements/dev.txt -o requirements/glue.txt
	$(LOCK) requirements/airflow.in -o requirements/airflow.txt
	$(LOCK) requirements/feeds.in -c requirements/dev.txt -o requirements/feeds.txt

.PHONY: clean
clean: ## remove what was built and what tools cached; the environments stay
	@if [ -x $(PY) ] && [ -d .local ]; then $(PY) -m deploy local down; fi
	rm -rf .local build cdk.out mutants flink_jobs/format/target .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv*' -exec rm -rf {} +

.PHONY: clean-all
clean-all: clean ## the environments too
	rm -rf .venv .venv-cloud
