#!/usr/bin/env bash
# Resolve requirements/*.in into hash-locked requirements/*.lock; arguments go to pip-compile (say, --upgrade-package django).
# torch is resolved, so that what it needs is locked, and then left out: its builds differ by platform.
# Run it where pip finds the CPU build (TORCH_PIP_ARGS), or the CUDA libraries of the GPU build end up in the lock.
set -euo pipefail
cd "$(dirname "$0")/../requirements"

compile() {
  local name=$1
  shift
  echo "locking $name"
  ../.venv/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
    ${TORCH_PIP_ARGS:+--pip-args "$TORCH_PIP_ARGS"} --output-file "$name.lock" "$@" "$name.in"
}

compile bootstrap --allow-unsafe
compile base --unsafe-package torch "$@"
compile dev --allow-unsafe "$@"
