# Short names for the scripts. `make check` is the quick part of `make test`.
.PHONY: setup run check test bench format

setup:
	script/setup --dev

run:
	script/server

check: setup
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m djlint templates --lint --quiet
	TWR_TEST=1 .venv/bin/python manage.py makemigrations --check --dry-run
	TWR_TEST=1 .venv/bin/python -m pytest -q -n 2 -m "not e2e and not pdf and not slow"

test:
	script/test

bench:
	script/bench

format: setup
	.venv/bin/python -m ruff check --fix .
	.venv/bin/python -m ruff format .
