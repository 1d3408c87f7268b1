# shellcheck shell=bash
# What a machine needs around a release: packages, account, folders, services, configuration. Each
# step looks before it does anything.

packages() {
  local one missing=() needed=(ca-certificates chrony python3 python3-venv)
  needed+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk) # reports as PDF
  [[ $broker == no ]] || needed+=(mosquitto)
  for one in "${needed[@]}"; do
    [[ $(dpkg-query -W -f '${Status}' "$one" 2>/dev/null) == *' installed' ]] || missing+=("$one")
  done
  if ((${#missing[@]})); then
    say "Debian packages: ${missing[*]}"
    act_quietly apt-get update -qq
    act_quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      -o Dpkg::Options::=--force-confold "${missing[@]}"
  fi
  [[ $broker == no ]] || debians_broker_rests "${missing[*]-}"
}

# Debian starts its own Mosquitto on the same port. Where it came with us it goes to rest; where
# it was there before, somebody uses it.
debians_broker_rests() {
  systemctl is-enabled --quiet mosquitto.service 2>/dev/null || return 0
  [[ $1 == *mosquitto* ]] ||
    refuse "Mosquitto serves somebody here. Do: systemctl disable --now mosquitto, or --no-broker."
  act systemctl --quiet disable mosquitto.service
  ! running || act systemctl stop mosquitto.service
}

account() {
  getent passwd $ACCOUNT >/dev/null ||
    act useradd --system --user-group --home-dir $DATA --no-create-home \
      --shell /usr/sbin/nologin $ACCOUNT
}

# folder PATH OWNER:GROUP MODE
folder() {
  [[ $(stat -c '%U:%G %a' "$1" 2>/dev/null) == "$2 $3" ]] ||
    act install -d -o "${2%:*}" -g "${2#*:}" -m "$3" "$1"
}

folders() {
  folder $CONFIG root:$ACCOUNT 750
  folder $CONFIG/credentials root:root 700
  folder $DATA $ACCOUNT:$ACCOUNT 750
  folder $BACKUPS root:root 700
  folder $HOME_OF_RELEASES root:root 755
  folder $HOME_OF_RELEASES/releases root:root 755
  [[ $part != collector ]] || folder $CONFIG/collectors root:$ACCOUNT 750
  # Once there are certificates, the folder is the broker's own.
  [[ $broker == no || -d $CONFIG/broker ]] || folder $CONFIG/broker root:$ACCOUNT 750
}

# put SOURCE TARGET MODE: a file of ours that nobody edits; what a mill changes goes into drop-ins.
put() {
  cmp -s "$1" "$2" || { unit_changed=yes; act install -D -m "$3" "$1" "$2"; }
}

service_files() {
  local unit
  for unit in "$HERE"/deploy/systemd/*.service; do
    put "$unit" "$UNITS/$(basename "$unit")" 644
  done
  put "$HERE/deploy/etc/journald.conf" "${DROP_INS[0]}" 644
  put "$HERE/deploy/etc/chrony.conf" "${DROP_INS[1]}" 644
}

# The annotated sample with the places of this machine; and a mill's own configuration, once.
configuration() {
  local to
  to=$(settings)
  sample
  if [[ $broker == yes && ! -e $CONFIG/broker/millprint.conf ]]; then
    act install -o root -g $ACCOUNT -m 640 "$HERE/deploy/etc/mosquitto.conf" \
      $CONFIG/broker/millprint.conf
  fi
  if [[ -z $given ]]; then return; fi
  if compgen -G "$to/*.toml" >/dev/null; then
    say "$to has a configuration already; $given is not taken."
  else
    act install -d -o root -g $ACCOUNT -m 750 "$to"
    act cp -r --no-preserve=ownership "$given/." "$to/"
    act chown -R root:$ACCOUNT "$to"
    act chmod -R u=rwX,g=rX,o= "$to"
    [[ $to != "$CONFIG" ]] || act chmod 700 $CONFIG/credentials
    [[ $to != "$CONFIG" ]] || act chown -R root:root $CONFIG/credentials
  fi
}

sample() {
  local file target
  while read -r file; do
    target=$CONFIG/sample/$file
    if ! placed "$HERE/configs/sample/$file" | cmp -s - "$target"; then
      act install -D -m 644 /dev/null "$target"
      [[ $dry == yes ]] || placed "$HERE/configs/sample/$file" >"$target"
    fi
  done < <(cd "$HERE/configs/sample" && find . -name '*.toml' -printf '%P\n')
}

# A sample with the places of this machine. What enrolment writes for the broker stands where its
# service looks, all else of it where the server may write.
placed() {
  sed "s|^# \(\[enrolment\]\)|\1|; s|^# \(folder = \"var/tls\"\)|\1|
       s|^# broker = .*|broker = \"$CONFIG/broker\"|
       s|\"var/|\"$DATA/|; s|sqlite:///var/|sqlite:///$DATA/|" "$1"
}

is_configured() { compgen -G "$(settings)/*.toml" >/dev/null; }

checked() {
  local words command=$HOME_OF_RELEASES/releases/$1/bin/millprint
  local -A checks=([box]=check [server]='gateway check,api check' [collector]='collector check')
  while read -r -d, -a words; do
    "$command" "${words[@]}" --config "$(settings)" >/dev/null || return 1
  done <<<"${checks[$part]},"
}
