#!/usr/bin/env bash
# Resolves the workspace's dependencies and writes them with hashes: requirements.lock
# for running, requirements-dev.lock for working on it, requirements-node.lock for an npm
# where there is none. uv's own lock names the host of the package registry in every
# entry, so it isn't kept.
set -euo pipefail
cd "$(dirname "$0")/.."

uv=.venv/bin/uv
export UV_PYTHON=$PWD/.venv/bin/python
rm -f uv.lock
"$uv" lock --quiet
export=("$uv" export --quiet --frozen --all-packages --no-emit-workspace --no-header
    --format requirements-txt)
"${export[@]}" --no-dev --output-file requirements.lock >/dev/null
"${export[@]}" --group dev --output-file requirements-dev.lock >/dev/null
"${export[@]}" --only-group node --output-file requirements-node.lock >/dev/null
rm -f uv.lock
echo "Wrote requirements.lock, requirements-dev.lock and requirements-node.lock"
