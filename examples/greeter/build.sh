#!/bin/sh
# Writes OUT_DIR/greeter-VERSION.tar.gz for each version:  build.sh OUT_DIR VERSION...
# The versions differ in their number only.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 OUT_DIR VERSION..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
out_dir=$1
shift

for version in "$@"; do
  "$here/../build-release.sh" "$here" "$out_dir" "$version"
done
