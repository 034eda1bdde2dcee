# The journal: one JSON line an event, synced. An effect's begin is on disk before it, its done after it: whoever comes
# after a crash knows from the last line what may have happened.

journal() { # event [key type value]…
  now_ms
  event=$1
  shift
  json_object event s "$event" t n "$now" "$@"
  printf '%s\n' "$json" >>"$OPDIR/journal"
  sync_file "$OPDIR/journal"
}

# A step ends here when it fails: the engine reads code, facts and quoted lines from this file, one line each.
fail() { # code file-to-quote|- [key type value]…
  failed_code=$1
  failed_tail='[]'
  [ "$2" = - ] || { json_tail "$2"; failed_tail=$json; }
  shift 2
  json_object "$@"
  printf '%s\n%s\n%s\n' "$failed_code" "$json" "$failed_tail" | write_file "$OPDIR/failure"
  exit 1
}

# What a step waits for, shown to people every 10 s by the engine's watch.
waiting_for() {
  printf '%s' "$1" >"$OPDIR/waiting"
}
