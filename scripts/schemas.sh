#!/usr/bin/env bash
# Installs GitHub's published schemas, against which the contract tests check.
set -euo pipefail
cd "$(dirname "$0")/.."

install=tests/contracts/github/install.sh
[ ! -x "$install" ] || "$install"
