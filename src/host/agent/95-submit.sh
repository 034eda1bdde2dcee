# Taking an op from the runner, and telling it what happens. The runner's connection may break at any moment: an op exists
# once it was received whole, and then needs nobody.

# Standard input: a line a fact, ended by `end`, then the manifests of releases if a line announced some, each behind a line
# `release` DIGEST. Without all of it nothing has happened.
submit() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  if [ ! -e "$OPDIR/header" ]; then
    is_safe || return 1
    receiving=$BASE/ops/.$OP.$$
    rm -rf "$receiving"
    if ! { can_begin && mkdir -p "$receiving/in" && receive_op "$receiving"; }; then
      rm -rf "$receiving" 2>/dev/null || true
      tell_refusal
      return 1
    fi
    # The connection may have been lost after an earlier try arrived: then that one counts.
    # On disk before its name is: an op without its undos would be worse than none.
    find "$receiving" -type f -exec sync {} + 2>/dev/null || sync
    if mv -T "$receiving" "$OPDIR" 2>/dev/null; then
      sync_file "$BASE/ops"
      launch begin
    else
      rm -rf "$receiving"
    fi
  elif [ ! -e "$OPDIR/ended" ] && ! was_begun && ! engine_is_alive "$OP"; then
    # Its connection broke before it was launched.
    launch begin
  fi
  follow_to_end "$2"
}

# Is there all that an op must be able to write, from its first line to the record?
can_begin() {
  for needed in ops lock state; do
    make_directory "$BASE/$needed" 2>/dev/null && can_write "$BASE/$needed" || return 1
  done
  set +f
  for needed in "$BASE/lock"/*; do [ ! -f "$needed" ] || can_append "$needed" || { set -f && return 1; }; done
  set -f
}

# Why nothing has begun. Without a word the runner would ask again for a while, as for a connection that broke.
tell_refusal() {
  for needed in "$BASE" "$BASE/ops" "$BASE/lock" "$BASE/state"; do
    if why_unwritable "$needed"; then
      refusal=$unwritable refusal_facts=$unwritable_facts
      break
    fi
  done
  if [ -z "${refusal:-}" ]; then
    free=$(free_kb "$BASE")
    [ "${free:-0}" -lt 1024 ] || return 0
    refusal=disk_full refusal_facts="{\"path\":\"$ROOT\",\"neededBytes\":1048576,\"freeBytes\":$((free * 1024))}"
  fi
  printf '{"event":"outcome","t":0,"outcome":"rolled_back","code":"%s","facts":%s}\n' "$refusal" "$refusal_facts"
}

receive_op() { # directory
  step_index=0 final_index=0 is_whole='' manifests_digest=''
  op_app='' op_lock_timeout='' op_expects='' op_holds='' op_holder=''
  while read -r word name rest; do
    case $word in
      app) op_app=$name ;;
      lock_timeout) op_lock_timeout=$name ;;
      expects) op_expects=$name ;;
      holds) op_holds=$name ;;
      holder) decode "$name"; op_holder=$decoded ;;
      step)
        step_index=$((step_index + 1)) undo_nth=0
        case $rest in final*) final_index=$step_index ;; esac
        printf '%s %s\n' "$step_index.step $name" "$rest" >>"$1/lines" || return 1
        ;;
      do) printf '%s %s\n' "$step_index.do $name" "$rest" >>"$1/lines" || return 1 ;;
      undo)
        undo_nth=$((undo_nth + 1))
        printf '%s %s\n' "$step_index.undo.$undo_nth $name" "$rest" >>"$1/lines" || return 1
        ;;
      file) printf '%b' "$rest" >"$1/in/$name" || return 1 ;;
      manifests) manifests_digest=$name ;;
      end)
        is_whole=yes
        break
        ;;
    esac
  done
  # read(1) takes from a pipe what it needs and no byte more.
  if [ -n "$manifests_digest" ]; then
    cat >"$1/in/manifests"
    [ "$(digest_of "$1/in/manifests")" = "$manifests_digest" ] || return 1
    awk -F '\t' -v file="$1/in/manifest." '$1 == "release" { close(out); out = file $2; next } { print >out }' "$1/in/manifests" ||
      return 1
    rm "$1/in/manifests"
  fi
  { [ -n "$is_whole" ] && [ -n "$op_app" ] && [ "$final_index" -gt 0 ]; } || return 1
  printf '%s\n%s\n%s\n%s\n%s\n%s\n' "$op_app" "$op_lock_timeout" "$op_expects" "$op_holds" "$op_holder" "$step_index $final_index" >"$1/header" || return 1
  printf '%s\n' "${SELF##*/}" >"$1/agent"
  cat "$1/header" "$1/agent" "$1/lines" >"$1/op" || return 1
  rm "$1/lines"
  for made in journal undone facts agent.log; do can_append "$1/$made" || return 1; done
  keep_reserve "$1"
}

