# Verbs that start and stop an app's VM. It is found by what we left, or by looking at the processes: the executable is beam.smp,
# and the environment says that we started it. A console, an eval or whatever else people start from a release is theirs.

# Lines `pid parent` of this app's VMs.
find_vms() {
  candidates=$(all_vms) || unanswered
  for candidate in $candidates; do
    process_stat "$candidate" || continue
    [ "$process_state" != Z ] || continue
    # The rest takes a process.
    may_be_of "$candidate" "$APP" || continue
    # Of what ls printed a part may be the name that somebody has given to a file.
    vm_executable "$candidate" || continue
    vm_environment "$candidate" || continue
    if [ "$vm_root" = "$ROOT" ] && [ "$vm_app" = "$APP" ]; then printf '%s %s\n' "$candidate" "$parent"; fi
  done
}

# All that run a BEAM here. To be used in a process of its own, as in $(all_vms): ls on all /proc/PID/exe is one process, however
# many there are; those of others can't be read.
all_vms() { # → pids, one a line
  set +f
  # shellcheck disable=SC2012 # the listing of links is what is wanted
  links=$(ls -l /proc/[0-9]*/exe 2>/dev/null) || ended_itself $?
  sed -n 's|.* /proc/\([0-9]*\)/exe -> .*/beam[a-z.]*\( (deleted)\)\{0,1\}$|\1|p' <<END_OF_LINKS || unanswered
$links
END_OF_LINKS
}

# The app's own VM: the one that start made, or else one whose parent is not one of them (what an application starts inherits its
# environment). $vm, empty if none.
find_vm() {
  forget_vm
  vm=
  if started_process && vm_executable "$started_pid"; then vm=$started_pid; fi
  if [ -z "$vm" ]; then
    vms=$(find_vms) || unanswered
    vm=$(awk '{ pid[NR] = $1; up[$1] = $2 } END { for (i = 1; i <= NR; i++) if (!(up[pid[i]] in up)) { print pid[i]; exit } }' <<END_OF_VMS
$vms
END_OF_VMS
    ) || unanswered
  fi
  [ -z "$vm" ] || vm_environment "$vm"
}

# True where it is a BEAM; while a VM boots its process is still the start script. $executable.
vm_executable() { # pid
  if [ "$executable_of" = "$1" ]; then return 0; fi
  executable=$(readlink "/proc/$1/exe") || ended_itself $?
  case $executable in */beam*) executable_of=$1 ;; *) return 1 ;; esac
}

# What the VM was started with, from its environment: $vm_app $vm_root $vm_booted $vm_supervisor $vm_home $vm_reldir; and what it
# has become since: $vm_release $vm_config.
vm_environment() { # pid
  [ "$environment_of" != "$1" ] || return 0
  forget_vm
  [ -r "/proc/$1/environ" ] || return 1
  vm_variables=$(tr '\0\n' '\n ' <"/proc/$1/environ" 2>/dev/null) || { ended_itself $? && return 0; }
  while IFS= read -r variable; do
    case $variable in
      BEAMLINE_APP=*) vm_app=${variable#*=} ;;
      BEAMLINE_ROOT=*) vm_root=${variable#*=} ;;
      BEAMLINE_RELEASE=*) vm_release=${variable#*=} ;;
      BEAMLINE_CONFIG=*) vm_config=${variable#*=} ;;
      BEAMLINE_SUPERVISOR=*) vm_supervisor=${variable#*=} ;;
      HOME=*) vm_home=${variable#*=} ;;
      RELDIR="$ROOT/$APP/run/"*) vm_reldir=${variable#*=} ;;
    esac
  done <<END_OF_VARIABLES
$vm_variables
END_OF_VARIABLES
  is_plain_name "$vm_release" || vm_release=
  is_plain_name "$vm_config" || vm_config=
  # Anybody can put such variables into a process of his own: it is then nobody's VM.
  if ! { is_plain_name "$vm_app" && may_be_of "$1" "$vm_app"; }; then
    vm_app='' vm_root='' vm_release='' vm_config='' vm_supervisor='' vm_reldir=''
  fi
  vm_booted=$vm_release
  what_it_became "$1"
  # While it boots it may become another program, with other variables.
  [ "$executable_of" != "$1" ] || environment_of=$1
}

