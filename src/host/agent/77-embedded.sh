# Applications that are embedded in a node which runs already, whoever started it (isolation: embedded). All of it is said to the
# node by erl_call; what the node itself knows of it is gone with the node.

# The VM of the node that has this name, `shop` or `shop@web1`: $vm, and what vm_environment and node_arguments tell of it.
# False where none runs. Anybody can start a VM under any name: one of ours comes first, then that of an app of ours. Of several
# users' it is the one that epmd, which gives a name to one node at a time, has under it; where that can't be told it is none.
find_named() { # node
  named='' named_users=' ' is_apps=''
  for vm in $(all_vms); do
    process_stat "$vm" || continue
    [ "$process_state" != Z ] || continue
    node_arguments "$vm"
    is_named "$1" || continue
    vm_executable "$vm" || continue
    vm_environment "$vm" || continue
    process_ids "$vm" || continue
    who_we_are
    [ "$process_uid" != "$uid" ] || return 0
    if [ "$vm_root" = "$ROOT" ]; then
      # Strangers don't count any more.
      [ -n "$is_apps" ] || named='' named_users=' ' is_apps=yes
    elif [ -n "$is_apps" ]; then
      continue
    fi
    named="$named$vm "
    case $named_users in *" $process_uid "*) ;; *) named_users="$named_users$process_uid " ;; esac
  done
  vm=
  case ${named_users# } in
    *' '*' ') vm=$(registered_of "$1" "$named") || vm= ;;
    *) vm=${named%% *} ;;
  esac
  if [ -n "$vm" ] && node_arguments "$vm" && vm_executable "$vm" && vm_environment "$vm"; then return 0; fi
  forget_vm
  vm=
  return 1
}

# Of processes the one that listens on the port that epmd has for a node.
registered_of() { # node pids → pid
  find_registered_port "$1"
  for registered in ${registered_port:+$2}; do
    if listener "$registered" "$registered_port"; then printf '%s' "$registered" && return 0; fi
  done
  return 1
}

# A name that says no host has that of the machine: all of it, or with -sname its first part (kernel, net_kernel).
is_named() { # node: is that the name in $node_name?
  [ "${node_name%%@*}" = "${1%%@*}" ] || return 1
  case $1,$node_name in
    *@*,*@*) [ "$1" = "$node_name" ] ;;
    *@*,*)
      read -r host_name </proc/sys/kernel/hostname
      [ "$node_flag" = -name ] || host_name=${host_name%%.*}
      [ "${1#*@}" = "$host_name" ]
      ;;
  esac
}

# The node, such that it can be asked. It may be about to start again. False where it is not there: $node_why.
reach_node() { # node
  # Ops of several apps may be in one node at once, and each needs a name for itself.
  case $caller in beamline_op) caller=beamline_op_$(printf '%s' "$APP" | tr @ _) ;; esac
  now_ms
  reach_by=$((now + 10000))
  while :; do
    node_why='no running VM has that name' node_is=
    if find_named "$1"; then
      node_why='it does not answer: it is not ours to ask, has another cookie, or there is no erl_call'
      if open_to_node && find_node "$vm"; then node_is=$(call_node 5 awake) || true; fi
    fi
    case $node_is in
      awake) return 0 ;;
      # What was embedded in it before is about to come back.
      booted) is_bringing_back || return 0 ;;
      starting) node_why='it has not started yet' ;;
    esac
    now_ms
    [ "$now" -lt "$reach_by" ] || { [ "$node_is" = booted ] && return 0; return 1; }
    waiting_for "node $1: $node_why"
    sleep 0.2
  done
}

