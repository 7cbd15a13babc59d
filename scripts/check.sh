#!/usr/bin/env bash
# Every static check, all of them even if one fails; says at the end which failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export DJANGO_SETTINGS_MODULE=${DJANGO_SETTINGS_MODULE:-cs_portal.settings.test}
failed=()

check() {
  local title=$1
  shift
  local started=$SECONDS
  if "$@"; then
    echo "ok    $title ($((SECONDS - started)) s)"
  else
    echo "FAIL  $title"
    failed+=("$title")
  fi
}

check "ruff: lint" .venv/bin/ruff check --quiet .
check "ruff: format" .venv/bin/ruff format --check --quiet .
check "mypy" .venv/bin/python -m mypy --no-error-summary
check "import contracts" .venv/bin/lint-imports --no-logo
check "djlint: lint" .venv/bin/djlint templates --lint --quiet
check "djlint: format" .venv/bin/djlint templates --check --quiet
check "django: system checks" .venv/bin/python manage.py check --fail-level WARNING
check "django: migrations" .venv/bin/python manage.py makemigrations --check --dry-run
check "translations" .venv/bin/python manage.py checkmessages
check "shell scripts" bash -n .ci/run scripts/*.sh

if ((${#failed[@]})); then
  printf 'Failed: %s\n' "${failed[*]}"
  exit 1
fi
echo "All checks passed."
