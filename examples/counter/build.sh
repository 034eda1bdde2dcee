#!/bin/sh
# Writes OUT_DIR/counter-VERSION.tar.gz for each version:  build.sh OUT_DIR VERSION...
# The table below is all that the versions differ in; the macros are in src/counter_server.erl,
# BOOM_AT_BOOT in src/counter_app.erl.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 OUT_DIR VERSION..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
out_dir=$1
shift

for version in "$@"; do
  case $version in
  1.0.0) macros= ;;                                        # the state is an integer
  1.1.0) macros="MAP_STATE" ;;                             # a map; and src/counter.appup.src
  1.3.0) macros="MAP_STATE LOG_MILESTONES UNHEALTHY" ;;    # /health answers 503
  1.4.0) macros="MAP_STATE LOG_MILESTONES BOOM_AT_BOOT" ;; # does not start
  *) macros="MAP_STATE LOG_MILESTONES" ;;                  # 1.2.0, others: logs each 1000th count
  esac
  # shellcheck disable=SC2086 # one argument a macro
  "$here/../build-release.sh" "$here" "$out_dir" "$version" $macros
done
