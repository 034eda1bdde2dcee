# Supervisors: who starts an app's VM again after a crash or a reboot. `system` is systemd itself, for root; `user` a user's own
# systemd, where it outlives the logins (loginctl(1), enable-linger); `daemon` is nobody.

# From id(1): uid=1500(deploy) …
who_we_are() { # → $uid $user
  [ -z "$uid" ] || return 0
  ids=$(id)
  uid=${ids#uid=} user=${ids#*\(}
  uid=${uid%%[!0-9]*} user=${user%%\)*}
}

supervisor_here() { # → $supervisor
  supervisor=daemon
  if ! { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }; then return 0; fi
  who_we_are
  if [ "$uid" -eq 0 ]; then
    supervisor=system
  elif [ -e "/var/lib/systemd/linger/$user" ] && [ -S "/run/user/$uid/systemd/private" ]; then
    supervisor=user
  fi
}

# systemctl, journalctl or systemd-run of the right manager.
manager() { # supervisor command args…
  manager_of=$1 manager_command=$2
  shift 2
  if [ "$manager_of" = user ]; then
    who_we_are
    XDG_RUNTIME_DIR=/run/user/$uid "$manager_command" --user "$@"
  else
    "$manager_command" "$@"
  fi
}

# The same, of what a manager does. While it executes itself anew (systemctl daemon-reexec, an upgrade of it) it can't be reached, and
# who waits for an answer gets none; all of it may be said twice.
have_manager() { # supervisor command args…
  have_until=
  while ! manager "$@"; do
    now_ms
    [ -n "$have_until" ] || have_until=$((now + 15000)) have_left=3
    # One that can be reached may have been away a moment ago; what it did then shows.
    if manager_says=$(manager "$1" systemctl show --property=ActiveState --property=Result "$unit" 2>/dev/null); then
      case ${3:-},$manager_says in
        stop,*ActiveState=inactive* | stop,*ActiveState=failed*) return 0 ;;
        restart,*Result=success*) ;;
        # It did as it was told, and the unit failed: once more would be no better.
        restart,*) return 1 ;;
        stop,*) ;;
        *) have_left=$((have_left - 1)) ;;
      esac
      [ "$have_left" -gt 0 ] || return 1
    fi
    [ "$now" -lt "$have_until" ] || return 1
    sleep 0.3
  done
}

unit_file() { # supervisor → $unit, $unit_file
  unit=beamline-$APP.service
  case $1 in
    system) unit_file=/etc/systemd/system/$unit ;;
    user) unit_file=$HOME/.config/systemd/user/$unit ;;
  esac
}

unit_is_ours() { # of $unit_file
  [ -f "$unit_file" ] && [ -r "$unit_file" ] && found_in -qxF "# $ROOT/$APP" "$unit_file"
}

check_unit() { # of $unit_file
  [ ! -e "$unit_file" ] || unit_is_ours || fail unit_taken - file s "$unit_file"
}

# What runs while an op is at work, where a reboot forgets it: after a reboot what is on record is started.
run_choice() { # supervisor → $choice
  choice=/run/beamline/$APP
  [ "$1" != user ] || { who_we_are && choice=/run/user/$uid/beamline/$APP; }
}

# On a full disk, too, where it is there already.
write_choice() { # release config
  if [ -r "$choice" ] && read -r was_chosen <"$choice" && [ "$was_chosen" = "$1 $2" ]; then return 0; fi
  make_directory "${choice%/*}"
  write_for_now "$choice" "$1 $2"
}

# One manager has a unit of the app, and no other has: what another one would start at the next boot is taken away.
do_unit() { # supervisor memory-mib|- user|-
  # Units call the agent by a name that stays; what they call in it stays, too.
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  if ! [ "$BASE/agent" -ef "$SELF" ]; then
    remove_if_there "$BASE/.agent-$OP"
    ln -s "$AGENT" "$BASE/.agent-$OP"
    mv -T "$BASE/.agent-$OP" "$BASE/agent"
  fi
  for managing in system user; do
    unit_file "$managing"
    if [ "$managing" = "$1" ]; then
      unit_text "$1" "$2" "$3" >"$OPDIR/unit"
      ! cmp -s "$OPDIR/unit" "$unit_file" || continue
      check_unit
      keep_unit "$managing"
      write_unit "$managing" <"$OPDIR/unit"
    elif [ -e "$unit_file" ] && unit_is_ours; then
      keep_unit "$managing"
      remove_unit "$managing"
    fi
  done
}

