# install, run, test, lint, bench: the five things that others script against (docs/commands.md).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export UV_NO_PROGRESS := 1

.PHONY: install run test lint bench train services services-stop lock clean

install: $(VENV)/.run

run: $(VENV)/.run
	@exec $(BIN)/rasoat review --demo

test: $(VENV)/.dev
	@scripts/test.sh

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev
	$(BIN)/python -m bench.run

train: $(VENV)/.train
	$(BIN)/rasoat train

# the real Elasticsearch and PostgreSQL on loopback, for tests and for trying out (docs/shared.md)
services: $(VENV)/.dev
	@scripts/need-services.sh
	@$(BIN)/python -m scripts.services start

services-stop: $(VENV)/.dev
	@$(BIN)/python -m scripts.services stop

# uv itself comes from the lock, hashes checked; nothing outside the checkout is written but its download cache
$(BIN)/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rà Soát needs Python 3.11 or later; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Preparing $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# `pip install` and not `pip sync`: `make run` after `make test` must not remove what the tests need
$(VENV)/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing what tests and lint need …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

# torch, for training alone: neither `make run` nor serving needs it
$(VENV)/.train: $(VENV)/.run requirements/train.txt
	@echo "Installing what training needs …"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/train.txt
	@touch $@

LOCK = $(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --only-binary :all: --generate-hashes --no-emit-index-url --no-annotate
lock: $(BIN)/uv
	$(LOCK) --custom-compile-command "make lock" --extra flows --extra shared --extra build --extra dev --extra train pyproject.toml -o requirements/dev.txt
	$(LOCK) --custom-compile-command "make lock" --extra flows --extra shared --extra build -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(LOCK) --custom-compile-command "make lock" --extra flows --extra shared --extra build --extra train -c requirements/dev.txt pyproject.toml -o requirements/train.txt
	$(LOCK) --custom-compile-command "make lock" requirements/uv.in -o requirements/uv.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache tests/artefacts
