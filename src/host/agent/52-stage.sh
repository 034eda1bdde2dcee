# A release crosses the wire as what the host lacks. Its manifest comes with the op; what releases on this host have is copied
# from them, the rest is asked for and brought by the runner, and all of it is verified against the digest before it has a name.
#
# A manifest has a line a path, parts parted by tabs: KEY PATH, or `l` PATH TARGET for a link, or `d` PATH for
# a directory with nothing in it. A key is the first 12 digits of
# the content's sha256 behind `x` (executable) or `f`. Too short to trust, long enough to look up: the digest is of the whole.

do_stage() { # release digest size-bytes unpacked-bytes
  release_digest "$1"
  [ "$digest" != "$2" ] || return 0
  needed=$((($3 + $4 + $4 / 10) / 1024 + 8192))
  make_directory "$ROOT/$APP"
  free=$(free_kb "$ROOT/$APP")
  [ "$free" -ge "$needed" ] || fail disk_full - path s "$ROOT" neededBytes n $((needed * 1024)) freeBytes n $((free * 1024))

  # Crash here or below: unstage removes both names. `made-releases` is written first, so that it knows what this op made.
  has_made "$1" || { cat "$OPDIR/made-releases" 2>/dev/null || true; printf '%s\n' "$1"; } | write_file "$OPDIR/made-releases"
  staged=$ROOT/$APP/.stage-$OP
  manifest=$OPDIR/in/manifest.$2 bundle=$OPDIR/in/bundle.$2
  remove_if_there "$staged"
  (umask 022 && mkdir "$staged")
  find_known
  (umask 022 && copy_known)
  [ ! -s "$OPDIR/lacking" ] || receive 1
  (umask 022 && follow_up)
  unpacked=$(content_digest "$staged")
  if [ "$unpacked" != "$2" ]; then
    # Something here is not what its mark says, and was copied: what differs is brought, too.
    find_wrong
    [ ! -s "$OPDIR/lacking" ] || receive 2
    unpacked=$(content_digest "$staged")
  fi
  [ "$unpacked" = "$2" ] || fail transfer_failed - detail s "its contents have digest $unpacked instead of $2"
  { printf '%s\n' "$2" && cat "$manifest"; } >"$staged/.beamline"
  # What lies under that name is not it: marked as damaged, or begun and never ended.
  if [ -e "$ROOT/$APP/$1" ]; then
    ! is_in_use "$1" || fail step_failed - detail s "$ROOT/$APP/$1 is in use, and is another release"
    remove_release "$1"
  fi
  # Whoever the app runs as only reads it; who else may come here at all is for its directory to say. As root tar has kept all
  # that the tarball says of it.
  find "$staged" ! -type l \( ! -perm -044 -o -perm -020 -o -perm -002 -o -perm -4000 -o -perm -2000 -o -perm -100 ! -perm -011 \) \
    -exec chmod u-s,g-s,go=rX {} +
  # All of it is on disk before its name exists.
  sync
  mv -T "$staged" "$ROOT/$APP/$1"
  rm -f "$bundle.1" "$bundle.2" "$manifest"
}

# Is it this op that has put a release there?
has_made() { grep -qsxF "$1" "$OPDIR/made-releases"; } # release

# The releases of this host, this app's first and its newest first.
known_releases() {
  for known_app in "$APP" $(list_dir "$ROOT"); do
    [ -d "$ROOT/$known_app" ] || continue
    for known in $(releases_of "$known_app"); do
      printf '%s\n' "$ROOT/$known_app/$known"
    done
  done
}

# Sorts the manifest's lines: known (release, path there, path here), links (target, path), twins (path of the same content in
# this release, path), lacking (line numbers, as ranges).
find_known() {
  for part in known links empty twins lacking; do : >"$OPDIR/$part"; done
  for known in $(known_releases); do
    printf 'in\t%s\n' "$known"
    tail -n +2 "$known/.beamline"
  done | awk -F '\t' -v dir="$OPDIR" '
    part == "there" && $1 == "in" { base = $2; next }
    part == "there" && ($1 == "l" || $1 == "d") { next }
    part == "there" { if (!($1 in where)) where[$1] = base "\t" $2; if (!(($1, $2) in at)) at[$1, $2] = base; next }
    $1 == "l" { print $3 "\t" $2 >(dir "/links"); next }
    $1 == "d" { print $2 >(dir "/empty"); next }
    ($1, $2) in at { print at[$1, $2] "\t" $2 "\t" $2 >(dir "/known"); next }
    $1 in where { print where[$1] "\t" $2 >(dir "/known"); next }
    $1 in coming { print coming[$1] "\t" $2 >(dir "/twins"); next }
    { coming[$1] = $2; if (last && FNR == last + 1) last = FNR; else { range(); first = last = FNR } }
    function range() { if (last) { printf "%s%s", comma, first == last ? first : first "-" last >(dir "/lacking"); comma = "," } }
    END { range() }' part=there - part=manifest "$manifest"
}

copy_known() {
  awk -F '\t' '{ print $1 "/" $2 "\t" $3 }' "$OPDIR/known" >"$OPDIR/copies"
  place_copies
}