# Nothing is stopped for a unit that can't be written then. What of it this op is going to say is among its steps.
check_units() {
  units_wanted=$(sed -n 's/^[0-9]*\.do [0-9]* unit //p' "$OPFILE") || unanswered
  # shellcheck disable=SC2086 # words, split on purpose
  set -- $units_wanted
  [ $# -gt 0 ] || return 0
  for managing in system user; do
    unit_file "$managing"
    if [ "$managing" = "$1" ]; then
      ! unit_text "$@" | cmp -s - "$unit_file" || continue
    elif ! { [ -e "$unit_file" ] && unit_is_ours; }; then
      continue
    fi
    make_directory "${unit_file%/*}" 2>/dev/null || fail disk_unwritable - path s "${unit_file%/*}" detail s "it can't be made"
    can_write "${unit_file%/*}" || fail_unwritable "${unit_file%/*}"
  done
}

# Before the change, so that its undo knows what there was. The second line says that the first is whole.
keep_unit() { # supervisor
  if has_fact unit-kept "$1"; then return 0; fi
  if [ -e "$unit_file" ]; then
    unit_before=$(cat "$unit_file") || unanswered
    note_fact "unit-before-$1" "$unit_before"
  fi
  note_fact unit-kept "$1"
}

write_unit() { # supervisor; its text on standard input
  make_directory "${unit_file%/*}"
  write_file "$unit_file"
  chmod 644 "$unit_file"
  uncover_unit "$1"
  # enable would reload once more by itself, while the app is down.
  have_manager "$1" systemctl --quiet --no-reload enable "$unit"
  have_manager "$1" systemctl daemon-reload
}

do_ununit() {
  remove_if_there "$BASE/.agent-$OP" || true
  for managing in system user; do
    has_fact unit-kept "$managing" || continue
    unit_file "$managing"
    unit_before=$(facts_of "unit-before-$managing") || unanswered
    if [ -z "$unit_before" ]; then
      remove_unit "$managing"
    elif [ "$unit_before" != "$(cat "$unit_file" 2>/dev/null)" ]; then
      can_write "${unit_file%/*}" || { cover_unit "$managing" && return 1; }
      printf '%s\n' "$unit_before" | write_unit "$managing"
    else
      # It may not have been told yet.
      have_manager "$managing" systemctl daemon-reload
    fi
  done
}

# Where a manager looks before all else, until the next boot (systemd.unit(5), system.control): $cover.
unit_cover() { # supervisor
  cover=/run/systemd/system.control/$unit
  [ "$1" != user ] || { who_we_are && cover=/run/user/$uid/systemd/user.control/$unit; }
}

# What ran before is not to run by the unit of what failed, though that can't be written any more: its user may be another.
cover_unit() { # supervisor
  unit_cover "$1"
  (umask 022 && mkdir -p "${cover%/*}" && printf '%s\n' "$unit_before" >"$cover")
  have_manager "$1" systemctl daemon-reload
}

uncover_unit() { # supervisor
  unit_cover "$1"
  [ ! -e "$cover" ] || rm -f "$cover"
}

remove_unit() { # supervisor
  unit_file "$1"
  uncover_unit "$1"
  if ! { [ -e "$unit_file" ] && unit_is_ours; }; then return 0; fi
  have_manager "$1" systemctl --quiet disable "$unit" 2>/dev/null || true
  rm -f "$unit_file"
  have_manager "$1" systemctl daemon-reload
  manager "$1" systemctl --quiet reset-failed "$unit" 2>/dev/null || true
}

# Can units be changed?
can_write_units() {
  for managing in system user; do
    unit_file "$managing"
    ! has_fact unit-kept "$managing" || can_write "${unit_file%/*}" || return 1
  done
}

# Restart=always: a VM that was told to halt, or to reboot, exits 0. Five starts within two minutes end a crash loop. The main
# process gets TERM, and then KILL, from ExecStop; what else is in the group is killed at the end. A limit of memory is
# one of swap, too: MemoryMax alone only has the kernel move the rest there, where a heap that is collected as a whole makes
# the VM crawl, instead of end and start anew (systemd.resource-control(5)).
unit_text() { # supervisor memory-mib|- user|-
  agent="/bin/sh -c '$(checked_call)' sh $ROOT"
  # With a user of its own all but ExecStart is done by root (+): .beamline is closed to that user, and what is to be executed
  # is handed to it as standard input. Its rights are the manager's to take, so that what a drop-in takes is taken, too.
  by_root='' start=$agent
  if [ "$3" != - ]; then by_root=+ start="/bin/sh -s -- $ROOT"; fi
  cat <<END_OF_UNIT
# $ROOT/$APP
# Written by Beamline, and written anew with the next deployment: use a drop-in for changes (systemd.unit(5)).
[Unit]
Description=$APP, deployed by Beamline
StartLimitIntervalSec=120
StartLimitBurst=5
END_OF_UNIT
  [ "$1" = user ] || printf 'Wants=network-online.target\nAfter=network-online.target\n'
  cat <<END_OF_UNIT

[Service]
Type=exec
ExecCondition=$by_root$agent unit_wanted $1 $APP
ExecStart=$start unit_launch $1 $APP $3
ExecStop=$by_root$agent unit_halt $1 $APP \$MAINPID
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=50
NoNewPrivileges=yes
END_OF_UNIT
  case $1,$3 in
    user,*) ;;
    *,-) printf 'User=root\nLimitNOFILE=65536\n' ;;
    *)
      printf 'ExecStartPre=+%s unit_prepare %s %s %s\n' "$agent" "$1" "$APP" "$3"
      printf 'User=%s\nStandardInput=file:%s/agent\nLimitNOFILE=65536\n' "$3" "$BASE"
      ;;
  esac
  [ "$2" = - ] || printf 'MemoryMax=%sM\nMemorySwapMax=0\n' "$2"
  case $1 in user) wanted_by=default.target ;; *) wanted_by=multi-user.target ;; esac
  printf '\n[Install]\nWantedBy=%s\n' "$wanted_by"
}

