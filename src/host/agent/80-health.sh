# The gate: polls by condition, never by a fixed sleep. Healthy is an answer from the very VM that we started, in the version
# that was wanted, that holds for min_healthy_time. A VM that has died ends the wait at once.

do_health() { # release version type port|0 path-term expect-status expect-body-term timeout start-timeout min-healthy
  probe_release=$1
  shift
  probe_version=$1 probe_type=$2 probe_port=$3 probe_path=$4 probe_status=$5 probe_body=$6 probe_timeout=$7
  start_timeout=$8
  shift
  min_healthy=$8 embedding=${9:-}
  now_ms
  gate_begin=$now
  healthy_since=
  gate_pid='' gate_supervisor=daemon
  # A loss of power may have left it empty.
  find_pid_file
  if [ -s "$pid_file" ]; then read -r gate_pid _ gate_supervisor <"$pid_file" || true; fi
  gate_words=$(probe_words)
  log_of=$APP
  while :; do
    if ! gate_process; then
      gate_took=$((now - gate_begin))
      read_log "$gate_pid" "$gate_supervisor"
      fail start_failed "$log" detail s "it ended $gate_took ms after its start$(cause_of_death "$log")"
    fi
    # While a VM boots it needs the processor more than we do: a look that costs one grep comes first.
    if [ "$probe_type" = none ] || is_listening "$probe_port"; then
      probe "$gate_pid"
    else
      health=unhealthy saw="nothing listens on port $probe_port"
    fi
    now_ms
    nap_ms=200
    if [ "$health" = healthy ]; then
      [ -n "$healthy_since" ] || healthy_since=$now
      nap_ms=$((healthy_since + min_healthy - now))
      [ "$nap_ms" -gt 0 ] || return 0
      [ "$nap_ms" -lt 250 ] || nap_ms=250
      waiting_for "it to stay healthy for $min_healthy ms"
    else
      healthy_since=
      # A VM that writes its crash dump is about to end, and will have said why.
      give_up=$start_timeout
      [ ! -s "$ROOT/$APP/log/erl_crash.dump" ] || give_up=$((start_timeout + 5000))
      [ $((now - gate_begin)) -lt "$give_up" ] ||
        fail_with_log "$gate_pid" "$gate_supervisor" health_check_failed probe s "$gate_words" saw s "$saw" waitedMs n $((now - gate_begin))
      waiting_for "$gate_words: $saw"
    fi
    # 200 is 0.200 s.
    nap=$((1000 + nap_ms))
    sleep "0.${nap#1}"
  done
}

# The process that start made or, where only the check has changed, the VM that runs. $gate_pid.
gate_process() {
  now_ms
  if [ -n "$embedding" ]; then
    find_named "$embedding" || return 1
    gate_pid=$vm gate_supervisor=${vm_supervisor:-daemon} log_of=${vm_app:--}
  elif started_process; then
    gate_pid=$started_pid
  else
    find_vm
    [ -n "$vm" ] || return 1
    gate_pid=$vm
  fi
}

probe_words() {
  case $probe_type in
    http) printf 'http :%s%s' "$probe_port" "$(printf '%s' "$probe_path" | sed 's/^"//; s/"$//')" ;;
    tcp) printf 'tcp :%s' "$probe_port" ;;
    none) if [ -n "$embedding" ]; then printf 'the application'; else printf 'the VM'; fi ;;
  esac
}

# In the words of whoever knew: an exception of Elixir (`** (RuntimeError) …`), the dynamic linker, or the crash dump.
cause_of_death() { # log → `: cause`, empty where nothing tells
  cause=
  [ ! -r "$1" ] || cause=$(sed -n -e '/\*\* (/{p;q;}' -e '/error while loading shared libraries/{p;q;}' -e '/version .GLIBC.* not found/{p;q;}' "$1" | shorten 300)
  if [ -n "$cause" ]; then printf ': %s' "$cause"; else crash_slogan; fi
}