# The lines of `copies`: from, path here. Files of one directory that keep their names go together. What lies on the host may
# have been damaged, or be gone: that is seen when all is verified.
place_copies() {
  make_directories
  # read(1) takes a byte at a time, so that a directory's name comes once for its files.
  awk -F '\t' '
    {
      from = $1; to = $2
      sub("/[^/]*$", "", from); sub("/[^/]*$", "", to)
      name = substr($1, length(from) + 2)
      if (name != substr($2, length(to) + 2)) { end(); print "as\t" $1 "\t" $2; next }
      if (!files || files == 200 || from != last_from || to != last_to) { end(); printf "in\t%s\t%s", from, to }
      printf "\t./%s", name
      files++; last_from = from; last_to = to
    }
    function end() { if (files) print ""; files = 0 }
    END { end() }' "$OPDIR/copies" |
    while IFS="$TAB" read -r how from to names; do
      case $how in
        as) cp -p "$from" "$staged/$to" || rm -f "$staged/$to" ;;
        in) copy_into "$staged/$to" "$from" "$names" || : ;;
      esac 2>"$OPDIR/cp.log"
    done
}

copy_into() ( # directory from names-between-tabs
  cd "$2" || exit 1
  directory=$1
  IFS=$TAB
  # shellcheck disable=SC2086 # split at tabs, which no path in a manifest has
  set -- $3
  cp -p "$@" "$directory/"
)

make_directories() {
  set --
  while IFS= read -r directory; do
    set -- "$@" "$staged/$directory"
  done <<END_OF_DIRECTORIES
$(awk -F '\t' '{ sub("/[^/]*$", "", $2); if (!seen[$2]++) print $2 }' "$OPDIR/copies")
END_OF_DIRECTORIES
  mkdir -p "$@"
}

# What the runner brought is there; the rest follows from it.
follow_up() {
  awk -F '\t' -v staged="$staged" '{ print staged "/" $1 "\t" $2 }' "$OPDIR/twins" >"$OPDIR/copies"
  place_copies
  while IFS= read -r path; do mkdir -p "$staged/$path"; done <"$OPDIR/empty"
  while IFS="$TAB" read -r target path; do
    mkdir -p "$staged/${path%/*}"
    rm -f "$staged/$path"
    ln -s "$target" "$staged/$path"
  done <"$OPDIR/links"
}

# Lacking is what is not as the manifest has it.
find_wrong() {
  : >"$OPDIR/lacking"
  (
    cd "$staged"
    file_digests | awk '{ key = substr($1, 1, 12); print key "\t" substr($0, 67) }'
    find . -type f -perm -100 | sed 's/^/x\t/'
  ) | awk -F '\t' -v file="$OPDIR/lacking" '
    part == "here" { if ($1 == "x") executable[$2]; else content[$2] = $1; next }
    $1 != "l" && $1 != "d" && $1 != (($2 in executable) ? "x" : "f") content[$2] { printf "%s%s", comma, FNR >file; comma = "," }' part=here - part=manifest "$manifest"
}

# Asks the runner for the lines of the manifest that are lacking, and waits for the bundle: as long as bytes come, and a minute
# longer. It is a .tar.gz of files of the release, all that were asked for among them.
receive() { # round
  brought=$bundle.$1
  [ -e "$brought" ] || journal need digest s "${bundle##*.}" round n "$1" lacking s "$(cat "$OPDIR/lacking")"
  received=0
  now_ms
  received_at=$now
  while [ ! -e "$brought" ]; do
    size=0
    [ ! -e "$brought.part" ] || size=$(wc -c <"$brought.part" || echo 0)
    now_ms
    [ "$size" -eq "$received" ] || { received=$size received_at=$now; }
    [ $((now - received_at)) -lt 60000 ] || fail transfer_failed - detail s "no byte came for a minute, after $received"
    waiting_for "the release; $received bytes came"
    begin_nap "$OPDIR/receiving"
    if [ -e "$brought" ]; then end_nap; else wait_nap; fi
  done
  if ! (umask 022 && gzip -dc "$brought" | tar -xf - -o -C "$staged") 2>"$OPDIR/tar.log"; then
    free=$(free_kb "$ROOT/$APP")
    [ "$free" -ge 512 ] || fail disk_full - path s "$ROOT" neededBytes n "$((needed * 1024))" freeBytes n "$((free * 1024))"
    fail transfer_failed "$OPDIR/tar.log" detail s "it does not unpack"
  fi
  # A directory that not even its owner may write to could never be removed again.
  find "$staged" -type d ! -perm -700 -exec chmod u+rwx {} +
}

# How much of a bundle has arrived, in bytes.
had() { # op bundle
  size=0
  [ ! -e "$BASE/ops/$1/in/$2.part" ] || size=$(wc -c <"$BASE/ops/$1/in/$2.part")
  echo $((size))
}

# The receiving side of an upload, in a connection of its own: the bundle from an offset on, on standard input. What an earlier
# connection brought is copied, for that one's `cat` may still be writing what it had read.
put() { # op bundle sha256 offset
  OPDIR=$BASE/ops/$1
  bundle=$OPDIR/in/$2
  if [ ! -d "$OPDIR/in" ] || [ -e "$OPDIR/ended" ] || [ -e "$bundle" ]; then return 0; fi
  if [ "$4" -gt 0 ]; then head -c "$4" "$bundle.part" >"$bundle.$$"; else : >"$bundle.$$"; fi
  mv -f "$bundle.$$" "$bundle.part"
  cat >>"$bundle.part"
  [ "$(digest_of "$bundle.part")" = "$3" ] || return 1
  mv "$bundle.part" "$bundle"
  wake "$OPDIR/receiving"
}
