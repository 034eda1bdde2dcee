#!/bin/sh
# Builds one version of an example:  build-release.sh APP_DIR OUT_DIR VERSION [MACRO...]
# Works in a copy, for the version is written into the sources; 1.2 s of a cold build is little enough.
set -eu

app_dir=$1 out_dir=$2 version=$3
shift 3
name=$(basename "$app_dir")

if ! printf '%s\n' "$version" | grep -Eqx '[0-9]+\.[0-9]+\.[0-9]+'; then
  echo "build: \"$version\" is not a version: write X.Y.Z" >&2
  exit 2
fi

macros=
for macro in "$@"; do
  macros="$macros${macros:+,}{d,'$macro'}"
done

mkdir -p "$out_dir"
out_dir=$(cd "$out_dir" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cp -R "$app_dir/rebar.config" "$app_dir/config" "$app_dir/src" "$work"
cd "$work"
sed -i "s/\"0\.0\.0\"/\"$version\"/" rebar.config "src/$name.app.src"

# An appup is for the version that it names first.
if ! grep -qs "^{\"$version\"," "src/$name.appup.src"; then
  sed -i '/%% appup/,/%% end of appup/d' rebar.config
  rm -f "src/$name.appup.src"
fi

if ! REBAR_OFFLINE=1 ERL_COMPILER_OPTIONS="[$macros]" rebar3 as prod tar >build.log 2>&1; then
  cat build.log >&2
  exit 1
fi
mv "_build/prod/rel/$name/$name-$version.tar.gz" "$out_dir"
echo "$out_dir/$name-$version.tar.gz"
