# Baton: `make` alone says what there is. The work itself is in .ci/ and manage.py.

.DEFAULT_GOAL := help
.PHONY: help install run demo test check clean faults bench

PORT ?= 8000
SPEED ?= 4
COUNT ?= 0
export PORT

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: ## a virtual environment in .venv with what Baton needs
	@.ci/install

run: install ## everything on http://127.0.0.1:8000 until Ctrl-C; PORT=9000 for another port
	@exec .venv/bin/python manage.py run

demo: install ## recorded conversations against a running Baton; SPEED=10 COUNT=5 LOOP=1
	@exec .venv/bin/python manage.py demo --speed $(SPEED) --count $(COUNT) $(if $(LOOP),--loop)

test: ## what touches the database on PostgreSQL, then every test on SQLite; installs what they need
	@.ci/test

faults: ## hurt a Baton in every way and check its whole history; ONLY=name SEEDS=20 OPERATIONS=500 LANES=3 THINK=9 DATABASE=sqlite
	@.ci/install dev && .ci/browser
	@.venv/bin/python -m tests.faults $(if $(ONLY),--only $(ONLY)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(OPERATIONS),--operations $(OPERATIONS)) \
	  $(if $(THINK),--think $(THINK)) $(if $(LANES),--lanes $(LANES)) $(if $(DATABASE),--database $(DATABASE))

bench: ## how fast it is, as ratios to baselines of the same run; ONLY=name for one; figures in var/bench.json
	@.ci/install dev && .ci/browser
	@.venv/bin/python -m tests.benchmarks $(ONLY)

check: ## ruff, mypy, migrations and Django's own checks
	@.ci/check

clean: ## remove the virtual environment and the caches; var/ with your data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
