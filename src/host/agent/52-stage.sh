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
  # Nobody else may come in here until all of it is verified: not even to look, and least of all to execute.
  mkdir -m 700 "$staged"
  find_known
  (umask 022 && copy_known)
  [ ! -s "$OPDIR/lacking" ] || receive 1
  (umask 022 && follow_up)
  unpacked=$(staged_digest)
  if [ "$unpacked" != "$2" ]; then
    # Something here is not what its mark says, and was copied: what differs is brought, too.
    find_wrong
    [ ! -s "$OPDIR/lacking" ] || receive 2
    unpacked=$(staged_digest)
  fi
  [ "$unpacked" = "$2" ] || fail transfer_failed - detail s "its contents have digest $unpacked instead of $2"
  { printf '%s\n' "$2" && cat "$manifest"; } >"$staged/.beamline"
  settle_modes || fail step_failed - detail s "what it has unpacked can't be given the modes of a release"
  make_links || exit 1
  # What lies under that name is not it: marked as damaged, or begun and never ended.
  if [ -e "$ROOT/$APP/$1" ] || [ -L "$ROOT/$APP/$1" ]; then
    ! is_in_use "$1" || fail step_failed - detail s "$ROOT/$APP/$1 is in use, and is another release"
    remove_release "$1"
  fi
  # Whoever the app runs as only reads it; who else may come here at all is for its directory to say.
  chmod u-s,g-s,-t,u=rwx,go=rx "$staged"
  # All of it is on disk before its name exists.
  sync
  mv -T "$staged" "$ROOT/$APP/$1"
  rm -f "$bundle.1" "$bundle.2" "$manifest"
}

# Is it this op that has put a release there?
has_made() { [ -e "$OPDIR/made-releases" ] && found_in -qxF "$1" "$OPDIR/made-releases"; } # release

# The releases of this host, this app's first and its newest first.
known_releases() {
  for known_app in "$APP" $(list_dir "$ROOT"); do
    [ -d "$ROOT/$known_app" ] || continue
    for known in $(releases_of "$known_app"); do
      printf '%s\n' "$ROOT/$known_app/$known"
    done
  done
}

# Sorts the manifest's lines: same (number of a release, path there and here), moved (file of a release, path here), links (target,
# path), empty directories, twins (path of the same content in this release, path), lacking (line numbers, as ranges). What keeps
# its path is copied by one tar a release; all else takes a process a file, or one for 200 that keep directory and names, so of
# that no more is copied than 500 processes can: the rest is asked for.
find_known() {
  for part in bases same moved links empty twins lacking refused; do : >"$OPDIR/$part"; done
  for known in $(known_releases); do
    printf 'in\t%s\n' "$known"
    tail -n +2 "$known/.beamline"
  done | awk -F '\t' -v dir="$OPDIR" '
    part == "there" && $1 == "in" { base = $2; next }
    part == "there" && ($1 == "l" || $1 == "d") { next }
    part == "there" { if (!($1 in where)) where[$1] = base substr($2, 2); if (!(($1, $2) in at)) at[$1, $2] = base; next }
    # The runner has refused these already.
    $2 !~ "^[.]/" || substr($2, 2) "/" ~ "/[.]?[.]?/" || $2 "/" ~ "^[.]/[.]beamline/" { print $2 >(dir "/refused"); exit }
    $1 == "l" { print $3 "\t" $2 >(dir "/links"); next }
    $1 == "d" { print $2 >(dir "/empty"); next }
    ($1, $2) in at {
      base = at[$1, $2]
      if (!(base in number)) { number[base] = ++bases; print bases "\t" base >(dir "/bases") }
      print number[base] "\t" $2 >(dir "/same")
      next
    }
    $1 in where && is_affordable(where[$1], $2) { print where[$1] "\t" $2 >(dir "/moved"); next }
    $1 in coming && is_affordable("/" coming[$1], $2) { print coming[$1] "\t" $2 >(dir "/twins"); next }
    { if (!($1 in coming)) coming[$1] = $2; if (last && FNR == last + 1) last = FNR; else { range(); first = last = FNR } }
    function range() { if (last) { printf "%s%s", comma, first == last ? first : first "-" last >(dir "/lacking"); comma = "," } }
    function is_affordable(from, to,  name, pair) {
      name = from; sub(".*/", "", name)
      pair = substr(from, 1, length(from) - length(name)) "\t" substr(to, 1, length(to) - length(name))
      if (name == substr(to, length(to) - length(name) + 1) && substr(pair, length(pair)) == "/") {
        if (together[pair]++ % 200) return 1
      }
      return ++processes <= 500
    }
    END { range() }' part=there - part=manifest "$manifest"
  [ ! -s "$OPDIR/refused" ] || fail transfer_failed - detail s "its manifest holds $(head -n 1 "$OPDIR/refused")"
}

