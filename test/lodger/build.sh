#!/bin/sh
# Writes OUT_DIR/lodger-BUILD.tar.gz for each build:  build.sh OUT_DIR BUILD...
# Applications to be embedded in a node: lodger, with lodger_lib that it brings along, as lib/APP-VERSION; `-flat` is lodger alone at
# the top. The table below is all that the builds differ in. By erlc alone: a release of rebar3 holds the same directories.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 OUT_DIR BUILD..." >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out_dir=$(cd "$1" && pwd)
shift

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# application directory [macro]
compile() {
  mkdir -p "$2/ebin"
  cp "$here/src/$1.app.src" "$2/ebin/$1.app"
  sed -i "s/{{vsn}}/${version}/; s/{{needs}}/$needs/" "$2/ebin/$1.app"
  for module in "$here/src/$1"*.erl; do
    case $1,$module in lodger,*lodger_lib*) continue ;; esac
    erlc +deterministic ${3:+"-D$3"} -o "$2/ebin" "$module"
  done
}

for build in "$@"; do
  macro='' needs=', lodger_lib'
  case $build in
  *-flat) needs= ;;
  1.2.0) macro=UNHEALTHY ;;      # /health answers 503
  1.3.0) macro=BOOM ;;           # does not start
  1.4.0) needs=', nowhere' ;;    # needs what neither it nor any node has
  esac
  version=${build%%-*} top=$work/$build
  case $build in
  *-flat) compile lodger "$top" ;;
  *)
    compile lodger "$top/lib/lodger-$version" "$macro"
    compile lodger_lib "$top/lib/lodger_lib-$version"
    # What every release has, and a node, too.
    mkdir -p "$top/lib/stdlib-0.0.1/ebin"
    echo '{application, stdlib, [{vsn, "0.0.1"}, {modules, [lists]}, {registered, []}, {applications, [kernel]}]}.' \
      >"$top/lib/stdlib-0.0.1/ebin/stdlib.app"
    ;;
  esac
  tar czf "$out_dir/lodger-$build.tar.gz" --owner=0 --group=0 -C "$top" .
  echo "$out_dir/lodger-$build.tar.gz"
done
