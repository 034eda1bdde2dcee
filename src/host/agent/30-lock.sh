# One lock an app, held by the live engine through an open file: the kernel frees it when the engine and its current step are
# gone, so that it cannot be left behind. Descriptor 9; the app's own VM is started without it.

take_lock() { # timeout-ms
  mkdir -p "$BASE/lock"
  exec 9>>"$BASE/lock/$APP"
  now_ms
  lock_begin=$now
  lock_said=0
  while ! flock -n 9; do
    now_ms
    holder='another run'
    [ ! -r "$BASE/lock/$APP.holder" ] || holder=$(cat "$BASE/lock/$APP.holder")
    if [ $((now - lock_begin)) -ge "$1" ]; then
      # One that was begun is for whoever gets the lock.
      ! was_begun || return 1
      journal outcome outcome s rolled_back code s lock_timeout \
        facts j "$(json_string "$holder"; printf '{"holder":%s,"waitedMs":%s}' "$json" $((now - lock_begin)))"
      return 1
    fi
    if [ "$now" -ge "$lock_said" ]; then
      journal waiting for s "the lock, held by $holder"
      lock_said=$((now + 10000))
    fi
    sleep 0.2
  done
  # Without it waiters are told of "another run".
  printf '%s' "$HOLDER" | write_file "$BASE/lock/$APP.holder" || rm -f "$BASE/lock/$APP.holder"
}

# Is the lock that this process holds the app's lock? Not where somebody has removed the file, and with it the ground that
# another op may now stand on. Asked before each effect and each line: an op that lost its lock writes nothing more.
holds_lock() {
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  [ "/proc/$$/fd/9" -ef "$BASE/lock/$APP" ]
}
