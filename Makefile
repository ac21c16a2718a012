# The commands of this project; each sets up what it needs. Options go into ARGS:
#   make demo ARGS=--reset      make test ARGS="tests/cases -k route"
ARGS ?=
WORKERS ?= 2
PYTHON ?=
PY = .venv/bin/python
# Pages in tests are drawn with our own Chinese font, whatever this machine has; the browser's driver
# finds there what a small system lacks.
TEST_ENV = FONTCONFIG_FILE="$(CURDIR)/.cache/fonts/fonts.conf" \
	LD_LIBRARY_PATH="$(CURDIR)/.cache/driver$${LD_LIBRARY_PATH:+:$$LD_LIBRARY_PATH}" $(IN_MEMORY)
# No test cuts the power, so nothing need reach a disk: waiting for one was a third of what they took.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 {print "TMPDIR=/dev/shm"}')

# What one process has compiled is kept for the next, also where the environment says not to: a run
# of the tests starts some hundred, and compiling cost each more than its start.
export PYTHONDONTWRITEBYTECODE =

.NOTPARALLEL:
.PHONY: help setup demo test proof tour lint bench browser lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

setup: .venv/ready ## .venv with everything locked, and .venv/bin/doorstep
	@:

.venv/ready: requirements.lock deploy/setup.sh deploy/launcher.sh
	@PYTHON="$(PYTHON)" sh deploy/setup.sh

demo: setup ## central and three points on this machine, with every matter
	@.venv/bin/doorstep demo $(ARGS)

browser: setup ## a Chromium and a Chinese font for the tests
	@$(TEST_ENV) $(PY) tests/browser/get_chromium.py

test: setup ## every check and every test
	@$(MAKE) --no-print-directory proof & proof=$$!; \
	$(MAKE) --no-print-directory lint browser && wait $$proof && \
	$(TEST_ENV) $(PY) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

proof: setup ## a minute of fresh seeds of the simulation
	@$(PY) doorstep.py simulate --couch memory --points 4 --seconds 30
	@$(PY) doorstep.py simulate --seconds 30

tour: setup browser ## the pictures of README.md and docs/tour.md anew, from the running program
	@$(TEST_ENV) DOORSTEP_TOUR=1 $(PY) -m pytest -q tests/browser/test_journey.py tests/browser/test_tour.py $(ARGS)

lint: setup ## style, format, types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

bench: setup browser ## how fast it is here
	@$(PY) -m pytest -q -s -n 0 -o python_files='bench_*.py' --timeout 900 tests/benchmarks
	@$(TEST_ENV) $(PY) -m tests.benchmarks $(ARGS)

lock: setup ## requirements.lock from requirements.in (ARGS=--upgrade: newer ones)
	@cp requirements.lock .cache.lock
	@$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --quiet $(ARGS) requirements.in -o .cache.lock
	@{ echo "# Every package with the hashes of its files, for all platforms. Made by: make lock"; cat .cache.lock; } >requirements.lock
	@rm -f .cache.lock

clean: ## what was made here, apart from demo data
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis artefacts build
