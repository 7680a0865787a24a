#!/usr/bin/env bash
# Makes the passwords of compose.yaml that are missing, in secrets/, which only you can enter. What is there stays.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p secrets
chmod 700 secrets
for name in database_admin database_owner database_app database_reader search_elastic search_writer search_reader; do
  [ -s "secrets/$name" ] || openssl rand -hex 24 >"secrets/$name"
  chmod 644 "secrets/$name"  # the users inside the containers have other numbers than you; the folder is closed
done
chmod 600 secrets/search_elastic  # Elasticsearch refuses a password that others may read, and runs as user 1000
[ "$(stat -c %u secrets/search_elastic)" = 1000 ] || echo "run as root: chown 1000 secrets/search_elastic" >&2
