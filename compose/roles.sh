#!/usr/bin/env bash
# Run by PostgreSQL's image on an empty database: the three roles of docs/security.md. Passwords come from files and stand in no command line.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" <<'SQL'
\set owner `cat "${SECRETS:-/run/secrets}/database_owner"`
\set app `cat "${SECRETS:-/run/secrets}/database_app"`
\set reader `cat "${SECRETS:-/run/secrets}/database_reader"`
CREATE ROLE rasoat_owner LOGIN PASSWORD :'owner';
CREATE ROLE rasoat_app LOGIN PASSWORD :'app';
CREATE ROLE rasoat_reader LOGIN PASSWORD :'reader';
CREATE DATABASE rasoat OWNER rasoat_owner;
REVOKE ALL ON DATABASE rasoat FROM PUBLIC;
GRANT CONNECT ON DATABASE rasoat TO rasoat_app, rasoat_reader;
SQL
