# The journal: one JSON line an event. An effect's begin is on disk before it, its done after it: whoever comes after a crash
# knows from the last line what may have happened. A done is synced with the line that follows it, which there always is: lost
# with it, the effect is undone, or done, once more.

journal() { # event [key type value]…
  holds_lock || exit 1
  now_ms
  event=$1
  shift
  json_object event s "$event" t n "$now" "$@"
  add_line || { spend_reserve && add_line; } || return 1
  case $event in done | undone) return 0 ;; esac
  sync_file "$OPDIR/journal"
  wake "$OPDIR/following"
}

# Once the disk was full, or an engine gone, a line may have been cut off: from then on each begins anew. Whoever reads passes over
# empty ones.
add_line() { # $json
  if [ -e "$OPDIR/reserve" ]; then printf '%s\n' "$json"; else printf '\n%s\n' "$json"; fi >>"$OPDIR/journal"
}

# A disk that fills up while an op is at work must not keep it from going back: each op brings what its undo may have to write. Room
# that is given back anybody may take; that behind a file's end (fallocate(1) of util-linux, where it is) is the file's own.
keep_reserve() { # directory
  dd if=/dev/zero of="$1/reserve" bs=1024 count=256 2>/dev/null || return 1
  fallocate -n -l 32768 "$1/journal" 2>/dev/null || return 0
  fallocate -n -l 4096 "$1/undone" 2>/dev/null || true
}

# True where there was something to give back.
spend_reserve() {
  [ -e "$OPDIR/reserve" ] && rm -f "$OPDIR/reserve"
}

# A step ends here when it fails: the engine reads code, facts and quoted lines from this file, one line each.
fail() { # code file-to-quote|- [key type value]…
  failed_code=$1
  failed_tail='[]'
  [ "$2" = - ] || { json_tail "$2"; failed_tail=$json; }
  shift 2
  json_object "$@"
  write_for_now "$OPDIR/failure" "$failed_code$NEWLINE$json$NEWLINE$failed_tail" || true
  exit 1
}

# What a step waits for, shown to people every 10 s by the engine's watch.
waiting_for() {
  # It is only said: a full disk must not end the step for that.
  printf '%s' "$1" 2>/dev/null >"$OPDIR/waiting" || true
}
