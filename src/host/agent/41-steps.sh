# The steps of an op, one after the other: each an action in a process of its own, with a deadline. On a failure the way back is taken.

run_steps() {
  remember_record
  if [ "$recorded" != "$EXPECTS" ]; then
    journal outcome outcome s rolled_back code s host_changed \
      facts j "{\"expected\":\"$EXPECTS\",\"found\":\"$recorded\"}" || true
    return 0
  fi
  if leads_elsewhere; then
    json_object path s "$leading" to s "$(readlink "$leading")"
    journal outcome outcome s rolled_back code s linked_directory facts j "$json"
    return 0
  fi
  run_from 1
}

run_from() { # index
  index=$1
  while [ "$index" -le "$STEPS" ]; do
    step_line=$(line_of "$index.step") || unanswered
    step_id=${step_line%% *} step_deadline=${step_line##* }
    # Without a word on disk nothing is begun: there is no space, so the way back is taken, which needs none. A line may still find room
    # behind another where no file can be written any more.
    if is_there && printf '%s\n' "$step_id" 2>/dev/null >"$OPDIR/step" && journal begin step s "$step_id" index n "$index"; then
      run_action "$index.do" "$step_deadline" "$step_id"
    else
      action_rc=1
    fi
    if [ "$action_rc" -eq 0 ]; then
      journal "done" step s "$step_id" index n "$index" || true
      [ "$index" -ne "$FINAL" ] || { has_committed=yes && remember_record; }
    elif is_committed; then
      # Past the commit point there is no way back, and nothing a user would notice is missing: say it, go on.
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      # Of an app that is gone nobody comes by again.
      [ "$final_verb" != forget ] || leave_for_next "${step_id#*-}"
    else
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      undo_from "$index" "$code" "$facts" "$tail"
      return 0
    fi
    index=$((index + 1))
  done
  tell_left
  journal outcome outcome s deployed || true
}

# An op that has left something has not ended for the next run, which does it once more.
leave_for_next() { left="$left${left:+, }$1"; } # verb

tell_left() { [ -z "$left" ] || journal note name s left value s "$left" || true; }

# Is all that is Beamline's where it was? Whoever removes it takes one after the other.
is_there() { [ -e "$OPDIR/header" ] && [ -d "$BASE/state" ] && has_lock_file; }

read_failure() {
  # A step that could not leave word in its op's directory has made a spool.
  seek_spool || true
  if find_word failure; then
    { read -r code; IFS= read -r facts; IFS= read -r tail; } <"$word_file"
  elif ! is_there; then
    code=state_removed facts="{\"path\":\"$BASE\"}" tail='[]'
  elif why_unwritable "$OPDIR" "$ROOT"; then
    code=$unwritable facts=$unwritable_facts tail='[]'
  elif free=$(free_kb "$BASE") && [ "$free" -lt 512 ]; then
    code=disk_full facts="{\"path\":\"$ROOT\",\"neededBytes\":524288,\"freeBytes\":$((free * 1024))}" tail='[]'
  else
    json_tail "$OPDIR/agent.log" 2>/dev/null || true
    code=step_failed facts='{"detail":"the step ended without saying why"}' tail=$json
  fi
}

# Step $FINAL cannot be undone: from its effect on, which is looked for itself, an op is finished, never undone.
is_committed() {
  final_verb=$(line_of "$FINAL.do") || unanswered
  final_verb=${final_verb#* }
  final_verb=${final_verb%% *}
  [ -z "$has_committed" ] || return 0
  case $final_verb in
    # One that can't be read any more may have been ours.
    record) recorded_op; [ "$recorded" = "$OP" ] || { [ "$recorded" = '?' ] && has_line "done"; } ;;
    # Where all of .beamline is gone, that is why there is no record.
    forget) is_there && has_line begin && [ ! -e "$BASE/state/$APP" ] ;;
    *) return 1 ;;
  esac
}

has_line() { found_in -q "\"event\":\"$1\".*\"index\":${FINAL}[,}]" "$JOURNAL"; } # event of the final step

# One action in a session of its own, so that its deadline ends all it started. It keeps the lock's descriptor: an engine
# that dies leaves the lock held until its last action has ended. $action_rc.
run_action() { # key deadline-ms step-id
  drop_word failure
  drop_word waiting
  find_self
  detached sh "$SELF" "$ROOT" action "$OP" "$1" &
  action_pid=$!
  watch "$action_pid" "$2" "$3" &
  watch_pid=$!
  action_rc=0
  wait "$action_pid" || action_rc=$?
  # It has ended by itself where the deadline came first.
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" || true
}

# Says every 10 s what is waited for, and ends the action at its deadline.
watch() { # pid deadline-ms step-id
  # The lock: a shell keeps a copy of what it is told to close for a while.
  exec 9>&-
  nap='' is_over=''
  trap 'is_over=yes; [ -z "$nap" ] || kill "$nap"' TERM
  now_ms
  watch_end=$((now + $2))
  while now_ms; watch_left=$((watch_end - now)); [ "$watch_left" -gt 0 ]; do
    [ "$watch_left" -lt 10000 ] || watch_left=10000
    sleep "$(((watch_left + 999) / 1000))" &
    nap=$!
    # The signal may come before $nap is known: then the nap is ended here.
    [ -z "$is_over" ] || { kill "$nap"; exit 0; }
    wait "$nap" || exit 0
    nap=
    holds_lock || { kill_all_of "$1"; exit 1; }
    watched=$3
    ! find_word waiting || watched="$3: $(cat "$word_file")"
    journal waiting for s "$watched" || true
  done
  # A VM that was on its way to another version may have lost its state by then.
  changed=false
  last_fact changing
  [ -z "$fact" ] || changed=true
  put_word failure "step_timeout${NEWLINE}{\"deadlineMs\":$2,\"changed\":$changed}${NEWLINE}[]" || true
  kill_all_of "$1"
}

# Runs in the session that run_action made, with what the engine holds open.
action() { # op key
  OP=$1 OPDIR=$BASE/ops/$1
  use_open_op
  read_header
  find_self
  seek_spool || true
  holds_lock || exit 1
  find_log erl_call.log
  caller=beamline_op call_errors=$log_file
  action_line=$(line_of "$2") || unanswered
  action_line=${action_line#* }
  # shellcheck disable=SC2086 # words of the transfer alphabet, split on purpose; globbing is off
  set -- $action_line
  action_verb=$1
  shift
  count=$#
  while [ "$count" -gt 0 ]; do
    decode "$1"
    shift
    set -- "$@" "$decoded"
    count=$((count - 1))
  done
  "do_$action_verb" "$@"
}
