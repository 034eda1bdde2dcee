# The journal: one JSON line an event. An effect's begin is on disk before it, its done after it: whoever comes after a crash
# knows from the last line what may have happened. A done is synced with the line that follows it, which there always is: lost
# with it, the effect is undone, or done, once more.
#
# The way back must need no disk. A live engine has all that it takes open (see open_op), so that it reads on when the files are
# gone; and what it would write where nothing can be written any more goes to the spool, in the host's memory.

# False where the line is not on disk. Then nothing may begin; what happens is told by way of the spool, where there is one.
journal() { # event [key type value]…
  holds_lock || leave
  now_ms
  event=$1
  shift
  json_object event s "$event" t n "$now" "$@"
  add_line 2>/dev/null || { spend_reserve && add_line 2>/dev/null; } || { spool_line || true; return 1; }
  case $event in done | undone) return 0 ;; esac
  wake "$OPDIR/following"
  sync_file "${JOURNAL:-$OPDIR/journal}"
}

# Once the disk was full, or an engine gone, a line may have been cut off: from then on each begins anew. Whoever reads passes over
# empty ones. What was spooled once is spooled from then on, so that lines keep their order.
add_line() { # $json
  [ -z "$spool" ] || [ ! -e "$spool/journal" ] || return 1
  if [ -e "$OPDIR/reserve" ]; then printf '%s\n' "$json"; else printf '\n%s\n' "$json"; fi >>"${JOURNAL:-$OPDIR/journal}"
}

spool_line() { # $json
  find_spool || return 1
  printf '\n%s\n' "$json" 2>/dev/null >>"$spool/journal" || return 1
  wake "$spool/following"
}

# Its lines with an event, wherever they are.
lines_with() { # event
  set -- "/\"event\":\"$1\"/p"
  sed -n "$1" "${JOURNAL:-$OPDIR/journal}" 2>/dev/null || ended_itself $?
  if [ -n "$spool" ] && [ -e "$spool/journal" ]; then sed -n "$1" "$spool/journal" || ended_itself $?; fi
}

last_line() { last_line=${1##*"$NEWLINE"}; } # text → $last_line

# A disk that fills up while an op is at work must not keep it from going back: each op brings what its undo may have to write. Room
# that is given back anybody may take; that behind a file's end (fallocate(1) of util-linux, where it is) is the file's own.
keep_reserve() { # directory
  dd if=/dev/zero of="$1/reserve" bs=1024 count=256 2>/dev/null || return 1
  fallocate -n -l 32768 "$1/journal" 2>/dev/null || return 0
  fallocate -n -l 4096 "$1/undone" 2>/dev/null || true
}

# True where there was something to give back.
spend_reserve() {
  [ -e "$OPDIR/reserve" ] && rm -f "$OPDIR/reserve" 2>/dev/null
}

# Where an op leaves word when its own directory takes none: one that is ours alone, in memory, which a reboot forgets. $spool; false,
# and empty, where there is none.
find_spool() {
  if [ -n "$spool" ] && [ "$spool_of" = "$OP" ]; then return 0; fi
  spool_of=$OP
  for spool in $(spool_roots); do
    if { is_our_own "$spool" || mkdir -m 700 "$spool"; } && is_our_own "$spool" &&
      mkdir -p "$spool/.ops/$OP" && can_append "$spool/.ops/$OP/ours"; then
      spool=$spool/.ops/$OP
      return 0
    fi
  done 2>/dev/null
  spool=
  return 1
}

# The same where there is one already: who only looks makes none.
seek_spool() {
  if [ -n "$spool" ] && [ "$spool_of" = "$OP" ]; then return 0; fi
  spool_of=$OP
  for spool in $(spool_roots); do
    spool=$spool/.ops/$OP
    [ ! -d "$spool" ] || ! is_our_own "${spool%/.ops/*}" || return 0
  done
  spool=
  return 1
}

spool_roots() {
  who_we_are
  printf '%s\n' /run/beamline "/run/user/$uid/beamline" "/dev/shm/beamline-$uid" "/tmp/beamline-$uid"
}

# In a directory that all may write to anybody may have put something of that name.
is_our_own() { # directory
  # shellcheck disable=SC3067 # known to dash and busybox ash, and now to POSIX
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

# A word of this op to another process: in its directory, or else in the spool.
put_word() { # name text
  if write_for_now "$OPDIR/$1" "$2"; then return 0; fi
  find_spool && write_for_now "$spool/$1" "$2"
}

# $word_file, where such a word is; what was said last is in the spool, where there is one. False where there is none.
find_word() { # name
  word_file=$spool/$1
  if [ -n "$spool" ] && [ -e "$word_file" ]; then [ -s "$word_file" ] && return 0; return 1; fi
  word_file=$OPDIR/$1
  [ -s "$word_file" ]
}

# What can't be taken away is covered by an empty one.
drop_word() { # name
  [ -z "$spool" ] || rm -f "$spool/$1"
  [ -e "$OPDIR/$1" ] || return 0
  rm -f "$OPDIR/$1" 2>/dev/null || { find_spool && printf '' >"$spool/$1"; } || true
}

# Where a command may say what it has to say: $log_file.
find_log() { # name
  log_file=$OPDIR/$1
  if can_append "$log_file"; then return 0; fi
  log_file=/dev/null
  ! find_spool || log_file=$spool/$1
}

# What this op has found or made, for its undo: on disk before the effect.
note_fact() { # name value; of several lines each has the name
  fact_lines=$(printf '%s\n' "$2" | sed "s/^/$1 /")
  printf '\n%s\n' "$fact_lines" 2>/dev/null >>"${FACTS:-$OPDIR/facts}" && sync_file "${FACTS:-$OPDIR/facts}" 2>/dev/null
}

facts_of() { # name → its values, one a line
  [ ! -e "${FACTS:-$OPDIR/facts}" ] || sed -n "s/^$1 //p" "${FACTS:-$OPDIR/facts}" || unanswered
}

has_fact() { [ -e "${FACTS:-$OPDIR/facts}" ] && found_in -qxF -e "$1 $2" "${FACTS:-$OPDIR/facts}"; } # name value

last_fact() { # name → $fact, empty where there is none
  facts_found=$(facts_of "$1") || unanswered
  last_line "$facts_found"
  fact=$last_line
}

# A step ends here when it fails: the engine reads code, facts and quoted lines from this file, one line each.
fail() { # code file-to-quote|- [key type value]…
  failed_code=$1
  failed_tail='[]'
  [ "$2" = - ] || { json_tail "$2"; failed_tail=$json; }
  shift 2
  json_object "$@"
  put_word failure "$failed_code$NEWLINE$json$NEWLINE$failed_tail" || true
  exit 1
}

# A step ends where a directory can't be written, with the reason.
fail_unwritable() { # directory
  why_unwritable "$1" || unwritable=disk_full unwritable_facts="{\"path\":\"$1\",\"neededBytes\":65536,\"freeBytes\":0}"
  put_word failure "$unwritable$NEWLINE$unwritable_facts${NEWLINE}[]" || true
  exit 1
}

# What a step waits for, shown to people every 10 s by the engine's watch.
waiting_for() {
  # It is only said: a full disk must not end the step for that.
  printf '%s' "$1" 2>/dev/null >"$OPDIR/waiting" || true
}
