# The way back of an op: the undos of all steps that began, last first. Nothing here needs a disk that can be written.

undo_from() { # index code facts tail
  undo_index=$1
  undo_outcome=rolled_back left='' left_over=''
  undo_code=$2 undo_facts=$3 undo_tail=$4
  # What an undo writes is little; that it is not on disk what was undone costs a second undo at the most.
  spend_reserve || true
  is_there || put_back
  while [ "$undo_index" -ge 1 ]; do
    nth=1
    while find_undo "$undo_index" "$nth"; do
      if ! is_done_with "$undo_index.$nth"; then undo_one; fi
      nth=$((nth + 1))
    done
    undo_index=$((undo_index - 1))
  done
  undo_left_over
  # A spec that failed its own gate is held here until it changes; a full disk or a lost connection is not the spec's fault,
  # nor is a hot upgrade that was refused before anything changed.
  case $undo_code,$undo_facts in
    health_check_failed,* | start_failed,* | hot_upgrade_failed,*'"tried":true'* | step_timeout,*'"changed":true'*)
      [ "$HOLDS" = - ] || do_hold "$HOLDS" "$undo_code" 2>/dev/null || leave_for_next hold
      ;;
  esac
  tell_left
  journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j "$undo_tail" ||
    [ -n "$spool" ] || journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j '[]' || true
}

# An undo of a step, from 1 on: $step_id $undo_verb $undo_deadline; false where it has no more.
find_undo() { # index nth
  undo_line=$(line_of "$1.undo.$2") || unanswered
  [ -n "$undo_line" ] || return 1
  step_id=$(line_of "$1.step") || unanswered
  step_id=${step_id%% *}
  undo_verb=${undo_line#* }
  undo_deadline=${undo_line%% *} undo_verb=${undo_verb%% *}
}

# What fails at once may be what a host can't do for a moment: begin a process, or ask its manager. So it is tried again for a while; and
# where processes are what is missing, for as long as an engine goes on.
undo_one() {
  now_ms
  undo_until=$((now + 20000)) undo_at_last=$((now + 1800000))
  journal undo step s "$step_id" verb s "$undo_verb" || true
  while
    is_there || put_back
    run_action "$undo_index.undo.$nth" "$undo_deadline" "$step_id"
    [ "$action_rc" -ne 0 ] && ! is_left_over
  do
    now_ms
    can_nest 8 || undo_until=$((now + 20000))
    if [ "$now" -ge "$undo_until" ] || [ "$now" -ge "$undo_at_last" ]; then break; fi
    sleep 1
  done
  if [ "$action_rc" -eq 0 ]; then
    journal undone step s "$step_id" verb s "$undo_verb" || true
    note_undone "$undo_index.$nth"
    return 0
  fi
  # The other undos still run: the less stays behind, the better.
  read_failure
  if is_left_over; then
    leave_for_next "$undo_verb"
    left_over="$left_over $undo_index.$nth"
  else
    undo_outcome=broken
  fi
  journal undo_failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
}

# Can so many processes be there at once? An undo takes a few.
can_nest() { # count
  [ "$1" -eq 0 ] || (can_nest $(($1 - 1)) || exit 1; :)
}

# What others have given back may be what an undo lacked: a link takes an inode.
undo_left_over() {
  { [ -n "$left_over" ] && can_write "$BASE" && can_write "$ROOT/$APP"; } || return 0
  left=
  for undo in $left_over; do
    undo_index=${undo%.*} nth=${undo#*.}
    ! find_undo "$undo_index" "$nth" || undo_one
  done
}

# Has an undo only left something lying about, since its disk can't be written? Then what ran before runs again, as the other undos
# see to, and the next run clears away the rest.
is_left_over() {
  case $undo_verb in unstage | unconfig | link | ununit) ;; *) return 1 ;; esac
  ! can_write "$ROOT/$APP" || ! can_write "$BASE" || { [ "$undo_verb" = ununit ] && ! can_write_units; }
}

# An undo that was cut off is done again, but for what has stopped the new version: the old one may be serving by now. After a
# reboot the new one may be there once more.
is_done_with() { # undo
  case $undo_verb in stop | unembed) ;; *) return 1 ;; esac
  find_boot
  [ -n "$boot_id" ] && grep -qsxF "$boot_id $1" "$OPDIR/undone" ${spool:+"$spool/undone"}
}

# Where there is no space for it, it is undone once more.
note_undone() { # undo
  find_boot
  printf '\n%s\n' "$boot_id $1" 2>/dev/null >>"$OPDIR/undone" ||
    { find_spool && printf '\n%s\n' "$boot_id $1" 2>/dev/null >>"$spool/undone"; } || true
}

# All that Beamline has on this host was removed: what this op needs, and what its app had, comes back from memory; so units find the
# agent, the next run the record, and no other op the app's lock.
put_back() {
  make_directory "$BASE" 2>/dev/null || return 0
  make_directory "$BASE/ops" && make_directory "$BASE/lock" && make_directory "$BASE/state" || return 0
  if [ ! -e "$BASE/$AGENT" ]; then
    cat /proc/self/fd/3 >"$BASE/.agent-$OP" && mv -f "$BASE/.agent-$OP" "$BASE/$AGENT" || return 0
  fi
  tell_engine || true
  [ -e "$BASE/agent" ] || ln -s "$AGENT" "$BASE/agent" || true
  [ -z "$record_before" ] || [ -e "$BASE/state/$APP" ] || write_text "$BASE/state/$APP" "$record_before" || true
  if ! has_lock_file; then
    open_lock
    try_lock || leave
  fi
}
