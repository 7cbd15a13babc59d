# CS Portal. `make help` lists what can be done here.
#
# Variables (as in `PORT=9000 make run`):
#   HOST, PORT, SHOP_PORT   where the console and the demo shop listen (127.0.0.1, 8000, PORT + 1)
#   DATABASE_URL, REDIS_URL PostgreSQL and Redis instead of the embedded SQLite and files
#   CS_PORTAL_VAR           where data, models and logs are kept (var); MODELS_DIR for the models alone
#   TORCH_PIP_ARGS          arguments for pip when it installs torch. On Linux pip's default is the CUDA build of several
#                           GB; without a GPU pass --index-url and the address of PyTorch's CPU index, which
#                           PyTorch's "Get started" page shows
#   PYTHON                  the Python 3.11 to make the environment with
#   UP_ARGS, PYTEST_ARGS, BENCH_ARGS   passed on

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
VAR := $(or $(CS_PORTAL_VAR),var)
MODELS := $(or $(MODELS_DIR),$(VAR)/models)
PY := .venv/bin/python
TEST_WORKERS ?= 2
export TORCH_PIP_ARGS

RUN_STAMP := .venv/.installed-run
DEV_STAMP := .venv/.installed-dev
MODELS_STAMP := $(MODELS)/.installed

.PHONY: help run env dev models test check fmt lock bench screenshots messages clean

help: ## List the targets and the variables they honour
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo
	@sed -n '/^# Variables/,/^$$/s/^# \{0,1\}//p' Makefile

run: env models ## Install what is missing and start the console, its workers and the demo shop
	@exec $(PY) manage.py up $(UP_ARGS)

env: $(RUN_STAMP) ## Create the environment (.venv) with hash-locked dependencies

models: $(MODELS_STAMP) ## Install the default models

dev: $(DEV_STAMP) ## Add what tests and checks need to the environment

test: dev ## Run the whole test suite
	@OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(PY) -m pytest -n $(TEST_WORKERS) --dist loadfile $(PYTEST_ARGS)

check: dev ## Lint, types, templates, import contracts, migrations, translations
	@scripts/check.sh

fmt: dev ## Format Python and templates
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .
	@$(PY) -m djlint templates --reformat --quiet || true

lock: dev ## Resolve requirements/*.in anew into hash-locked requirements/*.lock
	@scripts/lock.sh

bench: dev ## Drive the running product with real input and print what it did (see bench/)
	@$(PY) bench/real_input.py $(BENCH_ARGS)

screenshots: dev ## Take the pictures of the README and the guide from a product of its own (needs Chromium)
	@$(PY) scripts/screenshots.py $(SCREENSHOT_ARGS)

messages: dev ## Collect translatable texts into locale/ (needs gettext) and compile them
	@$(PY) manage.py collectmessages

clean: ## Remove caches and collected files; data, models and the environment stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/bin/python:
	@scripts/preflight.sh "$(PYTHON)"
	@echo "Creating the environment in .venv …"
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }

$(RUN_STAMP): requirements/bootstrap.lock requirements/base.lock scripts/install.py | .venv/bin/python
	@echo "Installing dependencies (several minutes the first time) …"
	@$(PY) scripts/install.py run
	@touch $@

$(DEV_STAMP): requirements/dev.lock scripts/install.py $(RUN_STAMP)
	@echo "Installing the tools for tests and checks …"
	@$(PY) scripts/install.py dev
	@touch $@

$(MODELS_STAMP): $(wildcard bots/models*) $(RUN_STAMP)
	@echo "Installing the default models …"
	@$(PY) -m bots.models install --to $(MODELS)
	@touch $@
