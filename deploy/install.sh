#!/usr/bin/env bash
# Installs millprint on Debian 12 or 13 and Raspberry Pi OS (64 bit), amd64 or arm64.
# Run again it changes nothing; run from a newer copy it upgrades and keeps all data.
set -euo pipefail
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CONFIG=/etc/millprint
DATA=/var/lib/millprint
HOME_OF_RELEASES=/opt/millprint
BACKUPS=/var/backups/millprint
UNITS=/usr/local/lib/systemd/system
COMMAND=/usr/local/bin/millprint
ACCOUNT=millprint
PIP=(-m pip --quiet --no-cache-dir --disable-pip-version-check)
DROP_INS=(/etc/systemd/journald.conf.d/millprint.conf /etc/chrony/conf.d/millprint.conf)

action=install part=box name='' given='' broker=yes backup=yes dry=no
changed=no unit_changed=no

usage() {
  cat <<'USAGE'
Installs millprint, upgrades it, goes a step back, or takes it away.

  install.sh [--part box|server|collector] [--name NAME] [--config DIR]
             [--no-broker] [--no-backup] [--dry-run]
  install.sh --back        the release before this one, with today's data
  install.sh --uninstall   services and program go; configuration, data and backups stay
  install.sh --help

  --part      box (default): everything on this machine; server: broker, journal, ledger and
              pages; collector: one collector, which needs --name
  --name      the collector's name, as in its collector.toml
  --config    the mill's own configuration folder; taken once, where there is none yet
  --no-broker Mosquitto runs elsewhere
  --no-backup upgrade without a backup before it (where the disk has no room for one)
  --dry-run   only say what would be done

From a bundle (make bundle) nothing is fetched but Debian packages that are missing.
Ends with 0: done; 1: something failed; 2: it cannot be done like this.
USAGE
}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
refuse() { printf '%s\n' "$*" >&2; exit 2; }

# Do something, or only say it.
act() {
  changed=yes
  if [[ $dry == yes ]]; then say "would: $*"; else "$@"; fi
}

# Likewise, of something that talks a lot: what it said is shown where it failed.
act_quietly() {
  if [[ $dry == yes ]]; then act "$@"; return; fi
  local said
  changed=yes
  said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; return 1; }
}

# --- What is asked for ---------------------------------------------------------------------------

wanted() {
  while (($#)); do
    case $1 in
      --part | --name | --config)
        (($# > 1)) || refuse "$1 needs a value. Try: install.sh --help" ;;&
      --part) part=$2; shift ;;
      --name) name=$2; shift ;;
      --config) given=$2; shift ;;
      --no-broker) broker=no ;;
      --no-backup) backup=no ;;
      --dry-run) dry=yes ;;
      --back) action=back ;;
      --uninstall) action=uninstall ;;
      --help | -h) usage; exit 0 ;;
      *) refuse "There is no option $1. Try: install.sh --help" ;;
    esac
    shift
  done
  case $part in
    box | server) [[ -z $name ]] || refuse "--name goes with --part collector." ;;
    collector)
      broker=no
      [[ $name =~ ^[a-z0-9_-]{1,64}$ ]] ||
        refuse "--part collector needs --name, of a-z 0-9 - _." ;;
    *) refuse "There is no part $part: box, server or collector." ;;
  esac
}

release_of() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" /etc/os-release; }

the_machine_fits() {
  [[ $dry == yes || $EUID == 0 ]] || refuse "This needs root: sudo $0"
  case $(dpkg --print-architecture 2>/dev/null) in
    amd64 | arm64) ;;
    *) refuse "Only Debian on amd64 or arm64 will do (on a Raspberry Pi: the 64-bit image)." ;;
  esac
  local id version
  id=$(release_of ID) version=$(release_of VERSION_ID)
  case $id-$version in
    debian-12 | debian-13 | raspbian-12 | raspbian-13) ;;
    *) refuse "This is $id $version; Debian or Raspberry Pi OS 12 or 13 will do." ;;
  esac
  if [[ -f $HERE/SHA256SUMS ]]; then
    (cd "$HERE" && sha256sum --check --quiet --strict SHA256SUMS) ||
      refuse "The bundle in $HERE is damaged: copy it again."
  fi
}

# The services of this part, in the order in which they start.
services() {
  [[ $broker == no ]] || echo millprint-broker.service
  case $part in
    box) echo millprint.service ;;
    server) echo millprint-server.service ;;
    collector) echo "millprint-collector@$name.service" ;;
  esac
}

settings() {
  if [[ $part == collector ]]; then echo "$CONFIG/collectors/$name"; else echo $CONFIG; fi
}

# shellcheck source=deploy/installing/machine.sh
source "$HERE/deploy/installing/machine.sh"
# shellcheck source=deploy/installing/release.sh
source "$HERE/deploy/installing/release.sh"

install_it() {
  packages
  account
  folders
  local fresh old
  fresh=$(release) old=$(current)
  environment "$fresh"
  configuration
  if [[ $dry == no ]] && is_configured; then
    checked "$fresh" || refuse "$(settings) cannot stand; see above. Nothing was switched."
  fi
  service_files
  switched "$fresh"
  if ! started; then
    [[ -n $old && $old != "$fresh" ]] || fail "It did not start. Look: journalctl -u 'millprint*'"
    say "$fresh did not start: back to $old." >&2
    point current "$old"
    services | xargs systemctl restart
    exit 1
  fi
  [[ $dry == yes ]] || forgotten
  farewell "$fresh"
}

farewell() {
  if [[ $changed == no ]]; then say "millprint $1: nothing to do."; return; fi
  [[ $dry == no ]] || return 0
  say "millprint $1 is installed."
  is_configured || say "Next: cp -r $CONFIG/sample/. $(settings)/ and make it yours;" \
    "millprint check --config $(settings); systemctl restart $(services | tail -1)"
  [[ $part == collector ]] ||
    say "The first admin comes by a code: millprint api people NAME --config $CONFIG"
}

uninstall() {
  local unit
  for unit in "$UNITS"/millprint*.service; do
    [[ -e $unit ]] || continue
    case $unit in
      *@.service)
        for one in /etc/systemd/system/multi-user.target.wants/millprint-collector@*.service; do
          [[ ! -L $one ]] || resting "$(basename "$one")"
        done ;;
      *) resting "$(basename "$unit")" ;;
    esac
    act rm -f "$unit"
  done
  act rm -rf $HOME_OF_RELEASES $CONFIG/sample
  act rm -f $COMMAND "${DROP_INS[@]}"
  local place
  for place in /etc/systemd/journald.conf.d $UNITS /usr/local/lib/systemd; do
    [[ ! -d $place ]] || act rmdir --ignore-fail-on-non-empty "$place"
  done
  ! running || act systemctl daemon-reload
  say "millprint is gone. What stays: $CONFIG, $DATA, $BACKUPS, and the account that owns them;"
  say "and Debian's packages: apt-get purge mosquitto chrony, where nobody else needs them."
}

resting() {
  [[ ! -L /etc/systemd/system/multi-user.target.wants/$1 ]] || act systemctl --quiet disable "$1"
  ! running || act systemctl stop "$1"
}

wanted "$@"
the_machine_fits
case $action in
  install) install_it ;;
  back) back ;;
  uninstall) uninstall ;;
esac
