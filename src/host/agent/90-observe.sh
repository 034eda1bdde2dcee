# What is on this host: looks only, writes nothing. One JSON line for the host, one for each app, and before that the lines that are,
# and were, on record of it, as they are: one that is damaged spoils no other.

observe() { # [node:NAME] app… → machine facts, then every app on record and every app asked for
  lacks=
  for tool in awk cat chmod cmp cp cut dd df find grep gzip head id ln ls mkdir mv od readlink rm sed sort sync tail tar tr wc; do
    command -v "$tool" >/dev/null || lacks="$lacks${lacks:+,}\"$tool\""
  done
  find_sha256 || lacks="$lacks${lacks:+,}\"sha256sum\""
  machine_id=
  [ ! -r /etc/machine-id ] || read -r machine_id </etc/machine-id || true
  # As images have it before their first boot (machine-id(5)): that is nobody's.
  [ "$machine_id" != uninitialized ] || machine_id=
  who_we_are
  supervisor_here
  its_node='' node_json=null
  case ${1:-} in node:*) its_node=${1#node:} && shift ;; esac
  on_record="$(apps_on_record) $(apps_of_unfinished)"
  # shellcheck disable=SC2086 # names of our own making, without white space
  find_unsafe $on_record
  # Where others may have put something it is not even read.
  if [ "$unsafe" = null ] && [ -n "$its_node" ]; then observe_node "$its_node"; fi
  root_is_writable
  ends_with_login=false
  # Where a manager outlives it (see outliving) nobody need ask.
  [ "$supervisor" != daemon ] || ! login_ends || ends_with_login=true
  json_object kind s host machineId s "$machine_id" supervisor s "$supervisor" endsWithLogin b "$ends_with_login" isWritable b "$is_writable" isReadOnly b "$is_read_only" \
    node j "$node_json" user s "$user" lacks j "[$lacks]" unsafe j "$unsafe"
  printf '%s\n' "$json"
  [ "$unsafe" = null ] || return 0
  seen_apps=' '
  for APP in $on_record "$@"; do
    case $seen_apps in *" $APP "*) continue ;; esac
    # Somebody's copy beside a record is none.
    case $APP in [!a-z]* | *[!A-Za-z0-9_@]*) continue ;; esac
    seen_apps="$seen_apps$APP "
    observe_app
  done
}

# Two entries of a fleet may be one machine: each is given a word of its own, and says which of these it sees among the
# arguments of processes here, where its own is too.
hold() { # nonce
  echo held
  sleep 20
}

nonces() {
  set +f
  cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | sed -n 's/^beamline-nonce-[0-9a-f]\{32\}$/&/p' | sort -u
}

# The node that embedded apps go into, and the app whose VM it is, where that is one of ours.
observe_node() { # name → $node_json
  node_json=null APP=
  find_named "$1" || return 0
  node_app=null
  if [ "$vm_root" = "$ROOT" ] && [ -n "$vm_app" ]; then json_string "$vm_app" && node_app=$json; fi
  json_object name s "$node_name" app j "$node_app"
  node_json=$json
}

apps_on_record() {
  for name in $(list_dir "$BASE/state"); do
    case $name in *.tmp.*) ;; *.held) echo "${name%.held}" ;; *.history) echo "${name%.history}" ;; *) echo "$name" ;; esac
  done
}

# An app that nothing is on record of may still have an op that was cut off.
apps_of_unfinished() {
  for unfinished in $(list_dir "$BASE/ops"); do
    case $unfinished in .*) continue ;; esac
    if [ ! -e "$BASE/ops/$unfinished/header" ] || [ -e "$BASE/ops/$unfinished/ended" ]; then continue; fi
    { read -r its_app <"$BASE/ops/$unfinished/header"; } 2>/dev/null || continue
    can_be_loaded "$unfinished" || continue
    printf '%s\n' "$its_app"
  done
}

