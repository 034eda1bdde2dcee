# The engine runs the steps of one op in order; on a failure it runs the undos of all that began, last first. It is detached
# from the connection that submitted it. Called again for an op that was cut off, it finishes or undoes it.

# The header of a submitted op, as variables.
load_op() { # op
  OP=$1
  OPDIR=$BASE/ops/$OP
  OPFILE=$OPDIR/op JOURNAL=$OPDIR/journal FACTS=$OPDIR/facts
  read_header
}

read_header() {
  {
    read -r APP && read -r LOCK_TIMEOUT && read -r EXPECTS && read -r HOLDS && IFS= read -r HOLDER && read -r STEPS FINAL &&
      read -r AGENT
  } <"$OPFILE"
}

# A step's line of the op: 1.step, 1.do, 1.undo.1. Behind the header.
line_of() { sed -n "8,\$s/^$1 //p" "$OPFILE"; } # key

# All that the way back reads stays open, for the engine and its steps: the agent itself, the op, what it has found out, its journal.
# So it is there to the end, though somebody removes the files, or their disk can't be written any more.
open_op() {
  exec 3<"$SELF" 4<"$OPDIR/op"
  if can_append "$OPDIR/facts"; then exec 5>>"$OPDIR/facts"; elif [ -r "$OPDIR/facts" ]; then exec 5<"$OPDIR/facts"; else exec 5</dev/null; fi
  if can_append "$OPDIR/journal"; then exec 8>>"$OPDIR/journal"; else exec 8<"$OPDIR/journal"; fi
  use_open_op
}

use_open_op() {
  OPFILE=/proc/self/fd/4 FACTS=/proc/self/fd/5 JOURNAL=/proc/self/fd/8
}

# The agent by its name, or else as it is open.
find_self() {
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  [ "$SELF" -ef "/proc/$$/fd/3" ] || SELF=/proc/self/fd/3
}

engine() { # op [recover|begin] [cut-off-since]
  load_op "$1"
  # Two runs may have found an op without an engine at once: one engine is enough.
  if engine_is_alive "$1" && [ "$engine_pid" != $$ ]; then return 0; fi
  open_op
  task=${2:-begin} cut_off_since=${3:-}
  trap engine_again EXIT
  pause_again
  ! seek_spool || rm -f "$spool/ended"
  end_spooling
  tell_engine || spend_reserve || true
  take_lock "$LOCK_TIMEOUT" || { was_begun || end_op; trap - EXIT; return 0; }
  # It may have been ended while we waited.
  [ -e "$OPDIR/ended" ] || go_on
  free_lock
  trap - EXIT
}

tell_engine() { process_stat $$ && put_word engine "$$ $started"; }

go_on() {
  resolve_others
  # What was received long ago and never began is not what anybody wants by now: who recovers it only ends it.
  if [ "$task" = recover ] || was_begun; then resolve; else run_steps; fi
  is_there || put_back
  end_op
}

# A shell ends when no process can be started. What has begun must not end there: the engine becomes itself once more, which takes no
# process, still holds the lock and its files, and goes back as soon as the host lets it. What a host has not for half an hour it is not
# waited for any longer: the next run takes up what is left.
engine_again() {
  now_ms
  : "${cut_off_since:=$now}"
  [ $((now - cut_off_since)) -lt 1800000 ] || exit 1
  # There is no pause that takes no process.
  again_at=$((now + 500))
  while [ "$now" -lt "$again_at" ]; do now_ms; done
  [ -z "$is_waiting" ] || exec sh "$SELF" "$ROOT" engine "$OP" "$task" "$cut_off_since"
  exec sh /proc/self/fd/3 "$ROOT" engine_on "$OP" "$task" "$cut_off_since" "$lock_id"
}

# Where one process can be started it is more of them that are missing, or something else, which takes its time.
pause_again() {
  [ -n "$cut_off_since" ] || return 0
  now_ms
  if [ $((now - cut_off_since)) -lt 60000 ]; then sleep 0.5; else sleep 5; fi
}

# By engine_again.
engine_on() { # op task cut-off-since lock-id
  OP=$1 OPDIR=$BASE/ops/$1 task=$2 cut_off_since=$3 lock_id=$4
  trap engine_again EXIT
  use_open_op
  read_header
  lock_dir=$BASE/lock/$APP.dir
  end_children
  pause_again
  cut_off_by=no_more_processes
  seek_spool || true
  [ -e "$OPDIR/ended" ] || go_on
  free_lock
  trap - EXIT
}

# The step of the engine that this one was: it is undone by its own undo.
end_children() {
  set +f
  for child in /proc/[0-9]*; do
    if process_stat "${child#/proc/}" && [ "$parent" = $$ ]; then kill_all_of "${child#/proc/}"; fi
  done
  set -f
}

# The end of an engine, or of a step, that is none to be begun again.
leave() {
  trap - EXIT
  exit 1
}

# An op of this app that has not ended. One whose header a damaged disk has lost is nobody's: what it did shows as drift.
is_unfinished() { # op
  # With a dot it is still being received.
  case $1 in .*) return 1 ;; esac
  [ -e "$BASE/ops/$1/header" ] || return 1
  [ ! -e "$BASE/ops/$1/ended" ] || return 1
  { read -r its_app <"$BASE/ops/$1/header"; } 2>/dev/null && [ "$its_app" = "$APP" ] && can_be_loaded "$1"
}

