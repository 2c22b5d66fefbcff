#!/usr/bin/env bash
# Installs GitHub's published schemas, against which tests check the sandbox and the
# client; quick when they are there.
set -euo pipefail
exec "$(dirname "$0")/../tests/contracts/github/install.sh"
