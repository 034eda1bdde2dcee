# Talking to a running node by erl_call of its own release: 4 ms, where bin/NAME takes 150 to 600 and rewrites files.

# How to reach the VM of a pid: $node_flag $node_name $node_home, $erl_call, its $process_uid. False where it is no distributed node.
find_node() { # pid
  [ "$node_of" != "$1" ] || return 0
  node_arguments "$1"
  [ -n "$node_name" ] || return 1
  vm_environment "$1"
  process_ids "$1" || return 1
  who_we_are
  node_uid=$process_uid node_gid=$process_gid
  node_home=$vm_home
  if [ -n "$cookie" ]; then
    # A cookie on erl_call's command line would show in ps; the file erl_call reads by itself does not.
    node_home=$ROOT/$APP/run/cookie/$node_uid
    # Written once: a look at a host writes nothing, and nobody finds half of it.
    if [ ! -r "$node_home/.erlang.cookie" ] || [ "$(cat "$node_home/.erlang.cookie")" != "$cookie" ]; then
      # Something of another's may have that name, where no app of ours is.
      is_ours "$ROOT/$APP" && { [ ! -e "$ROOT/$APP/run" ] || is_ours "$ROOT/$APP/run"; } || return 1
      mkdir -p "$node_home"
      rm -f "$node_home/.erlang.cookie.$$"
      printf '%s' "$cookie" >"$node_home/.erlang.cookie.$$"
      # The BEAM reads no cookie file that others may read, or that it can't trust (kernel, auth).
      chmod 400 "$node_home/.erlang.cookie.$$"
      if [ "$node_uid" != "$uid" ]; then
        chmod 711 "$ROOT/$APP/run" "$ROOT/$APP/run/cookie" "$node_home"
        chown "$node_uid" "$node_home/.erlang.cookie.$$"
      fi
      mv -f "$node_home/.erlang.cookie.$$" "$node_home/.erlang.cookie"
    fi
  fi
  vm_executable "$1" && find_erl_call "$executable" || return 1
  node_address=
  node_of=$1
}

# What a VM's arguments say of its node: $node_flag $node_name, empty where it is none; $cookie.
node_arguments() { # pid
  node_of='' node_flag='' node_name='' cookie='' previous=
  vm_arguments=$(tr '\0\n' '\n ' <"/proc/$1/cmdline" 2>/dev/null) || return 0
  while IFS= read -r argument; do
    case $previous in
      -sname | -name) node_flag=$previous node_name=$argument ;;
      -setcookie) cookie=$argument ;;
    esac
    previous=$argument
  done <<END_OF_ARGUMENTS
$vm_arguments
END_OF_ARGUMENTS
}

# Next to the VM's own executable, where the VM is ours, or what lies there: another user's process says by itself where its program
# lies. Else that of the release which is current, or the host's.
find_erl_call() { # path of beam.smp
  set +f
  set -- "${1%/*}/erl_call" "$ROOT/$APP/current/erts-"*/bin/erl_call "$(command -v erl_call || true)"
  set -f
  for erl_call in "$@"; do
    [ -x "$erl_call" ] || continue
    if [ "$node_uid" = "$uid" ] || is_roots_or_ours "$erl_call"; then return 0; fi
  done
  return 1
}

is_roots_or_ours() { # file
  # shellcheck disable=SC2012 # mode and owner, by number, are what is wanted
  ls -ldnL "$1" 2>/dev/null | {
    read -r its_mode _ its_uid _ && is_root_or_us "$its_uid" && case $its_mode in ????????w*) false ;; esac
  }
}

# Where the node of a VM listens, as epmd has it and as it is: $node_address, as erl_call takes it. Whoever was first has epmd's port,
# and could send us to a port of his own with what is meant for the node; so only one of the VM's own counts.
find_address() { # pid
  # shellcheck disable=SC2030,SC2031 # what is found meanwhile is nobody else's
  node_address=$(
    find_registered_port "$node_name"
    [ -n "$registered_port" ] && listener "$1" "$registered_port" || exit 1
    case $listening_address in
      0*[1-9A-F]* | [1-9A-F]*) [ "${#listening_address}" -eq 8 ] || exit 1 ;;
      *) listening_address=0100007F ;;
    esac
    # A number of four bytes, the last one first (proc(5), net/tcp).
    printf '%d.%d.%d.%d:%s' "0x${listening_address#??????}" "0x$(part_of 5)" "0x$(part_of 3)" "0x$(part_of 1)" "$registered_port"
  )
}

