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

# application directory [macro]…
compile() {
  mkdir -p "$2/ebin"
  cp "$here/src/$1.app.src" "$2/ebin/$1.app"
  sed -i "s/{{vsn}}/${version}/; s/{{needs}}/$needs/" "$2/ebin/$1.app"
  compiled=$1 ebin=$2/ebin
  shift 2
  for module in "$here/src/$compiled"*.erl; do
    case $compiled,$module in lodger,*lodger_lib*) continue ;; esac
    erlc +deterministic "$@" -o "$ebin" "$module"
  done
  if [ "$compiled" = lodger ] && [ -r "$here/src/lodger-$build.appup" ]; then cp "$here/src/lodger-$build.appup" "$ebin/lodger.appup"; fi
}

for build in "$@"; do
  macros='' needs=', lodger_lib'
  case $build in
  1.5.0-flat) needs= ;;
  1.5.1-flat) needs='' macros=-DTAG=five ;;
  1.2.0) macros=-DUNHEALTHY ;;   # /health answers 503
  1.3.0) macros=-DBOOM ;;        # does not start
  1.4.0) needs=', nowhere' ;;    # needs what neither it nor any node has
  # The state of its process has another shape from here on.
  1.6.0) macros=-DTAG=six ;;
  1.7.0) macros='-DTAG=seven -DBELOW=six' ;; # has an appup of its own
  1.8.0) macros='-DTAG=eight -DBELOW=seven -DUNHEALTHY' ;;
  1.9.0) macros='-DTAG=nine -DBELOW=seven' needs=', lodger_lib, lodger_more' ;; # brings one more along
  2.0.0) macros='-DTAG=ten -DCRASHES' ;; # its code_change does
  esac
  version=${build%%-*} top=$work/$build
  # shellcheck disable=SC2086 # options, one word each
  case $build in
  *-flat) compile lodger "$top" $macros ;;
  *)
    compile lodger "$top/lib/lodger-$version" $macros
    compile lodger_lib "$top/lib/lodger_lib-$version"
    # What every release has, and a node, too.
    mkdir -p "$top/lib/stdlib-0.0.1/ebin"
    echo '{application, stdlib, [{vsn, "0.0.1"}, {modules, [lists]}, {registered, []}, {applications, [kernel]}]}.' \
      >"$top/lib/stdlib-0.0.1/ebin/stdlib.app"
    case $needs in
    *lodger_more*)
      mkdir -p "$top/lib/lodger_more-1.0.0/ebin"
      echo '{application, lodger_more, [{vsn, "1.0.0"}, {modules, []}, {registered, []}, {applications, [kernel]}]}.' \
        >"$top/lib/lodger_more-1.0.0/ebin/lodger_more.app"
      ;;
    esac
    ;;
  esac
  tar czf "$out_dir/lodger-$build.tar.gz" --owner=0 --group=0 -C "$top" .
  echo "$out_dir/lodger-$build.tar.gz"
done
