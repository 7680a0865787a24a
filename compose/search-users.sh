#!/usr/bin/env bash
# The two roles and users of docs/shared.md in Elasticsearch. Passwords come from files and stand in no command line.
set -euo pipefail
url=${SEARCH:-http://elasticsearch:9200} secrets=${SECRETS:-/run/secrets}
put() {  # put PATH, the body on standard input
  curl --silent --show-error --fail -o /dev/null -X PUT "$url/_security/$1" -H 'Content-Type: application/json' \
    --config <(printf 'user = "elastic:%s"\n' "$(cat "$secrets/search_elastic")") --data-binary @-
}
put role/rasoat_writer <<'JSON'
{"cluster": ["monitor", "manage_index_templates"],
 "indices": [{"names": ["rasoat-*"], "privileges": ["create_index", "delete_index", "manage", "read", "write"]}]}
JSON
put role/rasoat_reader <<'JSON'
{"cluster": ["monitor"], "indices": [{"names": ["rasoat-*"], "privileges": ["read", "view_index_metadata"]}]}
JSON
for who in writer reader; do
  printf '{"roles": ["rasoat_%s"], "password": "%s"}' "$who" "$(cat "$secrets/search_$who")" | put "user/rasoat_$who"
done
