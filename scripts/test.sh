#!/usr/bin/env bash
# The whole test suite: first what runs side by side, then what needs a browser, a server or a port of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need-browser.sh
scripts/need-services.sh
.venv/bin/python -m scripts.services start
pytest=.venv/bin/pytest
rm -f .coverage
$pytest -n "${RASOAT_TEST_WORKERS:-2}" -m "not serial" --cov --cov-report= -q
$pytest -n "${RASOAT_TEST_WORKERS:-2}" --database postgresql -k "not search" --cov --cov-append --cov-report= -q tests/store
$pytest -m serial --cov --cov-append --cov-report=term:skip-covered --cov-fail-under=90 -q