# What lies on the host may have been damaged, or be gone: that is seen when all is verified. A tar copies what it finds: it follows
# no link and waits for no pipe, and what is there instead of a file is taken away again.
copy_known() {
  while IFS="$TAB" read -r number base; do
    awk -F '\t' -v number="$number" '$1 == number { print $2 }' "$OPDIR/same" | in_batches copy_same "$base"
  done <"$OPDIR/bases"
  [ ! -s "$OPDIR/bases" ] || (cd "$staged" && find . \( ! -type f ! -type d \) -exec rm -f {} + -o -type f -links +1 -exec rm -f {} +)
  cp "$OPDIR/moved" "$OPDIR/copies"
  place_copies
}

copy_same() { # release path…
  cd "$1" || return 0
  shift
  tar -cf - "$@" 2>"$OPDIR/cp.log" | tar -xf - -o -C "$staged" 2>"$OPDIR/tar.log" || :
}

# Calls a command with many lines of standard input at once as its last arguments, since each call takes a process or two. Paths in a
# manifest have no tabs.
in_batches() ( # command argument
  batches=$(awk '
    count == 500 || bytes > 60000 { print ""; count = bytes = 0 }
    { printf "%s%s", count++ ? "\t" : "", $0; bytes += length($0) }
    END { if (count) print "" }')
  IFS=$NEWLINE
  for batch in $batches; do
    IFS=$TAB
    # shellcheck disable=SC2086 # split at tabs
    "$1" "$2" $batch
  done
)

# The lines of `copies`: from, path here. Files of one directory that keep their names go together.
place_copies() {
  [ -s "$OPDIR/copies" ] || return 0
  cut -f 2 "$OPDIR/copies" | make_directories
  # read(1) takes a byte at a time, so that a directory's name comes once for its files.
  awk -F '\t' '
    {
      from = $1; to = $2
      sub("/[^/]*$", "", from); sub("/[^/]*$", "", to)
      name = substr($1, length(from) + 2)
      if (name != substr($2, length(to) + 2)) { print "as\t" $1 "\t" $2; next }
      pair = from "\t" to
      names[pair] = names[pair] "\t./" name
      if (++files[pair] % 200 == 0) end(pair)
    }
    function end(pair) { if (names[pair] != "") print "in\t" pair names[pair]; names[pair] = "" }
    END { for (pair in names) end(pair) }' "$OPDIR/copies" |
    while IFS="$TAB" read -r how from to names; do
      case $how in
        as) if is_plain_file "$from"; then cp -p -- "$from" "$staged/$to" || rm -f -- "$staged/$to"; fi ;;
        in) copy_into "$staged/$to" "$from" "$names" || : ;;
      esac 2>"$OPDIR/cp.log"
    done
}

# A pipe would never end, and a link may lead anywhere.
is_plain_file() { [ -f "$1" ] && [ ! -L "$1" ]; }

