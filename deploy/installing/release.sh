# shellcheck shell=bash
# A release: an environment of its own, the link that makes it the one that runs, and the way back.

# The name of what is to be installed: its version, its Python, and a hash over all that it is.
release() {
  local version python hash
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$HERE/pyproject.toml")
  python=$(python3 -c 'import sys; print("py%d%d" % sys.version_info[:2])' 2>/dev/null || echo py)
  # A bundle holds a wheel where a copy of the sources holds its rooms.
  local parts=(pyproject.toml requirements deploy configs docs)
  [[ -d $HERE/wheels ]] && parts+=(wheels) || parts+=(api collector gateway millprint)
  hash=$(cd "$HERE" && find "${parts[@]}" -type f ! -name '*.pyc' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -c1-12)
  echo "$version-$part-$python-$hash"
}

lock() {
  if [[ $part == collector ]]; then echo requirements/collector.txt
  else echo requirements/server.txt; fi
}

# An environment of its own for each release. Nothing is compiled here, and every file is the one
# whose hash is locked.
environment() {
  local place=$HOME_OF_RELEASES/releases/$1
  [[ ! -f $place/complete ]] || return 0
  say "Release $1: the environment is built, which takes a minute or some."
  [[ ! -e $place ]] || act rm -rf "$place"
  act python3 -m venv "$place"
  local pip=("$place/bin/python" "${PIP[@]}")
  local wheels=("$HERE"/wheels/millprint-*.whl)
  if [[ -e ${wheels[0]} ]]; then
    act "${pip[@]}" install --no-index --find-links "$HERE/wheels" --require-hashes \
      -r "$HERE/$(lock)"
    act "${pip[@]}" install --no-index --no-deps "${wheels[0]}"
  else
    act "${pip[@]}" install --only-binary :all: --require-hashes -r "$HERE/$(lock)"
    act from_sources "$place"
  fi
  act install -d "$place/share"
  act cp -r --no-preserve=mode,ownership "$HERE/deploy" "$HERE/docs" "$place/share/"
  act chmod 755 "$place/share/deploy/install.sh"
  act touch "$place/complete"
}

# What builds a wheel is needed once, and stays out of the release.
from_sources() {
  local workshop
  workshop=$(mktemp -d)
  python3 -m venv "$workshop/venv"
  local pip=("$workshop/venv/bin/python" "${PIP[@]}")
  "${pip[@]}" install --only-binary :all: --require-hashes -r "$HERE/requirements/build.txt"
  "${pip[@]}" wheel --no-deps --no-build-isolation --wheel-dir "$workshop" "$HERE"
  "$1/bin/python" "${PIP[@]}" install --no-index --no-deps "$workshop"/millprint-*.whl
  rm -rf "$workshop"
}

running() { [[ -d /run/systemd/system ]]; }
current() { basename "$(readlink "$HOME_OF_RELEASES/${1:-current}" 2>/dev/null || true)"; }

# point NAME RELEASE: in one step, so that a power cut leaves one or the other.
point() {
  ln -sfn "releases/$2" "$HOME_OF_RELEASES/$1.new"
  mv -T "$HOME_OF_RELEASES/$1.new" "$HOME_OF_RELEASES/$1"
}

backed_up() {
  [[ $backup == yes && $part != collector && -f $CONFIG/api.toml ]] || return 0
  local file
  file=$BACKUPS/$(date -u +%Y%m%dT%H%M%SZ)-before-$2.backup
  say "A backup first: $file"
  act "$HOME_OF_RELEASES/releases/$1/bin/millprint" backup "$file" --config $CONFIG ||
    fail "There is no backup, so nothing was switched. Make room, or: --no-backup"
  [[ $dry == yes ]] || find $BACKUPS -name '*-before-*.backup' ! -path "$file" -delete
}

switched() {
  local old command=$HOME_OF_RELEASES/current/bin/millprint
  [[ $(readlink $COMMAND) == "$command" ]] || act ln -sfn "$command" $COMMAND
  old=$(current)
  [[ $old != "$1" ]] || return 0
  if [[ -n $old ]]; then
    backed_up "$old" "$1"
    act point previous "$old"
  fi
  act point current "$1"
}

started() {
  local services
  mapfile -t services < <(services)
  for one in "${services[@]}"; do
    systemctl is-enabled --quiet "$one" 2>/dev/null || act systemctl --quiet enable "$one"
  done
  running || { say "systemd does not run here: the services start at the next boot."; return 0; }
  [[ $changed == no ]] || act systemctl daemon-reload
  if [[ $unit_changed == yes ]]; then
    act systemctl try-restart systemd-journald.service chrony.service
  fi
  [[ $changed == yes ]] || rests "${services[-1]}" || return 0
  act systemctl restart "${services[@]}" && serves "${services[-1]}"
}

# It has all that it needs, and does not run.
rests() { is_configured && ! systemctl is-active --quiet "$1"; }

# A collector makes a service active; that the server has opened its data and pages it says itself,
# for which it has the ten minutes that its unit gives it: books may move on first.
serves() {
  [[ $part != collector && $dry == no ]] && is_configured || return 0
  local second
  for second in {1..600}; do
    [[ -z $(systemctl show --property StatusText --value "$1") ]] || return 0
    sleep 1
  done
  say "$1 has not opened its pages after $second s."
  return 1
}

forgotten() {
  local place
  for place in "$HOME_OF_RELEASES"/releases/*; do
    case $(basename "$place") in
      '*' | "$(current)" | "$(current previous)") ;;
      *) act rm -rf "$place" ;;
    esac
  done
}

back() {
  local old now
  now=$(current) old=$(current previous)
  [[ -n $old && -d $HOME_OF_RELEASES/releases/$old ]] || refuse "There is no release before it."
  act point current "$old"
  act point previous "$now"
  ! running || act systemctl try-restart 'millprint*.service'
  say "This is $old again. Should it not read today's data (journalctl -u 'millprint*' says so):"
  say "the backup of before the upgrade is in $BACKUPS; docs/backup.md says how it comes back."
}
