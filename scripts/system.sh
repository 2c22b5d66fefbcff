#!/usr/bin/env bash
# Installs the packages of the private RabbitMQ and PostgreSQL where they are missing.
# Their own services are neither started nor enabled: ours run beside them, in
# directories of their own. Without the right to install, one line says what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=$(.venv/bin/python -m gitploy.local.backing)
[ -n "$missing" ] || exit 0
missing=$(echo "$missing" | tr '\n' ' ')

root=()
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; }; then
    echo "Not installed, and needed for what runs on RabbitMQ and PostgreSQL: ${missing% } (Homebrew: rabbitmq, postgresql)" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
fi
[ "$(id -u)" = 0 ] || root=(sudo -n)

# Debian's maintainer scripts ask this file whether a service may be started.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | ${root[@]+"${root[@]}"} tee "$policy" >/dev/null
    ${root[@]+"${root[@]}"} chmod 755 "$policy"
    trap '${root[@]+"${root[@]}"} rm -f "$policy"' EXIT
fi

echo "Installing with apt-get, without starting a service: ${missing% }"
apt=(${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
"${apt[@]}" update
# shellcheck disable=SC2086 # a list of names
"${apt[@]}" install -y --no-install-recommends $missing >/dev/null
if [ -d /run/systemd/system ]; then
    # shellcheck disable=SC2086
    ${root[@]+"${root[@]}"} systemctl --quiet disable $missing
fi