# Why the VM died, in its own words: the slogan of its crash dump (erts, "How to interpret the Erlang crash dumps"). An
# application that fails to start takes the whole VM along; what OTP wraps around its reason says nothing more. Since OTP 27 that is
# a text within a term, all of whose quotes have backslashes.
crash_slogan() {
  [ -r "$ROOT/$APP/log/erl_crash.dump" ] || return 0
  slogan=$(sed -n 's/^Slogan: //p' "$ROOT/$APP/log/erl_crash.dump" | head -n 1 |
    sed '/("{application_start_failure,/{
      s/\\\\*"/"/g
      s/ ("{/ ({/
      s/")$/)/
    }
    s/^Kernel pid terminated (application_controller) ({application_start_failure,\([^,]*\),/application \1: /' | shorten 160)
  printf ': %s' "$slogan"
}

# One look: $health (healthy, unhealthy), $saw for people, $running_version, and $running_label, which is the release's directory
# where the node can become another; of an embedded app that always is, with $running_config and $running_since. Needs the
# probe_ variables, and $embedding: the node that the app is embedded in, or empty.
probe() { # pid
  health=unhealthy running_version='' running_label='' running_config='' running_since=''
  seen=seen_vm
  [ -z "$embedding" ] || seen=seen_embedded
  vm_executable "$1" || { saw='it is still booting'; return 0; }
  find_node "$1" || { saw='it is no distributed node, or there is no erl_call: it cannot be asked'; return 0; }
  listening_address=
  if [ "$probe_type" != none ]; then
    listener "$1" "$probe_port" || return 0
  fi
  answer=$(call_node "$(((probe_timeout + 999) / 1000 + 1))" probe \
    "App = '$APP', $("erl_$seen") Type = $probe_type, Address = \"$listening_address\", Port = $probe_port, Path = $probe_path, Status = $probe_status, Body = $probe_body, Timeout = $probe_timeout, ") ||
    { saw='the node does not answer yet'; return 0; }
  # Five lines: label, version, verdict, what was seen, configuration and start.
  {
    read -r running_label
    read -r running_version
    read -r verdict
    read -r saw
    read -r running_config running_since
    # One that breaks off tells nothing yet.
  } <<END_OF_ANSWER || true
$answer
END_OF_ANSWER
  [ "$running_label" != '?' ] || running_label=$vm_release
  is_plain_name "$running_label" || running_label=
  if [ -z "$embedding" ] && [ -n "$running_label" ] && [ -r "$ROOT/$APP/$running_label/releases/start_erl.data" ]; then
    boot_version "$running_label"
    running_version=$boot_release
  fi
  if [ -n "$probe_release" ] && [ "${running_label:-$probe_release}" != "$probe_release" ]; then
    saw="release $running_label answers, $probe_release was started"
  elif [ "$running_version" != "$probe_version" ] && [ -n "$probe_version" ]; then
    saw="version ${running_version:-unknown} answers, $probe_version was started"
  elif [ "$verdict" = healthy ]; then
    health=healthy
  fi
}

# Who listens on a port? True with $listening_address if it is this VM or a child of it; else $saw says who.
# Sockets and their inodes are in /proc/net/tcp and tcp6 (proc(5)): state 0A is LISTEN, addresses are hexadecimal.
listener() { # pid port
  port_pattern "$2"
  sockets=$(grep -hs "$listens" /proc/net/tcp /proc/net/tcp6 | awk '{ print $2, $10 }')
  [ -n "$sockets" ] || { saw="nothing listens on port $2"; return 1; }
  while read -r socket_address socket_inode; do
    if owns_socket "$1" "$socket_inode"; then
      listening_address=${socket_address%:*}
      return 0
    fi
  done <<END_OF_SOCKETS
$sockets
END_OF_SOCKETS
  saw="port $2 is held by $(socket_holder "${socket_inode:-}" "$sockets"), not by the VM that was started"
  return 1
}

is_listening() { # port
  port_pattern "$1"
  grep -qs "$listens" /proc/net/tcp /proc/net/tcp6
}

# The lines of sockets that listen on a port: local address, no remote one, state. $listens.
port_pattern() { # port
  [ "$pattern_of" = "$1" ] || listens=$(printf ': [0-9A-F]*:%04X 0*:0000 0A ' "$1")
  pattern_of=$1
}

owns_socket() { # pid inode
  # shellcheck disable=SC2010 # the listing of links is what is wanted
  ls -l "/proc/$1/fd" 2>/dev/null | grep -q "socket:\[$2\]" && return 0
  for child in $(ps_children "$1"); do
    owns_socket "$child" "$2" && return 0
  done
  return 1
}

ps_children() { # pid
  cat "/proc/$1/task/$1/children" 2>/dev/null || true
}

# A name for whoever holds one of these sockets, as far as we may look.
socket_holder() { # ignored sockets
  holder_inode=$(printf '%s\n' "$2" | awk 'NR == 1 { print $2 }')
  set +f
  # shellcheck disable=SC2012
  holder_pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v s="socket:[$holder_inode]" '/^\/proc\// { split($1, p, "/"); pid = p[3] } index($0, s) { print pid; exit }')
  set -f
  if [ -n "$holder_pid" ]; then
    printf 'process %s (%s)' "$holder_pid" "$(cat "/proc/$holder_pid/comm")"
  else
    printf "another user's process"
  fi
}

do_preflight() { # release port|- digest supervisor user|-
  path=$ROOT/$APP/$1
  find_vm
  [ -z "$vm" ] || check_room
  ! has_mount_option "$path" noexec || fail erts_not_runnable - path s "$path" detail s "$ROOT lies on a disk that is mounted noexec"
  check_contents "$path" "$3"
  boot_version "$1"
  check_script "$path"
  check_emulator "$path"
  check_erl_call "$path" "$5"
  check_libraries "$path"
  [ "$2" = - ] || check_port "$2"
  [ "$4" = daemon ] || { unit_file "$4"; check_unit; }
  check_units
}

# Nothing is stopped for a version that could not even write its log. Tried, for what is free is not what we may write.
check_room() {
  if ! dd if=/dev/zero of="$OPDIR/room" bs=1024 count=1024 2>/dev/null; then
    rm -f "$OPDIR/room"
    fail disk_full - path s "$ROOT" neededBytes n 1048576 freeBytes n "$(($(free_kb "$BASE") * 1024))"
  fi
  rm "$OPDIR/room"
}

# What this op has unpacked is verified; what lay here may have been changed, or damaged, since.
check_contents() { # release-dir digest
  if has_made "${1##*/}"; then return 0; fi
  if is_intact "$1" "$2"; then
    [ -z "$own_data" ] || journal note name s data value s "$(printf '%s\n' "$own_data" | sort | head -n 3 | tr '\n' ' ')" || true
    return 0
  fi
  # With a digest that is none it is not used again: the next run sends the release anew, beside it.
  write_text "$1/.beamline" damaged
  fail release_damaged - path s "$1"
}

# The port of the new version must be free, or held by the version that is about to be stopped: $vm, empty if none.
check_port() { # port
  listener "${vm:-0}" "$1" && return 0
  case $saw in
    nothing*) ;;
    *) fail port_in_use - port n "$1" holder s "$(socket_holder - "$sockets")" ;;
  esac
}
