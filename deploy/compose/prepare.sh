#!/usr/bin/env bash
# Makes what compose.yaml needs beside itself, once: secrets that nobody has seen, and the annotated
# sample configuration with the places of the containers. What is there stays as it is.
#   ./prepare.sh influx|victoria [DIR]
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STORE=${1:-}
PLACE=${2:-$HERE}
SAMPLE=$HERE/../../configs/sample

declare -A PROJECTIONS=(
  [influx]='url = "http://influx:8086"
version = "2"
database = "millprint"
org = "mill"
token_file = "/run/secrets/store_token"'
  [victoria]='url = "http://victoria:8428"'
)
[[ -n $STORE && -n ${PROJECTIONS[$STORE]:-} ]] || {
  echo "Which time-series store? ./prepare.sh influx, or ./prepare.sh victoria" >&2
  exit 2
}

mkdir -p "$PLACE/secrets"
chmod 700 "$PLACE/secrets"
for secret in store_password store_token grafana_password; do
  [[ ! -e $PLACE/secrets/$secret ]] || continue
  head -c 32 /dev/urandom | base64 | tr -d '+/=\n' >"$PLACE/secrets/$secret"
  # Those who read it in a container are other users; the folder keeps everybody else out.
  chmod 444 "$PLACE/secrets/$secret"
done

if [[ ! -e $PLACE/config ]]; then
  (cd "$SAMPLE" && find . -name '*.toml' -printf '%P\n') | while read -r file; do
    mkdir -p "$(dirname "$PLACE/config/$file")"
    sed 's|"var/|"/var/lib/millprint/|; s|sqlite:///var/|sqlite:////var/lib/millprint/|
         s|mqtt://127.0.0.1:|mqtt://broker:|; s|^host = "127.0.0.1"|host = "0.0.0.0"|' \
      "$SAMPLE/$file" >"$PLACE/config/$file"
  done
  printf '\n[projections]\nanswers = "%s"\n\n[projections.%s]\n%s\n' \
    "$STORE" "$STORE" "${PROJECTIONS[$STORE]}" >>"$PLACE/config/gateway.toml"
  echo "$PLACE/config holds the sample: make it yours, then docker compose --profile $STORE up."
fi

# Grafana sees the store by its name in here, and shows its token as millprint does.
if [[ ! -e $PLACE/grafana ]]; then
  mkdir -p "$PLACE/grafana/datasources"
  cp -r "$HERE/../grafana/$STORE" "$PLACE/grafana/dashboards"
  # shellcheck disable=SC2016 # $__file is Grafana's to expand
  sed -e 's|http://127.0.0.1:8086|http://influx:8086|' \
    -e 's|http://127.0.0.1:8428|http://victoria:8428|' \
    -e '/httpMode: POST/a\      httpHeaderName1: Authorization\n    secureJsonData:' \
    -e '/httpMode: POST/a\      httpHeaderValue1: Token $__file{/run/secrets/store_token}' \
    "$HERE/../grafana/provisioning/datasources/millprint.yaml" \
    >"$PLACE/grafana/datasources/millprint.yaml"
fi