copy_into() ( # directory from names-between-tabs
  cd "$2" || exit 1
  directory=$1
  IFS=$TAB
  # shellcheck disable=SC2086 # split at tabs, which no path in a manifest has
  set -- $3
  for name in "$@"; do
    shift
    ! is_plain_file "$name" || set -- "$@" "$name"
  done
  [ $# -eq 0 ] || cp -p -- "$@" "$directory/"
)

# The directories of paths in the release, which stand in lines on standard input.
make_directories() { awk '{ sub("/[^/]*$", "") } !seen[$0]++' | in_batches make_in "$staged"; }

make_in() { # directory path…
  cd "$1" || exit 1
  shift
  mkdir -p -- "$@"
}

# What the runner brought is there; the rest follows from it, but for the links.
follow_up() {
  awk -F '\t' -v staged="$staged" '{ print staged substr($1, 2) "\t" $2 }' "$OPDIR/twins" >"$OPDIR/copies"
  place_copies
  [ -s "$OPDIR/empty" ] || [ -s "$OPDIR/links" ] || return 0
  { sed 's/$/\/./' "$OPDIR/empty" && cut -f 2 "$OPDIR/links"; } | make_directories
}

# The digest of what was put together, as content_digest has it, and of the links that the manifest has: none is there yet.
staged_digest() {
  (
    cd "$staged"
    {
      file_digests | sort -k 2
      find . -type f -perm -100 | sort
      awk -F '\t' '$1 == "l" { print $2 "\t" $3 }' "$manifest" | sort -t "$TAB" -k 1,1 | sed "s/$TAB/ -> /"
    } | digest_of -
  )
}

# Modes as a release has them, whatever those of another release here were, and nobody's but ours: root's tar and cp keep all.
settle_modes() (
  cd "$staged" || exit 1
  read -r _ _ its_uid its_gid _ <<END_OF_LINE
$(ls -nd .)
END_OF_LINE
  find . ! -user "$its_uid" -exec chown "$its_uid:$its_gid" {} + || exit 1
  # busybox forgets about the last files of an -exec … + that stands in parentheses.
  find . ! -path . -type d ! -perm 755 -exec chmod u-s,g-s,-t,u=rwx,go=rx {} + -o \
    -type f -perm -100 ! -perm 755 -exec chmod 755 {} + -o -type f ! -perm -100 ! -perm 644 -exec chmod 644 {} +
)

# Last, when all else is verified and nothing more is written by a path: each in a directory that is one, in nothing's place.
make_links() (
  top=$(cd -P "$staged" && pwd -P) || exit 1
  while IFS="$TAB" read -r target path; do
    link_place=${path%/*} name=./${path##*/}
    link_place=$top${link_place#.}
    if ! { cd -P "$link_place" && [ "$PWD" = "$link_place" ] && [ ! -e "$name" ] && [ ! -L "$name" ] && ln -s -- "$target" "$name"; } 2>"$OPDIR/cp.log"; then
      fail transfer_failed "$OPDIR/cp.log" detail s "its link $path can't be made"
    fi
  done <"$OPDIR/links"
)

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
  # The runner wrote it, file by file: what a tarball says of modes, owners and links has not come here.
  if ! (umask 022 && gzip -dc "$brought" | tar -xf - -o -C "$staged") 2>"$OPDIR/tar.log"; then
    free=$(free_kb "$ROOT/$APP")
    [ "$free" -ge 512 ] || fail disk_full - path s "$ROOT" neededBytes n "$((needed * 1024))" freeBytes n "$((free * 1024))"
    fail transfer_failed "$OPDIR/tar.log" detail s "it does not unpack"
  fi
  # Nor is there anything else: by a link, or a second name of a file, what follows could reach what is not ours.
  odd=$(cd "$staged" && find . \( ! -type f ! -type d \) -o -type f -links +1 -o -path ./.beamline | head -n 1)
  [ -z "$odd" ] || fail transfer_failed - detail s "it has unpacked $odd, which is no regular file of a release"
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
