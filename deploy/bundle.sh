#!/usr/bin/env bash
# Makes dist/millprint-VERSION: install.sh and all that it needs, for amd64 and arm64 and the
# Pythons of Debian 12 and 13. Copy it to a USB stick; on the box: sudo deploy/install.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PYTHON=$PWD/.venv/bin/python
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
PLACE=$PWD/dist/millprint-$VERSION
PIP=("$PYTHON" -m pip --quiet --disable-pip-version-check)

rm -rf "$PLACE"
mkdir -p "$PLACE/wheels"
for machine in x86_64 aarch64; do
  for python in 3.11 3.13; do
    echo "Wheels for $machine, Python $python" >&2
    "${PIP[@]}" download --require-hashes --only-binary :all: --no-deps -r requirements/server.txt \
      --dest "$PLACE/wheels" --implementation cp --python-version "$python" \
      --platform "manylinux2014_$machine" --platform "manylinux_2_17_$machine" \
      --platform "manylinux_2_28_$machine"
  done
done
# The same sources give the same wheel, byte by byte.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
  "${PIP[@]}" wheel --no-deps --no-build-isolation --wheel-dir "$PLACE/wheels" .
for one in configs deploy docs requirements; do
  git ls-files -z -- "$one" | xargs -0 cp --parents --target-directory "$PLACE"
done
cp pyproject.toml LICENSE "$PLACE"
"$PYTHON" deploy/sbom.py "$PLACE/millprint.cdx.json"
sums=$(cd "$PLACE" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
echo "$sums" >"$PLACE/SHA256SUMS"
tar -C dist --sort=name --owner=0 --group=0 --numeric-owner -cf "$PLACE.tar" "millprint-$VERSION"
du -sh "$PLACE.tar"