# Is a process of a user whose word about an app counts: ours, or one of the app's own?
may_be_of() { # pid app
  process_ids "$1" || return 1
  who_we_are
  [ "$process_uid" != "$uid" ] || return 0
  # What start made it made as whom it was told to.
  if [ "$1" = "$started_pid" ] && [ "$2" = "$started_app" ]; then return 0; fi
  users_of "$2"
  case $app_uids in *" $process_uid "*) ;; *) return 1 ;; esac
}

# Whom an app was handed over to, before anything was started (see hand_over; prune leaves the one on record); where nothing tells,
# the user on record. $app_uids, between spaces.
users_of() { # app
  [ "$users_app" != "$1" ] || return 0
  users_app=$1 app_uids=' '
  if [ -d "$ROOT/$1/run/as" ]; then
    # shellcheck disable=SC2012 # of the names only the owners count
    app_uids=" $(ls -lnA "$ROOT/$1/run/as" 2>/dev/null | awk '/^d/ { printf "%s ", $3 }')"
  elif { read -r its_record <"$BASE/state/$1"; } 2>/dev/null; then
    its_record=${its_record%%\"spec\":*}
    case $its_record in
      *'"runAs":"'*)
        its_record=${its_record#*\"runAs\":\"}
        app_uids=" $(! find_user "${its_record%%\"*}" || printf '%s ' "$user_uid")"
        ;;
    esac
  fi
}

# Each start makes that directory anew: what is in it is of this VM. It may be its user's, who could put anything there.
what_it_became() { # pid
  case $vm_reldir in *..*) vm_reldir= ;; esac
  { [ -n "$vm_reldir" ] && [ -f "$vm_reldir/became" ] && [ ! -L "$vm_reldir/became" ]; } || return 0
  read -r became_release became_config <<END_OF_BECAME || return 0
$(as_user_of "$1" head -c 300 "$vm_reldir/became" 2>/dev/null)
END_OF_BECAME
  if is_plain_name "$became_release" && is_plain_name "$became_config"; then
    vm_release=$became_release vm_config=$became_config
  fi
}

# A name within a directory. What a process says of itself may lead out of it.
is_plain_name() { case $1 in '' | .* | *[!A-Za-z0-9._+~@-]*) return 1 ;; esac }

forget_vm() {
  environment_of='' vm_app='' vm_root='' vm_booted='' vm_release='' vm_config='' vm_supervisor='' vm_home='' vm_reldir=''
}

# Where start has left which process it made: $pid_file. Without it the VM is found by looking, a little later.
find_pid_file() {
  pid_file=$ROOT/$APP/run/pid
  [ -z "$spool" ] || [ ! -s "$spool/pid" ] || pid_file=$spool/pid
}

leave_pid() { # pid starttime supervisor
  if write_for_now "$ROOT/$APP/run/pid" "$*"; then
    [ -z "$spool" ] || rm -f "$spool/pid"
    return 0
  fi
  rm -f "$ROOT/$APP/run/pid" 2>/dev/null || true
  ! find_spool || write_for_now "$spool/pid" "$*" || true
}

# What start left: $started_pid, if that very process still lives (while it boots it is not beam.smp yet).
started_process() {
  started_pid='' started_app=$APP
  find_pid_file
  [ -r "$pid_file" ] || return 1
  read -r hint_pid hint_started _ <"$pid_file" || return 1
  is_alive "$hint_pid" "$hint_started" || return 1
  started_pid=$hint_pid
}