launch() { # begin|recover
  # One that has not begun any agent can end.
  if was_begun; then op_agent "$OP"; else agent=$SELF; fi
  find_log agent.log
  outliving sh "$agent" "$ROOT" engine "$OP" "$1" </dev/null >>"$log_file" 2>&1 &
  # It writes this itself, too; here so that whoever asks at once finds it alive.
  if process_stat $!; then put_word engine "$! $started" || true; fi
}

# An op whose engine is gone is finished or undone by a new one.
recover() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  if [ -e "$OPDIR/header" ] && [ ! -e "$OPDIR/ended" ] && ! engine_is_alive "$OP"; then
    # No engine is begun where others may have put something; how the op ends is not known then.
    find_unsafe
    [ "$unsafe" = null ] || return 1
    # What could not be cleared away still can't.
    { has_spooled_end && ! can_write "$OPDIR"; } || launch recover
  fi
  follow_to_end "$2"
}

# Has the op ended, as far as its disk lets it?
has_spooled_end() { seek_spool && [ -e "$spool/ended" ]; }


# When the op has ended, how its app is now follows: nobody has to come again and ask.
follow_to_end() { # journal-lines-already-seen
  APP=
  [ ! -r "$OPDIR/header" ] || read -r APP <"$OPDIR/header"
  follow "$OP" "$1" || return 1
  { [ -e "$OPDIR/ended" ] || has_spooled_end; } && [ -n "$APP" ] || return 0
  observe_app
}

# The journal, though its file may be gone: its engine has it open. What is behind it in the spool is read at the end.
open_journal() { # op
  followed_pid=''
  if [ -r "$OPDIR/journal" ]; then
    exec 8<"$OPDIR/journal"
  elif engine_is_alive "$1" && [ -r "/proc/$engine_pid/fd/8" ]; then
    exec 8<"/proc/$engine_pid/fd/8"
  elif seek_spool && [ -r "$spool/whole" ]; then
    exec 8<"$spool/whole"
  else
    return 1
  fi
}

# Is its engine alive? It is, though what it has said of itself is gone.
is_followed() { # op
  if [ -n "$followed_pid" ] && is_alive "$followed_pid" "$followed_start"; then return 0; fi
  engine_is_alive "$1" || return 1
  followed_pid=$engine_pid followed_start=$engine_started
}

# Lines of descriptor 8, behind those that are to be skipped: $fresh.
read_lines() {
  while IFS= read -r journal_line <&8; do
    journal_line=$partial$journal_line partial=
    [ -n "$journal_line" ] || continue
    journal_line=$journal_line$NEWLINE
    if [ "$skip" -gt 0 ]; then
      skip=$((skip - 1))
      continue
    fi
    # Told with the line that follows: not on disk before that, it may not be there when the runner asks for what it has not seen.
    case $journal_line in
      '{"event":"done"'* | '{"event":"undone"'*) unsynced=$unsynced$journal_line ;;
      *) fresh=$fresh$unsynced$journal_line unsynced='' ;;
    esac
  done
  partial=$partial$journal_line
}

# Prints the journal from a line on, until the op has ended. Lines are whole: a partial one is completed by the next read.
follow() { # op lines-already-seen
  OPDIR=$BASE/ops/$1
  open_journal "$1" || return 1
  skip=$2 partial='' unsynced='' nap=''
  while :; do
    # Asked before reading: what was written before the end is read after it.
    over=''
    if [ -e "$OPDIR/ended" ]; then
      over=ended
    elif ! is_followed "$1"; then
      over=orphaned
      ! has_spooled_end || over=ended
    fi
    # In one write: each would be a packet of its own.
    fresh=
    read_lines
    if [ -n "$over" ] && seek_spool && [ -s "$spool/journal" ]; then
      exec 8<"$spool/journal"
      read_lines
    fi
    if [ -n "$over$fresh" ]; then
      end_nap
      printf '%s' "$fresh"
    elif [ -n "$nap" ]; then
      wait_nap
    else
      begin_nap "$OPDIR/following"
    fi
    case $over in
      ended) return 0 ;;
      orphaned) [ -e "$OPDIR/ended" ] || { printf '{"event":"orphaned","t":0}\n'; return 0; } ;;
    esac
  done
}
