#!/usr/bin/env bash
# What the real services need from the system: a JDK of version 21 or later, Maven, PostgreSQL's server. Installs from Debian's packages as
# root; tells anybody else what to install.
set -euo pipefail
missing=()
command -v mvn > /dev/null || missing+=(maven)
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || command -v initdb > /dev/null || missing+=(postgresql)
newest=0
for release in /usr/lib/jvm/*/release ${ES_JAVA_HOME:+"$ES_JAVA_HOME/release"}; do
  [ -f "$release" ] || continue
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$release")
  [ "${version:-0}" -gt "$newest" ] && newest=$version
done
if [ "$newest" -lt 21 ]; then
  for version in 25 21; do
    if apt-cache show "openjdk-$version-jre-headless" > /dev/null 2>&1; then missing+=("openjdk-$version-jre-headless"); break; fi
  done
fi
[ "${#missing[@]}" -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "These are missing; install them and try again: ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]} …" >&2
# apt's own output goes to a file: on success nobody wants it, on failure it is shown
log=$(mktemp)
if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } > "$log" 2>&1; then
  tail -n 20 "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
