# The engine runs the steps of one op in order; on a failure it runs the undos of all that began, last first. It is detached
# from the connection that submitted it. Called again for an op that was cut off, it finishes or undoes it.

# The header of a submitted op, as variables.
load_op() { # op
  OP=$1
  OPDIR=$BASE/ops/$OP
  { read -r APP; read -r LOCK_TIMEOUT; read -r EXPECTS; read -r HOLDS; IFS= read -r HOLDER; read -r STEPS FINAL; } <"$OPDIR/header"
}

engine() { # op
  load_op "$1"
  # Two runs may have found an op without an engine at once: one engine is enough.
  if engine_is_alive "$1" && [ "$engine_pid" != $$ ]; then return 0; fi
  process_stat $$
  write_for_now "$OPDIR/engine" "$$ $started" || spend_reserve || true
  take_lock "$LOCK_TIMEOUT" || { was_begun || end_op; return 0; }
  # It may have been ended while we waited.
  if [ ! -e "$OPDIR/ended" ]; then
    resolve_others
    if was_begun; then resolve; else run_steps; fi
    end_op
  fi
  free_lock
}

# An op of this app that has not ended. One whose header a damaged disk has lost is nobody's: what it did shows as drift.
is_unfinished() { # op
  # With a dot it is still being received.
  case $1 in .*) return 1 ;; esac
  [ -e "$BASE/ops/$1/header" ] || return 1
  [ ! -e "$BASE/ops/$1/ended" ] || return 1
  { read -r its_app <"$BASE/ops/$1/header"; } 2>/dev/null && [ "$its_app" = "$APP" ]
}

was_begun() { [ -e "$OPDIR/journal" ] && grep -q '"event":"begin"' "$OPDIR/journal"; }

# Ops of this app that nothing runs any more (we hold the lock) come first, oldest first.
resolve_others() {
  for other in $(list_dir "$BASE/ops"); do
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
  resolve
  end_op
}

# After the commit point an op is finished; before it, undone. Whether the commit happened is read from its effect.
resolve() {
  spend_reserve || true
  # A step that outlived its engine holds the lock, so none runs here any more. What it was doing is undone by its own undo.
  if is_committed; then
    run_from $((FINAL + 1))
  elif was_begun; then
    last=$(sed -n 's/.*"event":"begin".*"index":\([0-9]*\).*/\1/p' "$OPDIR/journal" | tail -n 1)
    read -r last_id _ <"$OPDIR/steps/$last.step"
    # Where it was on its way back already, that has its reason.
    read_failed || code=interrupted facts="{\"step\":\"$last_id\"}" tail='[]'
    undo_from "$last" "$code" "$facts" "$tail"
  else
    journal outcome outcome s rolled_back code s interrupted facts j '{"step":"start"}'
  fi
}

# The last failure of the journal: $code $facts $tail. Quotes within a text are escaped, so that these are its own keys.
read_failed() {
  failed_line=$(grep '"event":"failed"' "$OPDIR/journal" | tail -n 1)
  case $failed_line in *'"code":"'*'","facts":'*',"tail":'*'}') ;; *) return 1 ;; esac
  code=${failed_line#*\"code\":\"} && code=${code%%\"*}
  facts=${failed_line#*\"facts\":} && facts=${facts%,\"tail\":*}
  tail=${failed_line##*,\"tail\":} && tail=${tail%\}}
}

run_steps() {
  recorded_op
  if [ "$recorded" != "$EXPECTS" ]; then
    journal outcome outcome s rolled_back code s host_changed \
      facts j "{\"expected\":\"$EXPECTS\",\"found\":\"$recorded\"}"
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
    read -r step_id _ step_deadline <"$OPDIR/steps/$index.step"
    # Without a word on disk nothing is begun: there is no space, so the way back is taken, which needs none.
    if journal begin step s "$step_id" index n "$index" && run_action "$OPDIR/steps/$index.do" "$step_deadline" "$step_id"; then
      journal "done" step s "$step_id" index n "$index" || true
    elif is_committed; then
      # Past the commit point there is no way back, and nothing a user would notice is missing: say it, go on.
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
    else
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      undo_from "$index" "$code" "$facts" "$tail"
      return 0
    fi
    index=$((index + 1))
  done
  journal outcome outcome s deployed
}

undo_from() { # index code facts tail
  undo_index=$1
  undo_outcome=rolled_back
  undo_code=$2 undo_facts=$3 undo_tail=$4
  # What an undo writes is little; that it is not on disk what was undone costs a second undo at the most.
  spend_reserve || true
  while [ "$undo_index" -ge 1 ]; do
    read -r step_id _ <"$OPDIR/steps/$undo_index.step"
    nth=1
    while [ -e "$OPDIR/steps/$undo_index.undo.$nth" ]; do
      read -r undo_deadline undo_rest <"$OPDIR/steps/$undo_index.undo.$nth"
      if is_done_with "$undo_index.$nth"; then
        nth=$((nth + 1))
        continue
      fi
      journal undo step s "$step_id" verb s "${undo_rest%% *}" || true
      if run_action "$OPDIR/steps/$undo_index.undo.$nth" "$undo_deadline" "$step_id"; then
        journal undone step s "$step_id" verb s "${undo_rest%% *}" || true
        note_undone "$undo_index.$nth"
      else
        # The other undos still run: the less stays behind, the better.
        undo_outcome=broken
        read_failure
        journal undo_failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      fi
      nth=$((nth + 1))
    done
    undo_index=$((undo_index - 1))
  done
  # A spec that failed its own gate is held here until it changes; a full disk or a lost connection is not the spec's fault,
  # nor is a hot upgrade that was refused before anything changed.
  case $undo_code,$undo_facts in
    health_check_failed,* | start_failed,* | hot_upgrade_failed,*'"tried":true'* | step_timeout,*'"changed":true'*)
      if [ "$HOLDS" != - ]; then do_hold "$HOLDS" "$undo_code"; fi
      ;;
  esac
  journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j "$undo_tail" ||
    journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j '[]'
}

# An undo that was cut off is done again, but for what has stopped the new version: the old one may be serving by now. After a
# reboot the new one may be there once more.
is_done_with() { # undo
  case ${undo_rest%% *} in stop | unembed) ;; *) return 1 ;; esac
  find_boot
  [ -n "$boot_id" ] && grep -qsxF "$boot_id $1" "$OPDIR/undone"
}

