#!/usr/bin/env bash
# A newcomer's first five minutes, in a home of its own: make run twice, then the tour, then verify its pack.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
export RASOAT_HOME="$work/home" RASOAT_PORT="${RASOAT_PORT:-8791}"
site=
trap '[ -z "$site" ] || kill -INT -- "-$site" 2>/dev/null || true; rm -rf "$work"' EXIT

start() {  # start LOG SECONDS: make run in the background until it serves
  setsid make run >"$1" 2>&1 & site=$!
  for _ in $(seq "$2"); do
    grep -q "^Review site: http://127.0.0.1:$RASOAT_PORT" "$1" && return 0
    kill -0 "$site" 2>/dev/null || break
    sleep 1
  done
  cat "$1"; echo "smoke: the review site did not start within $2 s" >&2; exit 1
}
health() { .venv/bin/python -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())' "http://127.0.0.1:$RASOAT_PORT/healthz"; }
stop() {  # Ctrl-C, and nothing may go on serving
  kill -INT -- "-$site"; wait "$site" 2>/dev/null || true
  if health >/dev/null 2>&1; then echo "smoke: Ctrl-C left the site running" >&2; exit 1; fi
}

start "$work/first.log" 240
health
.venv/bin/rasoat db counts --json >"$work/before.json"
stop
begin=$(date +%s)
start "$work/second.log" 60
echo "smoke: second start took $(( $(date +%s) - begin )) s"
.venv/bin/rasoat db counts --json >"$work/after.json"
stop
cmp "$work/before.json" "$work/after.json" || { echo "smoke: the second run repeated something" >&2; exit 1; }
RASOAT_HOME="$work/empty" .venv/bin/rasoat tour --out "$work/tour"
.venv/bin/rasoat verify "$work"/tour/*.zip
echo "smoke: ok"