# Was the VM started with what brings embedded applications back (see bring_back)? $vm, with its arguments.
is_bringing_back() {
  case $vm_arguments in *"$ROOT/"*/run/embedded/*) ;; *) return 1 ;; esac
}

# A node of another user must be able to read what it is to run.
open_to_node() {
  process_ids "$vm" || return 1
  who_we_are
  [ "$process_uid" != "$uid" ] || return 0
  mkdir -p "$ROOT/$APP/config" "$ROOT/$APP/run"
  chmod go-rwx "$BASE"
  chmod a+x "$ROOT"
  chgrp "$process_gid" "$ROOT/$APP"
  chmod g+rx "$ROOT/$APP"
  chmod 711 "$ROOT/$APP/config" "$ROOT/$APP/run"
}

# Where the applications of a release lie: lib/APP-VERSION. A tarball of one application is put there by a link, for code:priv_dir/1
# and its like go by the directory's name. Links of releases that are gone are taken away.
find_lib() { # release → $lib_root
  lib_root=$ROOT/$APP/$1
  for linked in $(list_dir "$ROOT/$APP/run/lib"); do
    [ -e "$ROOT/$APP/$linked" ] || rm -rf "$ROOT/$APP/run/lib/$linked"
  done
  [ -d "$lib_root/ebin" ] || return 0
  lib_root=$ROOT/$APP/run/lib/$1
  (umask 022 && mkdir -p "$lib_root/lib")
  chmod 711 "$ROOT/$APP/run"
  [ -L "$lib_root/lib/$APP" ] || ln -s "$ROOT/$APP/$1" "$lib_root/lib/$APP"
}

# Evaluates one of the expressions about embedded applications; the words of its answer: $embed_word, and why in $embed_why.
call_embedded() { # timeout-s expression [bindings]
  embed_word='' embed_why='the node does not answer any more'
  embed_answer=$(ask_node "$1" "$2" "App = '$APP', Place = \"$ROOT\", ${3:-} $(erl_made_code) $(erl_embedded) $(erl_embedded_words) ") || return 1
  { read -r embed_word; IFS= read -r embed_why; } <<END_OF_ANSWER
$embed_answer
END_OF_ANSWER
  [ -n "$embed_word" ]
}

# Before anything stops: everything that keeps a release from being embedded, as far as that can be seen.
do_embeddable() { # release config version digest port|- node
  check_room
  check_contents "$ROOT/$APP/$1" "$4"
  [ "$5" = - ] || embeddable_port "$5" "$6"
  reach_node "$6" || fail node_down - node s "$6" detail s "$node_why"
  find_lib "$1"
  call_embedded 60 embeddable "Dir = \"$lib_root\", " || fail node_down - node s "$6" detail s "$embed_why"
  [ "$embed_word" = fits ] || fail not_embeddable - node s "$6" detail s "$embed_why"
  prepare_at_start "$1" "$2" "$6"
}

# The port must be free, or held by what is about to be stopped: the app's own VM, or the node that it is embedded in.
embeddable_port() { # port node
  find_vm
  recorded_op
  record_node=
  [ "$recorded" = - ] || { record_field node && record_node=$field; }
  if [ -n "$record_node" ] && ! find_named "$record_node"; then vm=''; fi
  check_port "$1"
}

# The same again where it was done already, or half.
do_embed() { # release config node timeout-ms
  reach_node "$3" || fail node_down - node s "$3" detail s "$node_why"
  hand_config "$2"
  find_lib "$1"
  waiting_for 'its application to start'
  call_embedded "$((($4 + 999) / 1000 + 35))" embed \
    "Dir = \"$lib_root\", Release = \"$1\", Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", Timeout = $4, IsReturn = false, " || embed_word=failed
  case $embed_word in
    embedded) ;;
    refused) fail not_embeddable - node s "$3" detail s "$embed_why" ;;
    *)
      log_of=${vm_app:--}
      fail_with_log "$vm" "${vm_supervisor:-daemon}" start_failed detail s "$embed_why"
      ;;
  esac
}

# Where the node does not run there is nothing to take out of it.
do_unembed() { # node
  find_named "$1" || return 0
  reach_node "$1" || {
    find_named "$1" || return 0
    fail stop_failed - detail s "node $1 can't be asked to stop it: $node_why"
  }
  waiting_for 'its application to stop'
  call_embedded 55 unembed || embed_word=failed
  [ "$embed_word" = gone ] || fail stop_failed - detail s "$embed_why"
}

do_embed_env() { # release config node
  reach_node "$3" || fail node_down - node s "$3" detail s "$node_why"
  hand_config "$2"
  call_embedded 30 embed_env "Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", " || embed_word=failed
  [ "$embed_word" = reconfigured ] || fail hot_upgrade_failed - what s "$APP" detail s "$embed_why" term s '' tried b true
}

# What a VM of ours evaluates at the end of its boot (see bring_back), made ready while there is a way back: what is left to do behind
# the commit point needs no space. It holds no secret, and another user's node must be able to read it.
prepare_at_start() { # release config node; $lib_root
  find_named "$3" && [ "$vm_root" = "$ROOT" ] && [ -n "$vm_app" ] && [ -d "$ROOT/$vm_app/run" ] || return 0
  at_start=$ROOT/$vm_app/run/embedded
  (umask 022 && make_directory "$at_start")
  note_fact at_start "$at_start"
  {
    printf 'App = '\''%s'\'', Place = "%s", Dir = "%s", Release = "%s", Config = "%s", ' "$APP" "$ROOT" "$lib_root" "$1" "$2"
    printf 'EnvFile = "%s", Timeout = 60000, IsReturn = true,\n' "$ROOT/$APP/config/$2/env.config"
    erl_made_code
    erl_embedded
    erl_embedded_words
    erl_embed
  } | write_file "$at_start/.$APP-$OP"
  chmod 644 "$at_start/.$APP-$OP"
}

# After the commit point; until then what was on record before comes back. Where it is in place already, an engine ended here.
do_embed_at_start() {
  forget_at_start_but=
  last_fact at_start
  at_start=$fact
  if [ -n "$at_start" ]; then
    if [ -e "$at_start/.$APP-$OP" ]; then
      mv -f "$at_start/.$APP-$OP" "$at_start/$APP.erl"
      sync_file "$at_start"
    fi
    forget_at_start_but=$at_start
  fi
  forget_at_start
}

# What an op that went back has made ready.
discard_at_start() {
  last_fact at_start
  at_start=$fact
  [ -z "$at_start" ] || rm -f "$at_start/.$APP-$OP"
}

# Of all VMs of ours, but that one.
forget_at_start() {
  hostings=$(list_dir "$ROOT") || unanswered
  for hosting in $hostings; do
    [ "$ROOT/$hosting/run/embedded" != "${forget_at_start_but:-}" ] || continue
    [ ! -e "$ROOT/$hosting/run/embedded/$APP.erl" ] || rm -f "$ROOT/$hosting/run/embedded/$APP.erl"
  done
}
