# Taking an op from the runner, and telling it what happens. The runner's connection may break at any moment: an op exists
# once it was received whole, and then needs nobody.

# Standard input: a line a fact, ended by `end`, then the manifests of releases if a line announced some, each behind a line
# `release` DIGEST. Without all of it nothing has happened.
submit() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  is_safe || return 1
  if [ ! -e "$OPDIR/header" ]; then
    receiving=$BASE/ops/.$OP.$$
    rm -rf "$receiving"
    if ! { mkdir -p "$receiving/in" "$receiving/steps" && receive_op "$receiving"; }; then
      rm -rf "$receiving"
      free=$(free_kb "$BASE")
      [ "$free" -ge 1024 ] || printf '{"event":"outcome","t":0,"outcome":"rolled_back","code":"disk_full","facts":{"path":"%s","neededBytes":1048576,"freeBytes":%s}}\n' "$ROOT" $((free * 1024))
      return 1
    fi
    # The connection may have been lost after an earlier try arrived: then that one counts.
    # On disk before its name is: an op without its undos would be worse than none.
    find "$receiving" -type f -exec sync {} + 2>/dev/null || sync
    if mv -T "$receiving" "$OPDIR" 2>/dev/null; then
      sync_file "$BASE/ops"
      launch
    else
      rm -rf "$receiving"
    fi
  fi
  follow_to_end "$2"
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
        printf '%s %s\n' "$name" "$rest" >"$1/steps/$step_index.step"
        ;;
      do) printf '%s %s\n' "$name" "$rest" >"$1/steps/$step_index.do" ;;
      undo) undo_nth=$((undo_nth + 1)); printf '%s %s\n' "$name" "$rest" >"$1/steps/$step_index.undo.$undo_nth" ;;
      file) printf '%b' "$rest" >"$1/in/$name" ;;
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
  { [ -n "$is_whole" ] && [ "$final_index" -gt 0 ]; } || return 1
  printf '%s\n%s\n%s\n%s\n%s\n%s\n' "$op_app" "$op_lock_timeout" "$op_expects" "$op_holds" "$op_holder" "$step_index $final_index" >"$1/header"
  : >"$1/journal"
  : >"$1/undone"
  printf '%s\n' "${SELF##*/}" >"$1/agent"
  keep_reserve "$1"
}

launch() {
  op_agent "$OP"
  detached sh "$agent" "$ROOT" engine "$OP" </dev/null >>"$OPDIR/agent.log" 2>&1 &
  # It writes this itself, too; here so that whoever asks at once finds it alive.
  if process_stat $!; then write_for_now "$OPDIR/engine" "$! $started" || true; fi
}

# An op whose engine is gone is finished or undone by a new one.
recover() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  is_safe || return 1
  [ -e "$OPDIR/ended" ] || engine_is_alive "$OP" || launch
  follow_to_end "$2"
}

# When the op has ended, how its app is now follows: nobody has to come again and ask.
follow_to_end() { # journal-lines-already-seen
  follow "$OP" "$1" || return 1
  [ -e "$OPDIR/ended" ] || return 0
  read -r APP <"$OPDIR/header"
  observe_app
}

# Prints the journal from a line on, until the op has ended. Lines are whole: a partial one is completed by the next read.
follow() { # op lines-already-seen
  OPDIR=$BASE/ops/$1
  [ -e "$OPDIR/journal" ] || return 1
  exec 8<"$OPDIR/journal"
  skip=$2 partial='' unsynced='' nap=''
  while :; do
    # Asked before reading: what was written before the end is read after it.
    over=''
    if [ -e "$OPDIR/ended" ]; then over=ended; elif ! engine_is_alive "$1"; then over=orphaned; fi
    # In one write: each would be a packet of its own.
    fresh=
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
