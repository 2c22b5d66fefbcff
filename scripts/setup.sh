#!/usr/bin/env bash
# Makes .venv from a lock: nothing but the interpreter is taken from the system.
# setup.sh LOCK; PYTHON names the interpreter, else the first that fits is taken.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
uv_version=0.13.9
export UV_PYTHON_DOWNLOADS=never

fail() {
    echo "make setup: $*" >&2
    exit 1
}

version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

choose() {
    local candidate
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" || fail "PYTHON=$PYTHON is $(version "$PYTHON" || echo 'no Python'); Python 3.11 or newer is needed"
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "python3 is $(version python3 || echo missing); Python 3.11 or newer is needed: install it, or name it with PYTHON=path"
}

# A .venv that is there is kept, unless another interpreter was chosen.
if ! fits .venv/bin/python || { [ -n "${PYTHON:-}" ] && [ "$(version "$PYTHON")" != "$(version .venv/bin/python)" ]; }; then
    python=$(choose)
    echo "Creating .venv with Python $(version "$python")"
    said=$("$python" -m venv --clear .venv 2>&1) ||
        fail "$python can't make a virtual environment: on Debian and Ubuntu install the package python3-venv. It said: $said"
fi
.venv/bin/uv --version 2>/dev/null | grep -q "^uv $uv_version" ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"

members=()
for file in */pyproject.toml */*/pyproject.toml; do
    members+=(-e "$(dirname "$file")")
done
echo "Installing $lock"
export VIRTUAL_ENV=$PWD/.venv
# Compiled once, here: else each of the processes that are started at once would do it.
.venv/bin/uv pip install --quiet --compile-bytecode --require-hashes -r "$lock"
.venv/bin/uv pip install --quiet --no-deps "${members[@]}"