# Where there is no space for it, it is undone once more.
note_undone() { # undo
  find_boot
  printf '\n%s\n' "$boot_id $1" >>"$OPDIR/undone" || true
}

read_failure() {
  if [ -r "$OPDIR/failure" ]; then
    { read -r code; IFS= read -r facts; IFS= read -r tail; } <"$OPDIR/failure"
  elif free=$(free_kb "$BASE") && [ "$free" -lt 512 ]; then
    code=disk_full facts="{\"path\":\"$ROOT\",\"neededBytes\":524288,\"freeBytes\":$((free * 1024))}" tail='[]'
  else
    json_tail "$OPDIR/agent.log"
    code=step_failed facts='{"detail":"the step ended without saying why"}' tail=$json
  fi
}

# Step $FINAL cannot be undone: from its effect on, which is looked for itself, an op is finished, never undone.
is_committed() {
  read -r _ final_verb _ <"$OPDIR/steps/$FINAL.do"
  case $final_verb in
    record) recorded_op; [ "$recorded" = "$OP" ] ;;
    forget) grep -q "\"event\":\"begin\".*\"index\":${FINAL}[,}]" "$OPDIR/journal" && [ ! -e "$BASE/state/$APP" ] ;;
    *) return 1 ;;
  esac
}

# One action in a session of its own, so that its deadline ends all it started. It keeps the lock's descriptor: an engine
# that dies leaves the lock held until its last action has ended.
run_action() { # file deadline-ms step-id
  remove_if_there "$OPDIR/failure"
  remove_if_there "$OPDIR/waiting"
  detached sh "$SELF" "$ROOT" action "$OP" "$1" &
  action_pid=$!
  watch "$action_pid" "$2" "$3" &
  watch_pid=$!
  action_rc=0
  wait "$action_pid" || action_rc=$?
  # It has ended by itself where the deadline came first.
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" || true
  return "$action_rc"
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
    [ ! -s "$OPDIR/waiting" ] || watched="$3: $(cat "$OPDIR/waiting")"
    journal waiting for s "$watched" || true
  done
  # A VM that was on its way to another version may have lost its state by then.
  changed=false
  [ ! -e "$OPDIR/changing" ] || changed=true
  write_for_now "$OPDIR/failure" "step_timeout${NEWLINE}{\"deadlineMs\":$2,\"changed\":$changed}${NEWLINE}[]" || true
  kill_all_of "$1"
}

# Runs in the session that run_action made.
action() { # op file
  load_op "$1"
  holds_lock || exit 1
  caller=beamline_op call_errors=$OPDIR/erl_call.log
  read -r _ action_verb action_args <"$2"
  # shellcheck disable=SC2086 # words of the transfer alphabet, split on purpose; globbing is off
  set -- $action_args
  count=$#
  while [ "$count" -gt 0 ]; do
    decode "$1"
    shift
    set -- "$@" "$decoded"
    count=$((count - 1))
  done
  "do_$action_verb" "$@"
}

end_op() {
  holds_lock || exit 1
  # Files that may hold secrets do not outlive the op.
  rm -rf "$OPDIR/in" "$OPDIR/failure" "$OPDIR/waiting" "$OPDIR/reserve"
  : >"$OPDIR/ended"
  sync_file "$OPDIR"
  remove_if_there "$OPDIR/undone"
  discard_at_start
  wake "$OPDIR/following"
}
