# Verbs that put a release and its configuration on the host, beside what runs.

list_dir() { # dir → names, one a line
  [ ! -d "$1" ] || ls -1A "$1"
}

free_kb() { df -Pk "$1" | awk 'NR == 2 { print $4 }'; }

# The digest of a directory's contents: files with their sha256 in byte order of their paths, then the executable ones, then
# the links. src/artifact/manifest.ts computes the same from the tarball.
content_digest() { # dir
  (
    cd "$1"
    {
      find . -type f ! -path ./.beamline -exec sha256sum {} + | sort -k 2
      find . -type f ! -path ./.beamline -perm -100 | sort
      find . -type l | sort | while IFS= read -r symlink; do printf '%s -> %s\n' "$symlink" "$(readlink "$symlink")"; done
    } | sha256sum | cut -c 1-64
  )
}

release_digest() { # release → $digest, empty where it is not ours
  digest=
  [ ! -r "$ROOT/$APP/$1/.beamline" ] || read -r digest <"$ROOT/$APP/$1/.beamline"
}

do_stage() { # release digest artifact size-bytes unpacked-bytes
  release_digest "$1"
  [ "$digest" != "$2" ] || return 0
  needed=$((($4 + $5 + $5 / 10) / 1024 + 8192))
  mkdir -p "$ROOT/$APP"
  free=$(free_kb "$ROOT/$APP")
  [ "$free" -ge "$needed" ] || fail disk_full - path s "$ROOT" neededBytes n $((needed * 1024)) freeBytes n $((free * 1024))

  receive "$3" "$4"
  # Crash here or below: unstage removes both names. `made` is written first, so that it knows what this op made.
  printf '%s\n' "$1" | write_file "$OPDIR/made-release"
  staged=$ROOT/$APP/.stage-$OP
  rm -rf "$staged"
  (umask 022 && mkdir "$staged")
  if ! (umask 022 && gzip -dc "$OPDIR/in/$3" | tar -xf - -o -C "$staged") 2>"$OPDIR/tar.log"; then
    fail transfer_failed "$OPDIR/tar.log" detail s "it does not unpack"
  fi
  unpacked=$(content_digest "$staged")
  [ "$unpacked" = "$2" ] || fail transfer_failed - detail s "its contents have digest $unpacked instead of $2"
  printf '%s\n' "$2" >"$staged/.beamline"
  # All of it is on disk before its name exists.
  sync
  mv "$staged" "$ROOT/$APP/$1"
  rm -f "$OPDIR/in/$3"
}

# Waits for the runner to bring a file: as long as bytes come, and a minute longer.
receive() { # sha256 size-bytes
  [ -e "$OPDIR/in/$1" ] || journal need sha256 s "$1" sizeBytes n "$2"
  received=0
  now_ms
  received_at=$now
  while [ ! -e "$OPDIR/in/$1" ]; do
    size=0
    [ ! -e "$OPDIR/in/$1.part" ] || size=$(wc -c <"$OPDIR/in/$1.part" || echo 0)
    now_ms
    [ "$size" -eq "$received" ] || { received=$size received_at=$now; }
    [ $((now - received_at)) -lt 60000 ] || fail transfer_failed - detail s "no byte came for a minute ($received of $2)"
    waiting_for "the release, $received of $2 bytes"
    sleep 0.05
  done
}

# The receiving side of an upload, in a connection of its own: op sha256, content on standard input.
put() {
  OPDIR=$BASE/ops/$1
  [ -d "$OPDIR/in" ] && [ ! -e "$OPDIR/ended" ] || return 0
  cat >"$OPDIR/in/$2.part"
  got=$(sha256sum "$OPDIR/in/$2.part" | cut -c 1-64)
  # A cut connection ends the input early; the runner sends it again.
  [ "$got" = "$2" ] || { rm -f "$OPDIR/in/$2.part"; return 1; }
  mv "$OPDIR/in/$2.part" "$OPDIR/in/$2"
}

do_unstage() { # release
  rm -rf "$ROOT/$APP/.stage-$OP"
  if [ -e "$OPDIR/made-release" ] && ! is_in_use "$1"; then remove_release "$1"; fi
  remove_empty
}

# Out of sight first: a release that is half removed must never be taken for a whole one.
remove_release() { # release
  rm -rf "$ROOT/$APP/.removed-$1"
  [ ! -e "$ROOT/$APP/$1" ] || mv "$ROOT/$APP/$1" "$ROOT/$APP/.removed-$1"
  rm -rf "$ROOT/$APP/.removed-$1"
}

do_config() { # config
  directory=$ROOT/$APP/config/$1
  [ ! -d "$directory" ] || return 0
  : >"$OPDIR/made-config"
  mkdir -p "$ROOT/$APP/config"
  staged=$ROOT/$APP/config/.stage-$OP
  rm -rf "$staged"
  mkdir "$staged"
  cp "$OPDIR/in/env.config" "$OPDIR/in/os_env" "$staged/"
  sync_file "$staged/env.config"
  sync_file "$staged/os_env"
  mv "$staged" "$directory"
  sync_file "$ROOT/$APP/config"
}

do_unconfig() { # config
  rm -rf "$ROOT/$APP/config/.stage-$OP"
  [ ! -e "$OPDIR/made-config" ] || rm -rf "$ROOT/$APP/config/$1"
  remove_empty
}

# An app's directory goes with its last release: a deploy that was undone leaves nothing. What its log said has been quoted.
remove_empty() {
  [ -d "$ROOT/$APP" ] || return 0
  for name in $(list_dir "$ROOT/$APP"); do
    case $name in config | run | log) ;; *) return 0 ;; esac
  done
  rm -rf "${ROOT:?}/$APP"
}

current_release() { # → $current
  current=
  [ ! -L "$ROOT/$APP/current" ] || current=$(readlink "$ROOT/$APP/current")
}

do_link() { # release|-
  rm -f "$ROOT/$APP/.current-$OP"
  current_release
  if [ "$1" = - ]; then
    rm -f "$ROOT/$APP/current"
  elif [ "$current" != "$1" ]; then
    # rename(2) replaces the link in one step; ln -sf would remove it first.
    ln -s "$1" "$ROOT/$APP/.current-$OP"
    mv -T "$ROOT/$APP/.current-$OP" "$ROOT/$APP/current"
  fi
  sync_file "$ROOT/$APP"
}
