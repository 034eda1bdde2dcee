#!/bin/sh
# Writes OUT_DIR/herald-VERSION.tar.gz for each version:  build.sh OUT_DIR VERSION...
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 OUT_DIR VERSION..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out_dir=$(cd "$1" && pwd)
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$here/mix.exs" "$here/lib" "$here/lib-1.0" "$here/lib-1.1" "$here/config" "$work"
cd "$work"
for version in "$@"; do
  rm -rf _build
  if ! HERALD_VERSION=$version MIX_ENV=prod LANG=C.UTF-8 mix release --quiet >build.log 2>&1; then
    cat build.log >&2
    exit 1
  fi
  mv "_build/prod/herald-$version.tar.gz" "$out_dir"
  echo "$out_dir/herald-$version.tar.gz"
done
