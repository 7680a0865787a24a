#!/usr/bin/env bash
# As the owner: what the application and the reader may do (rasoat/store/roles.sql).
set -euo pipefail
PGPASSWORD=$(cat /run/secrets/database_owner)
export PGPASSWORD
exec psql -v ON_ERROR_STOP=1 -h postgres -U rasoat_owner -d rasoat -f /compose/roles.sql