# The root itself, or the nearest directory above it that exists.
root_is_writable() { # → $is_writable $is_read_only
  is_writable=false is_read_only=false
  nearest=$ROOT
  while [ ! -e "$nearest" ]; do nearest=${nearest%/*}; nearest=${nearest:-/}; done
  # Root may write, says test(1) of some, where nobody can.
  if has_mount_option "$nearest" 'ro|emergency_ro'; then is_read_only=true; elif [ -w "$nearest" ]; then is_writable=true; fi
}

# What is read here is read piece by piece, while an op may be at work: such an op is named even if it ends meanwhile, so that
# the runner waits for its end and looks again.
observe_app() {
  unfinished_before=$(unfinished_ops)
  recorded_op
  held=null op_json=null unreadable=null
  if [ -n "$record_json" ]; then
    printf 'record %s\n' "$record_json"
    json_string "$recorded"
    op_json=$json
    has_probe || unreadable='"how its health is judged is damaged"'
  elif [ -n "$record_fault" ]; then
    json_string "$record_fault"
    unreadable=$json
  fi
  for part in held history; do
    if [ "$unreadable" = null ] && [ -e "$BASE/state/$APP.$part" ] && [ ! -r "$BASE/state/$APP.$part" ]; then
      unreadable="\"its .$part is closed to us\""
    fi
  done
  if [ -r "$BASE/state/$APP.held" ]; then
    read -r held_digest held_code <"$BASE/state/$APP.held"
    json_object specDigest s "$held_digest" code s "$held_code"
    held=$json
  fi
  if [ -r "$BASE/state/$APP.history" ]; then
    while IFS= read -r past; do printf 'past %s\n' "$past"; done <"$BASE/state/$APP.history"
  fi
  current_release
  current_json=null
  [ -z "$current" ] || { json_string "$current"; current_json=$json; }
  observe_running
  json_object kind s app name s "$APP" op j "$op_json" current j "$current_json" releases j "$(observe_releases)" \
    running j "$running" health j "$health_json" held j "$held" unfinished j "$(observe_unfinished)" \
    configs j "$(observe_configs)" unreadable j "$unreadable"
  printf '%s\n' "$json"
}

observe_releases() {
  found=
  for name in $(list_dir "$ROOT/$APP"); do
    case $name in current | config | log | run | .*) continue ;; esac
    release_digest "$name"
    digest_json=null
    [ -z "$digest" ] || { json_string "$digest"; digest_json=$json; }
    json_object directory s "$name" digest j "$digest_json"
    found="$found${found:+,}$json"
  done
  printf '[%s]' "$found"
}

# Those that can be started with.
observe_configs() {
  found=
  for name in $(whole_configs); do
    json_string "$name"
    found="$found${found:+,}$json"
  done
  printf '[%s]' "$found"
}

# As many words of its health check as a look takes.
has_probe() {
  # shellcheck disable=SC2086 # words of the transfer alphabet, written by record
  set -- $record_probe
  [ $# -ge 7 ]
}

observe_running() {
  running=null health_json='{"health":"unknown","saw":"it is not running"}'
  embedding=
  [ -z "$record_json" ] || { record_field node && embedding=$field; }
  if [ -z "$embedding" ]; then find_vm; elif ! find_named "$embedding"; then vm=''; fi
  [ -n "$vm" ] || return 0
  observed_release=$vm_release observed_config=$vm_config
  saw='it has no recorded health check' health=unknown running_version='' running_label='' node_name='' node_of=''
  if [ -n "$record_json" ] && has_probe; then
    # shellcheck disable=SC2086 # words of the transfer alphabet, written by record
    set -- $record_probe
    decode "$4"
    probe_type=$2 probe_port=$3 probe_path=$decoded probe_status=$5
    decode "$6"
    probe_body=$decoded probe_timeout=$7 probe_version='' probe_release=''
    # A look is short, whatever a gate may take: an app that hangs must not cost its host.
    [ "$probe_timeout" -le 10000 ] || probe_timeout=10000
    probe "$vm"
  fi
  process_stat "$vm"
  observed_start=$(started_at "$started")
  json_object health s "$health" saw s "$saw"
  health_json=$json
  version_json=null node_json=null
  [ -z "$running_version" ] || { json_string "$running_version"; version_json=$json; }
  [ -z "$node_name" ] || { json_string "$node_name"; node_json=$json; }
  if [ -n "$embedding" ]; then
    [ -n "$running_label" ] || return 0
    observed_release=$running_label observed_config=$running_config observed_start=$running_since
  fi
  [ -z "$running_label" ] || observed_release=$running_label
  is_upgradable=false
  ! can_be_asked || is_upgradable=true
  release_json=null config_json=null
  [ -z "$observed_release" ] || { json_string "$observed_release"; release_json=$json; }
  [ -z "$observed_config" ] || { json_string "$observed_config"; config_json=$json; }
  observed_user "$vm"
  json_object pid n "$vm" startedAt n "$observed_start" release j "$release_json" config j "$config_json" \
    node j "$node_json" version j "$version_json" runAs j "$user_json" \
    isUpgradable b "$is_upgradable"
  running=$json
}

# May a VM be asked to become another release? One that does not answer, epmd being gone for example, is none that can't: it is
# asked again, and then says nothing. One that has just been started is none yet, if it has never become another.
can_be_asked() {
  [ -n "$running_label" ] && return 0
  [ -z "$embedding" ] && [ -n "$vm_reldir" ] || return 1
  [ "$vm_booted" = "$vm_release" ] || return 0
  now_ms
  [ $((now - started * 10)) -gt 60000 ]
}

# Who a VM runs as, where that is not us: the user on record, or else a number that nobody asked for. $user_json.
observed_user() { # pid
  user_json=null
  [ -z "$embedding" ] || return 0
  who_we_are
  process_ids "$1" || return 0
  [ "$process_uid" != "$uid" ] || return 0
  field=
  [ -z "$record_json" ] || record_field runAs
  if [ -n "$field" ] && find_user "$field" && [ "$user_uid" = "$process_uid" ]; then
    json_string "$field"
  else
    json_string "user $process_uid"
  fi
  user_json=$json
}

# Seconds since 1970 of a start time in clock ticks since boot (proc(5): starttime, btime). What the kernel tells programs is in
# hundredths of a second on every platform that runs a BEAM (USER_HZ).
started_at() { # ticks
  awk -v ticks="$1" '/^btime/ { printf "%d", $2 + ticks / 100 }' /proc/stat
}

unfinished_ops() {
  for unfinished in $(list_dir "$BASE/ops"); do
    ! is_unfinished "$unfinished" || printf '%s\n' "$unfinished"
  done
}

observe_unfinished() {
  found=
  unfinished_after=$(unfinished_ops)
  [ -n "$unfinished_before$unfinished_after" ] || { printf '[]' && return 0; }
  for unfinished in $(printf '%s\n' "$unfinished_before" "$unfinished_after" | sort -u); do
    live=false
    ! { [ -e "$BASE/ops/$unfinished/ended" ] || engine_is_alive "$unfinished"; } || live=true
    json_object id s "$unfinished" isLive b "$live"
    found="$found${found:+,}$json"
  done
  printf '[%s]' "$found"
}

# What it has said of itself, where it could say it (see put_word). $engine_pid, $engine_started.
engine_is_alive() { # op
  is_engine_of "$BASE/ops/$1/engine" && return 0
  for spooled in $(spool_roots); do
    ! is_our_own "$spooled" || ! is_engine_of "$spooled/.ops/$1/engine" || return 0
  done
  return 1
}

is_engine_of() { # file
  [ -r "$1" ] || return 1
  read -r engine_pid engine_started <"$1" || return 1
  is_alive "$engine_pid" "$engine_started"
}