# What the epmd that runs here has for a node, as any epmd says: $registered_port, empty where it has no such name.
find_registered_port() { # node
  set +f
  for epmd in "$ROOT"/*/current/erts-*/bin/epmd "$(command -v epmd || true)"; do [ ! -x "$epmd" ] || break; done
  set -f
  registered_port=$("$epmd" -names 2>/dev/null | sed -n "s/^name ${1%%@*} at port \([0-9]*\)\$/\1/p" | head -n 1)
}

# shellcheck disable=SC2031
part_of() { printf '%s' "$listening_address" | cut -c "$1-$(($1 + 1))"; } # from

# Evaluates one of our expressions on the node; what it prints comes out. Exit code 0: the node answered.
call_node() { # timeout-s expression-name [erlang-bindings]
  expression=${3:-}$("erl_$2")
  call_as "$1" -h "$(call_name)" || { is_look && call_as "$1" -R; }
}

# The same for a node that is known to be there. While the last call of an op has not ended for the node, it refuses the next one of
# that name before it evaluates anything: then it is called again.
ask_node() { # timeout-s expression-name [erlang-bindings]
  now_ms
  ask_until=$((now + 5000))
  until call_node "$@"; do
    case $(said_by_call) in *'failed to connect to node'*) ;; *) return 1 ;; esac
    now_ms
    [ "$now" -lt "$ask_until" ] && process_stat "$vm" || return 1
    sleep 0.05
  done
}

# The lines that an expression prints before its last one, `end`: $lines. Without that it crashed, which erl_call does not tell by its
# exit code; false then, or where there is no answer.
ask_lines() { # as ask_node
  lines=$(ask_node "$@") || return 1
  case $lines in
    end) lines= ;;
    *"${NEWLINE}end") lines=${lines%"${NEWLINE}end"} ;;
    *) return 1 ;;
  esac
}

# A name of its own each time (-R) would be one more atom each time, which no node ever forgets. Of two calls of one name at once
# the second is refused, and a call that takes over the name of one that was given up is told the other's answer. So each chooses
# of some: one op after the other, as the lock has it, hardly ever comes back to one that is still at work.
call_as() { # timeout-s option [name]
  call_timeout=$1
  shift
  [ -n "$node_address" ] || find_address "$node_of" || { echo 'failed to connect to node: it is not registered' 2>/dev/null >"$call_errors"; return 1; }
  printf '%s\n' "$expression" |
    as_node_user "$erl_call" -address "$node_address" "$@" -timeout "$call_timeout" -fetch_stdout -no_result_term -e 2>"$call_errors"
}

# What erl_call said when the last call failed, where that was one of an op.
said_by_call() { head -n 1 "$call_errors" 2>/dev/null | shorten 200; }

# Differs from call to call, also of one step's process to the next one's.
call_name() {
  now_ms
  printf '%s_%s' "$caller" "$((($$ + now / 10) % 64))"
}

is_look() { [ "$caller" = beamline_look ]; }

# As the VM's own user: what says that it is the app's VM, and where its program lies, is said by that process alone.
as_node_user() { # command…
  if [ "$node_uid" = "$uid" ]; then
    HOME=$node_home "$@"
  else
    (become "$node_uid" "$node_gid" --clear-groups HOME="$node_home" "$@")
  fi
}

# The node's user alone reads it, as that of a VM of its own would.
hand_config() { # config
  [ "$node_uid" != "$uid" ] || return 0
  set +f
  chown "$node_uid" "$ROOT/$APP/config/$1"/*
  chmod 400 "$ROOT/$APP/config/$1"/*
  set -f
  chmod 711 "$ROOT/$APP/config/$1"
}
