# What is on record on this host: state/NAME is the record (JSON), how its health is judged, and the op that wrote it.

recorded_op() { # → $recorded, - where nothing is on record
  recorded=-
  [ ! -e "$BASE/state/$APP" ] || { read -r record_json; read -r record_probe; read -r recorded; } <"$BASE/state/$APP"
}

# A field of the record that was read, but of its spec, which stands last and may have names like these.
record_field() { # name → $field, empty where there is none
  field=${record_json%%\"spec\":*}
  case $field in
    *"\"$1\":\""*) field=${field#*"\"$1\":\""} && field=${field%%\"*} ;;
    *) field= ;;
  esac
}

# The commit point: one rename. Before it the old state is on record, after it the new one.
do_record() { # json probe-words
  make_directory "$BASE/state"
  remember
  holds_lock || exit 1
  write_text "$BASE/state/$APP" "$1$NEWLINE$2$NEWLINE$OP"
  remove_if_there "$BASE/state/$APP.held"
}

# What was on record before, newest first: what `command: rollback` goes back to. Twice the same is once.
remember() {
  recorded_op
  case $recorded in - | "$OP") return 0 ;; esac
  history=$BASE/state/$APP.history
  {
    printf '%s\n' "$record_json"
    [ ! -r "$history" ] || grep -vxF -e "$record_json" "$history" || true
  } | head -n 20 | write_file "$history"
}

# A spec that is not to be tried again here until it changes.
do_hold() { # spec-digest code
  make_directory "$BASE/state"
  write_text "$BASE/state/$APP.held" "$1 $2"
}

do_forget() {
  rm -f "$BASE/state/$APP" "$BASE/state/$APP.held" "$BASE/state/$APP.history"
  sync_file "$BASE/state"
  forget_at_start
}

# In use is what current points to, what a VM of the app runs from, or has booted from, and what is on record.
is_in_use() { # release
  current_release
  find_vm
  [ "$current" = "$1" ] || [ "$vm_release" = "$1" ] || [ "$vm_booted" = "$1" ] || grep -q "\"release\":\"$1\"" "$BASE/state/$APP" 2>/dev/null
}

do_prune() { # retain; 0 is all of the app
  if [ "$1" -eq 0 ]; then
    for managing in system user; do remove_unit "$managing"; done
    rm -rf "${ROOT:?}/$APP" "$BASE/lock/$APP.holder"
  else
    # What is on record counts first: it may lie there for longer than what it has taken the place of.
    recorded_op
    record_field release
    kept=0
    for release in $field $(releases_of "$APP" | grep -vxF -e "$field"); do
      kept=$((kept + 1))
      [ "$kept" -le "$1" ] || is_in_use "$release" || remove_release "$release"
    done
    # What an op that was cut off had begun to remove, or to unpack.
    for begun in $(list_dir "$ROOT/$APP"); do
      case $begun in .removed-* | .stage-*) rm -rf "${ROOT:?}/$APP/$begun" ;; esac
    done
    kept=0
    for config in $(cd "$ROOT/$APP/config" && newest_first "$(list_dir .)"); do
      kept=$((kept + 1))
      [ "$kept" -le $(($1 + 1)) ] || grep -q "\"config\":\"$config\"" "$BASE/state/$APP" || rm -rf "$ROOT/$APP/config/$config"
    done
    trim_console
    # It may have been embedded before, and have a VM of its own now.
    record_field node
    [ -n "$field" ] || forget_at_start
  fi
  prune_ops
}

# Where no manager takes it, what a VM prints is appended to one file for as long as the VM runs, which a hot upgrade does not end.
trim_console() {
  console=$ROOT/$APP/log/console.log
  [ -e "$console" ] && [ "$(wc -c <"$console")" -gt 16777216 ] || return 0
  tail -c 8388608 "$console" >"$console.1" || return 0
  : >"$console"
}

# The releases of an app that are ours, newest first. In a process of its own, as in $(releases_of …).
releases_of() { # app → names, one a line
  cd "$ROOT/$1" && newest_first "$(for r in $(list_dir .); do is_release "$r" && echo "$r"; done)"
}

# `current` is a link to one, not one more.
is_release() { [ ! -L "$1" ] && [ -e "$1/.beamline" ]; }

newest_first() { # names
  # shellcheck disable=SC2012,SC2086 # names of our own making, without white space
  [ -z "$1" ] || ls -1td $1
}

# The journals of the last ops of an app stay, for whoever asks what happened.
prune_ops() {
  kept=0
  # shellcheck disable=SC2045 # ids of our own making, without white space
  for old in $(ls -1t "$BASE/ops"); do
    [ -e "$BASE/ops/$old/ended" ] || continue
    [ "$old" != "$OP" ] || continue
    read -r old_app <"$BASE/ops/$old/header" || continue
    [ "$old_app" = "$APP" ] || continue
    kept=$((kept + 1))
    [ "$kept" -le 5 ] || rm -rf "${BASE:?}/ops/$old"
  done
  # What was being received when its connection, or the host, died: .OP.PID.
  for begun in $(list_dir "$BASE/ops"); do
    case $begun in .*) [ -d "/proc/${begun##*.}" ] || rm -rf "${BASE:?}/ops/$begun" ;; esac
  done
  prune_agents
}

# Agents of other versions of Beamline: the last three, what units call, and those whose ops have not ended.
prune_agents() {
  kept=0
  for old in $(cd "$BASE" && newest_first "$(for a in $(list_dir .); do case $a in agent-*) echo "$a" ;; esac; done)"); do
    kept=$((kept + 1))
    if [ "$kept" -le 3 ] || [ "$old" = "${SELF##*/}" ] || [ "$old" = "$(readlink "$BASE/agent" || true)" ]; then continue; fi
    is_needed=''
    for its_op in $(list_dir "$BASE/ops"); do
      if [ ! -e "$BASE/ops/$its_op/ended" ] && grep -qsx "$old" "$BASE/ops/$its_op/agent"; then is_needed=yes; fi
    done
    [ -n "$is_needed" ] || rm -f "$BASE/$old"
  done
}