do_start() { # release config supervisor user|-
  find_vm
  if [ -n "$vm" ]; then
    [ "$vm_release" = "$1" ] && [ "$vm_config" = "$2" ] && [ "$vm_supervisor" = "$3" ] && runs_as "$vm" "$4" &&
      stays "$3" && return 0
    # Another one, or one that is being stopped.
    do_stop
  fi
  # None of this keeps it from starting: a disk that can only be read has it from before.
  make_directory "$ROOT/$APP/run" || true
  make_directory "$ROOT/$APP/log" || true
  remove_if_there "$ROOT/$APP/log/erl_crash.dump" || true
  [ "$4" != - ] || take_back "$2"
  case $3 in
    daemon) start_daemon "$1" "$2" "$4" ;;
    *) start_unit "$1" "$2" "$3" ;;
  esac
  process_stat "$pid" || fail_with_log "$pid" "$3" start_failed detail s "it ended at once"
  leave_pid "$pid" "$started" "$3"
}

# A VM whose manager is just stopping it does not.
stays() { # supervisor
  [ "$1" != daemon ] || return 0
  unit_file "$1"
  unit_property "$1" ActiveState
  [ "$value" = active ]
}

# Its own session, no descriptor of ours: it outlives us, and does not hold the lock. $pid.
start_daemon() { # release config user|-
  console=$ROOT/$APP/log/console.log
  [ ! -e "$console" ] || mv -f "$console" "$console.1" || true
  can_append "$console" || console=/dev/null
  if [ "$3" = - ]; then
    (launch_release "$1" "$2" daemon - detached 3<&- 4<&- 5<&- 8<&- 9<&-) </dev/null >>"$console" 2>&1 &
  else
    hand_over "$3" "$2"
    (become_user "$3" /bin/sh -s -- "$ROOT" launch_app "$APP" "$1" "$2" daemon "$3" detached 3<&- 4<&- 5<&- 8<&- 9<&-) \
      <"$SELF" >>"$console" 2>&1 &
  fi
  pid=$!
}

# Stops its applications in order by rpc and halts; init:stop by TERM if that does not end it, KILL as the last resort. A unit is
# stopped by its manager, or it would start again; its ExecStop is the same halt, and its manager sends the signals.
do_stop() {
  find_vm
  started_process || true
  waiting_for "its unit to stop"
  stop_units
  for ending in $vm $started_pid; do
    process_stat "$ending" || continue
    ending_started=$started
    halt_vm "$ending"
    waiting_for "process $ending to end"
    end_process || fail stop_failed - detail s "process $ending survives KILL"
  done
  rm -f "$ROOT/$APP/run/pid" || true
}

# Asks the node to stop its applications in order and to halt. The node goes away under the call, so its answer says nothing;
# the process does.
halt_vm() { # pid
  find_node "$1" || return 0
  waiting_for "its applications to stop"
  call_node 30 stop >/dev/null || true
}

# What did not end by itself: TERM, then KILL. False where it survives. Of $ending, since $ending_started.
end_process() {
  has_ended 0 "$ending" "$ending_started" || terminate 12 || {
    end_heart "$ending"
    send_signal KILL "$ending"
    has_ended 5000 "$ending" "$ending_started"
  }
}

# heart(1), which would start a VM again that is killed: a program of the VM's, begun by its erl_child_setup.
end_heart() { # pid
  for setup in $(children_of "$1"); do
    for program in $(children_of "$setup"); do
      { read -r program_name <"/proc/$program/comm"; } 2>/dev/null || continue
      [ "$program_name" != heart ] || send_signal KILL "$program"
    done
  done
}

# TERM that comes while a VM boots is lost (its signal server is started by kernel), so it is said again.
terminate() { # times, a second apart
  tries=0
  while [ "$tries" -lt "$1" ]; do
    send_signal TERM "$ending"
    ! has_ended 1000 "$ending" "$ending_started" || return 0
    tries=$((tries + 1))
  done
  return 1
}

send_signal() { # signal pid
  # It may end between the look and the signal.
  kill -s "$1" "$2" 2>/dev/null || true
}

has_ended() { # wait-ms pid starttime
  now_ms
  ended_by=$((now + $1))
  while is_alive "$2" "$3"; do
    now_ms
    [ "$now" -lt "$ended_by" ] || return 1
    sleep 0.02
  done
}