# The agent, once it is seen to be a file of whose unit it is, with the whole content that its name tells, in a directory of that
# user's that is closed to others: entered first, so that nobody can put another in its place. For systemd, a dollar is two.
checked_call() {
  cat <<END_OF_CALL
cd $BASE && a=\$\$(readlink agent) && [ \$\${#a} -eq 70 ] && [ -O . ] && [ -f \$\$a ] && [ -O \$\$a ] || exit 255; \
[ -h $BASE ] || [ -h \$\$a ] && exit 255; \
case "\$\$(ls -ldn . \$\$a)" in drwx--[S-]---*-r???-??-?*) ;; *) exit 255;; esac; \
case agent-\$\$({ sha256sum || shasum -a 256 || openssl dgst -sha256 -r || sha256 -r; } 2>/dev/null <\$\$a) in \$\$a*) exec /bin/sh ./\$\$a "\$\$@";; esac; \
echo "$BASE/agent is not the agent of Beamline that it should be" >&2; exit 255
END_OF_CALL
}

start_unit() { # release config supervisor → $pid
  unit_file "$3"
  run_choice "$3"
  write_choice "$1" "$2"
  mark_log "$3"
  manager "$3" systemctl --quiet reset-failed "$unit" 2>/dev/null || true
  # Restart: of a VM that died its manager may just be booting another, which is none yet, and has read the choice before.
  restart_says=$(have_manager "$3" systemctl restart "$unit" 2>&1) ||
    fail start_failed - detail s "systemd did not start $unit: ${restart_says%%"$NEWLINE"*}"
  # Of a process that has ended already, too.
  unit_property "$3" ExecMainPID
  pid=$value
}

unit_property() { # supervisor name → $value
  value=$(have_manager "$1" systemctl show --property="$2" --value "$unit")
}

# Stops the units of the app, whichever manager has one: a VM that has just died would be started again.
stop_units() {
  for stopping in system user; do
    unit_file "$stopping"
    if ! { [ -e "$unit_file" ] && unit_is_ours; }; then continue; fi
    have_manager "$stopping" systemctl stop "$unit" ||
      fail stop_failed - detail s "systemctl stop $unit failed"
    run_choice "$stopping"
    rm -f "$choice"
  done
}

# Fails with the last lines of what the app printed, or that app in whose VM it is: to its console, or to the journal. Needs $log_of,
# that app's name.
fail_with_log() { # pid supervisor code [key type value]…
  read_log "$1" "$2"
  failing=$3
  shift 3
  fail "$failing" "$log" "$@"
}

read_log() { # pid supervisor → $log
  log=$ROOT/${log_of:-$APP}/log/console.log
  [ "$2" != daemon ] || return 0
  find_log app.log
  log=$log_file
  [ "$2" != system ] || journalctl --sync 2>/dev/null || true
  # Whatever the unit has printed since this op began to start it: a start script, a migration, the VM, what it was started as anew.
  log_manager=$2
  set -- "_PID=$1"
  if find_word cursor && read -r cursor <"$word_file"; then
    match_unit "$log_manager" "${log_of:-$APP}"
    set -- "$unit_match"
    [ "$cursor" = - ] || set -- "--after-cursor=$cursor" "$@"
  fi
  manager "$log_manager" journalctl --quiet --no-pager --output=cat --lines=20 "$@" >"$log" 2>/dev/null || true
}

# What is said behind the unit's last line up to here is of this start. (What journalctl is to pass over must be among what it shows.)
mark_log() { # supervisor
  match_unit "$1" "$APP"
  cursor=$(manager "$1" journalctl --quiet --no-pager --output=cat --lines=1 --show-cursor "$unit_match" 2>/dev/null | sed -n '$s/^-- cursor: //p')
  put_word cursor "${cursor:--}" || true
}

match_unit() { # supervisor app → $unit_match
  unit_match=_SYSTEMD_UNIT=beamline-$2.service
  [ "$1" != user ] || unit_match=_SYSTEMD_USER_UNIT=beamline-$2.service
}
