# One lock an app, held by the live engine through an open file: descriptor 9, which its steps and all that they start inherit.
# When the last of them is gone it is free, so that it cannot be left behind. The app's own VM is started without it.
#
# Where there is flock(1) the kernel keeps the lock, of the file lock/APP. Elsewhere it is the directory lock/APP.dir with one
# file in it, open in the holder and named by the engine: boot id, pid, start time. Who wants it makes such a directory aside
# and renames it to that name; rename(2) puts a directory only where there is none, or an empty one. So the lock is never there
# without its holder. It is free when the file is gone; whoever takes away what a dead engine has left removes it by its
# name, so that he never takes what another has got meanwhile, and two of them do no more than one.

take_lock() { # timeout-ms
  make_directory "$BASE/lock" 2>/dev/null || true
  # Whoever waits only says so.
  is_waiting=yes
  open_lock
  now_ms
  lock_begin=$now
  lock_said=0
  while ! try_lock; do
    now_ms
    holder='another run'
    [ ! -r "$BASE/lock/$APP.holder" ] || holder=$(cat "$BASE/lock/$APP.holder")
    if [ $((now - lock_begin)) -ge "$1" ]; then
      [ -z "$lock_id" ] || rm -rf "$BASE/lock/.$APP.$lock_id"
      # One that was begun is for whoever gets the lock.
      ! was_begun || return 1
      journal outcome outcome s rolled_back code s lock_timeout \
        facts j "$(json_string "$holder"; printf '{"holder":%s,"waitedMs":%s}' "$json" $((now - lock_begin)))" || true
      return 1
    fi
    if [ "$now" -ge "$lock_said" ]; then
      journal waiting for s "the lock, held by $holder" || true
      lock_said=$((now + 10000))
    fi
    sleep 0.2
  done
  is_waiting=
  # Without it waiters are told of "another run".
  write_for_now "$BASE/lock/$APP.holder" "$HOLDER" || rm -f "$BASE/lock/$APP.holder" 2>/dev/null || true
}

# $lock_id is empty where flock keeps the lock.
open_lock() {
  lock_id='' lock_dir=$BASE/lock/$APP.dir
  find_boot
  if command -v flock >/dev/null; then
    # Where the disk can only be read, its lock can still be taken.
    if can_append "$BASE/lock/$APP"; then exec 9>>"$BASE/lock/$APP"; else exec 9<"$BASE/lock/$APP"; fi
    return 0
  fi
  forget_waiters
  process_stat $$
  lock_id=$boot_id.$$.$started
  # On a disk that is full an op that was begun has brought what this needs.
  make_lock || { spend_reserve && make_lock; }
  exec 9>>"$BASE/lock/.$APP.$lock_id/$lock_id"
}

make_lock() {
  mkdir -p "$BASE/lock/.$APP.$lock_id" && printf '' >"$BASE/lock/.$APP.$lock_id/$lock_id"
}

# What waiters have left that died before they got it.
forget_waiters() {
  for waiter in $(list_dir "$BASE/lock"); do
    case $waiter in
      ".$APP."*) is_engine "${waiter#".$APP."}" || rm -rf "$BASE/lock/$waiter" ;;
    esac
  done
}

try_lock() {
  if [ -z "$lock_id" ]; then
    # An op may still hold it that began before there was a flock here.
    flock -n 9 && { [ ! -d "$lock_dir" ] || break_lock; }
  else
    rename_lock || { break_lock && rename_lock; }
  fi
}

rename_lock() {
  mv -T "$BASE/lock/.$APP.$lock_id" "$lock_dir" 2>/dev/null
}

# Takes away what the dead have left in it; false where somebody holds it.
break_lock() {
  for held_by in $(list_dir "$lock_dir"); do
    ! is_engine "$held_by" || return 1
    ! is_open "$lock_dir/$held_by" || return 1
    # Another may take it away at the same time; of that busybox' rm complains, with -f, too.
    rm -f "$lock_dir/$held_by" 2>/dev/null || [ ! -e "$lock_dir/$held_by" ] || return 1
  done
}

# Is the engine of that name alive? Not after a reboot, nor if another process has its pid by now.
is_engine() { # boot-id.pid.starttime
  [ "${1%%.*}" = "$boot_id" ] || return 1
  engine_id=${1#*.}
  is_alive "${engine_id%.*}" "${engine_id#*.}"
}

# A step may have outlived its engine. Only who has the file can have passed it on, so one that nobody has is nobody's for good.
is_open() { # file
  set +f
  for descriptor in /proc/[0-9]*/fd/*; do
    # Asked of the file itself: names of others' files are words of theirs.
    # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
    [ "$descriptor" -ef "$1" ] && set -f && return 0
  done
  set -f
  return 1
}

# At the end of an engine. It is free without that, too, and then the next one looks whether anybody lives.
free_lock() {
  [ -z "$lock_id" ] || rm -f "$lock_dir/$lock_id"
}

# Is the lock that this process holds the app's lock? Not where somebody has removed the file, and with it the ground that
# another op may now stand on. Asked before each effect and each line: an op that lost its lock writes nothing more.
holds_lock() {
  [ -z "$is_waiting" ] || return 0
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  [ "/proc/$$/fd/9" -ef "$BASE/lock/$APP" ] && return 0
  set +f
  for lock_file in "$BASE/lock/$APP.dir"/*; do
    # shellcheck disable=SC3013
    [ "/proc/$$/fd/9" -ef "$lock_file" ] && set -f && return 0
  done
  set -f
  is_all_gone
}

# Where all that is Beamline's was removed, or is being removed, nobody else can take this op back. It still holds the lock that nobody
# can come by any more; until another one is there, for then another op may be.
is_all_gone() {
  # Nor where the op was not open: who has only its name has lost it.
  ! has_lock_file && [ "${OPFILE:-}" = /proc/self/fd/4 ]
}

has_lock_file() { [ -e "$BASE/lock/$APP" ] || [ -e "$BASE/lock/$APP.dir" ]; }
