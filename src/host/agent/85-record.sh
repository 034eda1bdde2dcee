# What is on record on this host: state/NAME is the record (JSON), how its health is judged, and the op that wrote it.

# What is there and can't be read is never taken for nothing: on top of what nobody knows nothing is put.
recorded_op() { # → $recorded: - where nothing is on record, ? where something is that can't be read, and $record_fault says why
  recorded=- record_json='' record_probe='' record_op='' record_fault=''
  if ! { [ -e "$BASE/state/$APP" ] || [ -L "$BASE/state/$APP" ] || is_closed "$BASE" || is_closed "$BASE/state"; }; then return 0; fi
  recorded='?'
  if is_closed "$BASE" || is_closed "$BASE/state"; then
    record_fault="its directory is closed to us"
  elif [ ! -f "$BASE/state/$APP" ]; then
    record_fault='it is no file'
  elif ! { read -r record_json && read -r record_probe && read -r record_op; } 2>/dev/null <"$BASE/state/$APP"; then
    record_fault='it has less than three lines'
    [ -r "$BASE/state/$APP" ] || record_fault='it is closed to us'
  else
    case $record_op in
      '' | -* | *[!A-Za-z0-9.-]*) record_fault='it does not name the op that wrote it' ;;
      *) recorded=$record_op && return 0 ;;
    esac
  fi
  record_json='' record_probe=''
}

# A directory into which we may not look.
is_closed() { [ -d "$1" ] && ! { [ -r "$1" ] && [ -x "$1" ]; }; }

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
  case $recorded in - | '?' | "$OP") return 0 ;; esac
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
  recorded_op
  record_field release
  [ "$current" = "$1" ] || [ "$vm_release" = "$1" ] || [ "$vm_booted" = "$1" ] || [ "$field" = "$1" ] || [ "$recorded" = '?' ]
}

do_prune() { # retain; 0 is all of the app
  if [ "$1" -eq 0 ]; then
    for managing in system user; do remove_unit "$managing"; done
    forget_users_but ''
    # What forget may have left.
    rm -f "$BASE/state/$APP.held" "$BASE/state/$APP.history"
    rm -rf "${ROOT:?}/$APP" "$BASE/lock/$APP.holder"
  else
    recorded_op
    states=$(states_on_record) || unanswered
    kept=0
    for release in $(latest_first "$states" "$(releases_of "$APP")"); do
      kept=$((kept + 1))
      [ "$kept" -le "$1" ] || is_in_use "$release" || remove_release "$release"
    done
    # What an op that was cut off had begun to remove, or to unpack.
    for begun in $(list_dir "$ROOT/$APP"); do
      case $begun in .removed-* | .stage-*) rm -rf "${ROOT:?}/$APP/$begun" ;; esac
    done
    needed=$(configs_of_releases)
    kept=0
    for config in $(latest_first "$(printf '%s\n' "$states" | cut -d ' ' -f 2)" "$(cd "$ROOT/$APP/config" && newest_first "$(list_dir .)")"); do
      kept=$((kept + 1))
      if [ "$kept" -le $(($1 + 1)) ]; then continue; fi
      case $needed in *" $config "*) ;; *) rm -rf "$ROOT/$APP/config/$config" ;; esac
    done
    forget_users
    trim_console
    # It may have been embedded before, and have a VM of its own now.
    record_field node
    [ -n "$field" ] || forget_at_start
  fi
  prune_ops
}

# Lines `release config` of what is on record and of what was before, newest first.
states_on_record() {
  set -- 's/"spec":.*//; s/.*"release":"\([^"]*\)".*"config":"\([^"]*\)".*/\1 \2/p'
  if [ -r "$BASE/state/$APP" ]; then sed -n "$1; q" "$BASE/state/$APP" || unanswered; fi
  if [ -r "$BASE/state/$APP.history" ]; then sed -n "$1" "$BASE/state/$APP.history" || unanswered; fi
}

# Names that are there, those first that are on record, the newest record before the others: what a rollback goes to is what
# was on record before, whatever files say of when they were written, and clocks jump. What no record names goes first of all.
latest_first() { # names-on-record names-there, one a line
  printf '%s\n' "$1" '' "$2" | awk '
    !is_there && NF == 0 { is_there = 1; next }
    NF == 0 { next }
    !is_there { order[++orders] = $1; next }
    { there[$1]; names[++count] = $1 }
    END {
      for (i = 1; i <= orders; i++) if (order[i] in there && !(order[i] in told)) { print order[i]; told[order[i]] }
      for (i = 1; i <= count; i++) if (!(names[i] in told)) print names[i]
    }'
}

# A release that stays keeps the configuration that it had last: without it nobody could go back to it. Between spaces.
configs_of_releases() {
  configured=' ' with=' '
  while read -r release config; do
    case $configured in *" $release "*) continue ;; esac
    configured="$configured$release "
    [ ! -d "$ROOT/$APP/$release" ] || with="$with$config "
  done <<END_OF_STATES
$states
END_OF_STATES
  printf '%s' "$with"
}

# Whom the app ran as before has no more say in it (see users_of).
forget_users() {
  record_field runAs
  forget_users_but "$field"
}

forget_users_but() { # name; of none: all
  for former in $(list_dir "$ROOT/$APP/run/as"); do
    [ "$former" = "$1" ] || forget_user "$former"
  done
}

# Emptied by its own user: root, who goes by paths (busybox does), could be led out of it by a link that is put in its way. What is not
# that user's stays.
forget_user() { # name
  if find_user "$1"; then
    # shellcheck disable=SC2016 # for the other shell
    (become_user "$1" sh -c 'cd "$1" && rm -rf ./* ./.[!.]* ./..?*' sh "$ROOT/$APP/run/as/$1") 2>/dev/null || true
    rmdir "$ROOT/$APP/run/as/$1" 2>/dev/null || true
  else
    rm -rf "$ROOT/$APP/run/as/$1"
  fi
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
is_release() { [ ! -L "$1" ] && [ -f "$1/.beamline" ] && [ ! -L "$1/.beamline" ]; }

newest_first() { # names
  # shellcheck disable=SC2012,SC2086 # names of our own making, without white space
  [ -z "$1" ] || ls -1td $1
}

# The journals of the last ops of an app stay, for whoever asks what happened. Ids of ops sort by the time of the runners, whose
# clocks are as good as each other; what this host's clock says of files it says differently after a jump.
prune_ops() {
  kept=0
  # shellcheck disable=SC2045 # ids of our own making, without white space
  for old in $(ls -1r "$BASE/ops"); do
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
    its_ops=$(list_dir "$BASE/ops") || unanswered
    for its_op in $its_ops; do
      if [ -e "$BASE/ops/$its_op/ended" ] || [ ! -e "$BASE/ops/$its_op/agent" ]; then continue; fi
      ! found_in -qx "$old" "$BASE/ops/$its_op/agent" || is_needed=yes
    done
    [ -n "$is_needed" ] || rm -f "$BASE/$old"
  done
}
