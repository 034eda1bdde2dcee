#!/bin/sh
# Writes OUT_DIR/shapes-BUILD.tar.gz for each build:  build-shapes.sh OUT_DIR BUILD...
# The table below is all that the builds differ in; shapes/README.md says what comes of it.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 OUT_DIR BUILD..." >&2
  exit 2
fi
mkdir -p "$1"
out_dir=$(cd "$1" && pwd)
shift
if [ $# -gt 1 ]; then
  printf '%s\n' "$@" | xargs -n 1 -P "$(nproc)" sh "$0" "$out_dir"
  exit
fi

# macro is what the sources ask for as SHAPES. A build with a suffix is another one of the same version.
appups=none has_debug_info=yes
case $1 in
1.0.0) macro=100 ;;
1.1.0) macro=110 ;;
1.1.0-rebuilt) macro=111 ;;                     # one function of shapes_lib differs, and no version
1.1.0-appup) macro=110 appups=all ;;            # with appups, from 1.0.0 and back
1.1.0-appup-short) macro=110 appups=short ;;    # which leave shapes_ledger out
1.2.0) macro=120 ;;
1.3.0) macro=130 ;;
1.3.0-fixed) macro=131 ;; # no code but that of 1.2.0
1.4.0) macro=140 ;;
1.4.0-stripped) macro=140 has_debug_info=no ;; # what its records are can't be seen
1.5.0) macro=150 ;;
1.6.0) macro=160 ;;
*)
  echo "build-shapes: there is no build \"$1\"" >&2
  exit 2
  ;;
esac
version=${1%%-*} lib=0.2.0 dep=2.1.0
if [ "$macro" = 100 ]; then lib=0.1.0 dep=2.0.0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$(dirname "$0")/shapes/." "$work"
cd "$work"
sed -i "s/{{shapes}}/$version/; s/{{shapes_lib}}/$lib/; s/{{shapes_dep}}/$dep/" rebar.config apps/*/src/*.app.src
sed -i "s/{d, 'SHAPES', 100}/{d, 'SHAPES', $macro}/" rebar.config
if [ "$macro" = 100 ]; then rm apps/shapes_lib/src/shapes_lib_units.erl; fi
if [ "$macro" -lt 120 ]; then rm apps/shapes/src/shapes_clock.erl; else rm apps/shapes/src/shapes_sundial.erl; fi
if ! REBAR_OFFLINE=1 rebar3 tar >build.log 2>&1; then
  cat build.log >&2
  exit 1
fi

# What rebar3 packs by an overlay in place of another file is in its tarball twice; so it is done here.
mkdir packed
tar xzf "_build/default/rel/shapes/shapes-$version.tar.gz" -C packed
for app in "shapes-$version" "shapes_lib-$lib" "shapes_dep-$dep"; do
  name=${app%-*}
  # mode prod has stripped these.
  if [ "$has_debug_info" = yes ]; then cp "_build/default/lib/$name/ebin/"*.beam "packed/lib/$app/ebin"; fi
  if [ "$appups" != none ]; then cp "appups/$name.appup" "packed/lib/$app/ebin"; fi
done
if [ "$appups" = short ]; then sed -i '/shapes_ledger/d' "packed/lib/shapes-$version/ebin/shapes.appup"; fi
(cd packed && tar cf ../packed.tar --owner=0 --group=0 -- *)
# A tenth larger than what gzip -6 makes, in half the time.
gzip -1 packed.tar
mv packed.tar.gz "$out_dir/shapes-$1.tar.gz"
echo "$out_dir/shapes-$1.tar.gz"