# Is there all that an engine must know of an op? One of an earlier version needs that version's agent.
can_be_loaded() { # op
  if [ -e "$BASE/ops/$1/op" ]; then
    { read -r _ && read -r _ && read -r _ && read -r _ && read -r _ && read -r _ && read -r _; } 2>/dev/null <"$BASE/ops/$1/op"
  else
    { read -r its_agent <"$BASE/ops/$1/agent"; } 2>/dev/null && is_agent "$BASE/$its_agent"
  fi
}

was_begun() {
  begun_in=${JOURNAL:-$OPDIR/journal}
  [ -e "$begun_in" ] && found_in -q '"event":"begin"' "$begun_in"
}

# Ops of this app that nothing runs any more (we hold the lock) come first. At most one of them has begun, for it would have been resolved
# before another one did; so no clock orders them.
resolve_others() {
  others=$(list_dir "$BASE/ops") || unanswered
  for other in $others; do
    [ "$other" != "$OP" ] || continue
    is_unfinished "$other" || continue
    op_agent "$other"
    sh "$agent" "$ROOT" resolve_op "$other"
  done
}

# What an op's steps mean is known to the agent that took it, which may be an older one than this.
op_agent() { # op → $agent
  agent=$SELF
  [ ! -r "$BASE/ops/$1/agent" ] || agent=$BASE/$(cat "$BASE/ops/$1/agent")
  [ "$agent" = "$SELF" ] || is_agent "$agent" || agent=$SELF
}

# Runs with the lock of the engine that calls it.
resolve_op() { # op
  load_op "$1"
  open_op
  seek_spool || true
  end_spooling
  resolve
  end_op
}

# After the commit point an op is finished; before it, undone. Whether the commit happened is read from its effect.
resolve() {
  spend_reserve || true
  remember_record
  # A step that outlived its engine holds the lock, so none runs here any more. What it was doing is undone by its own undo.
  if is_committed; then
    # What can be read no more is written anew.
    if [ "$recorded" = '?' ]; then run_from "$FINAL"; else run_from $((FINAL + 1)); fi
  elif was_begun; then
    begun=$(sed -n 's/.*"event":"begin".*"index":\([0-9]*\).*/\1/p' "$JOURNAL") || unanswered
    last_line "$begun"
    last=$last_line
    last_id=$(line_of "$last.step") || unanswered
    last_id=${last_id%% *}
    # Where it was on its way back already, that has its reason.
    read_failed || code=${cut_off_by:-interrupted} facts="{\"step\":\"$last_id\"}" tail='[]'
    undo_from "$last" "$code" "$facts" "$tail"
  else
    journal outcome outcome s rolled_back code s interrupted facts j '{"step":"start"}' || true
  fi
}

# The last failure of the journal: $code $facts $tail. Quotes within a text are escaped, so that these are its own keys.
read_failed() {
  failed_lines=$(lines_with failed) || unanswered
  last_line "$failed_lines"
  failed_line=$last_line
  case $failed_line in *'"code":"'*'","facts":'*',"tail":'*'}') ;; *) return 1 ;; esac
  code=${failed_line#*\"code\":\"} && code=${code%%\"*}
  facts=${failed_line#*\"facts\":} && facts=${facts%,\"tail\":*}
  tail=${failed_line##*,\"tail\":} && tail=${tail%\}}
}

# What is on record, should somebody remove that.
remember_record() {
  recorded_op
  record_before=
  [ "$recorded" = - ] || record_before=$record_json$NEWLINE$record_probe$NEWLINE$recorded
}

end_op() {
  holds_lock || leave
  end_spooling
  # Files that may hold secrets do not outlive the op.
  rm -rf "$OPDIR/in" "$OPDIR/failure" "$OPDIR/waiting" "$OPDIR/step" "$OPDIR/reserve" 2>/dev/null || true
  # What was left over is for the next run, to which this op must not have ended.
  if [ -z "$left" ] && can_append "$OPDIR/ended"; then
    sync_file "$OPDIR" || true
    rm -f "$OPDIR/undone" 2>/dev/null || true
  elif find_spool; then
    # What follows this op hears of its end; to the next run it is one that was cut off.
    is_there || cat "$JOURNAL" >"$spool/whole" || true
    can_append "$spool/ended" || true
  fi
  discard_at_start || true
  wake "$OPDIR/following"
  [ -z "$spool" ] || wake "$spool/following"
}

# What was spooled has its place again; else it goes on there.
end_spooling() {
  [ -n "$spool" ] || return 0
  can_append "$OPDIR/ours" && rm -f "$OPDIR/ours" || return 0
  for spooled in journal undone; do
    [ ! -s "$spool/$spooled" ] || cat "$spool/$spooled" >>"$OPDIR/$spooled" || return 0
    # Once it is there it does not come again.
    rm -f "$spool/$spooled"
  done
  rm -rf "$spool"
  spool='' spool_of=''
}
