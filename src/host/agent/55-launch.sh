# From a release and a configuration to a running VM. Ends in exec: whoever calls it becomes the VM.

launch_release() { # release config supervisor user|- [detached]
  umask 022
  cd "$ROOT/$APP/$1"
  boot_version "$1"
  raise_limit
  unset LC_ALL SSH_CONNECTION SSH_CLIENT SSH_TTY MAIL OLDPWD
  export LANG="$app_lang"
  its_own=$ROOT/$APP/run
  [ "$4" = - ] || its_own=$ROOT/$APP/run/as/$4
  # Start scripts that must write may do so in memory, where the disk can only be read.
  can_write "$its_own" || find_its_own
  # Users that are made for a service often have no home; a node wants one, for its cookie.
  if [ "$4" != - ] && [ ! -w "${HOME:-/}" ]; then export HOME="$its_own"; fi
  # What start scripts write: of relx, and of mix.
  export RELX_OUT_FILE_PATH="$its_own" RELEASE_TMP="$its_own" ERL_CRASH_DUMP="$ROOT/$APP/log/erl_crash.dump"
  export BEAMLINE_APP="$APP" BEAMLINE_ROOT="$ROOT" BEAMLINE_RELEASE="$1" BEAMLINE_CONFIG="$2" BEAMLINE_SUPERVISOR="$3"
  prefix=
  if [ -n "${5:-}" ]; then prefix=$(command -v setsid) || trap '' HUP; fi
  os_env=$ROOT/$APP/config/$2/os_env
  prepare_reldir "$1" "$boot_release" "$its_own/releases"
  own_flags="-config $ROOT/$APP/config/$2/env"
  # There, since what the VM becomes may have another environment, which it is to have after init:restart/0, too.
  if [ -n "$reldir" ] && (umask 077 && cp "$ROOT/$APP/config/$2/env.config" "$reldir/"); then
    export RELDIR="$reldir"
    own_flags="-config $reldir/env"
  fi
  bring_back
  ensure_cookie "$ROOT/$APP/$1/releases/$boot_release" "$os_env"
  add_vm_args "$ROOT/$APP/config/$2/vm_args"
  # From here on all that is needed is in the arguments: os_env may have names of ours, IFS or PATH among them.
  if is_plain_relx "$ROOT/$APP/$1" "$boot_release" "$os_env"; then
    relx_command "$ROOT/$APP/$1" "$boot_release"
  elif [ -e "releases/$boot_release/env.sh" ]; then
    # mix releases run in the foreground by `start`, rebar3's by `foreground`.
    set_command "./bin/$APP" start
  else
    set_command "./bin/$APP" foreground
  fi
}

# A directory that nobody else could have put there. Where there is none to be had, the script says itself what it lacks.
find_its_own() {
  for memory in /run /dev/shm /tmp; do
    if mkdir -m 700 "$memory/beamline-$APP-$$" 2>/dev/null; then
      its_own=$memory/beamline-$APP-$$
      return 0
    fi
  done
}

# Applications that are embedded in this app's VM come back with it: at the end of its boot it evaluates what their last
# deployment left (see embed_at_start). erlexec knows single quotes, and the shell sees no more of them than a variable's value.
# shellcheck disable=SC2089 # erlexec reads them
bring_back() {
  [ -d "$ROOT/$APP/run/embedded" ] || return 0
  own_flags="$own_flags -eval 'spawn(fun()->[file:eval(F)||F<-lists:sort(filelib:wildcard(\"$ROOT/$APP/run/embedded/*.erl\"))]end)'"
}

# The arguments hold nothing that erlexec would split or unquote; configurations of earlier versions have none. What is no flag's
# value is nobody's argument after `--`, not one more file of -config.
add_vm_args() { # file
  [ -s "$1" ] || return 0
  own_flags="$own_flags --"
  while read -r vm_argument; do
    decode "$vm_argument"
    own_flags="$own_flags $decoded"
  done <"$1"
}

# Takes the environment from the file, one variable by one, so that no value is ever an argument that ps could show; then
# becomes the command. A later -config wins over sys.config, key by key (kernel, config(4)); ERL_FLAGS comes after the start
# script's arguments.
set_command() { # command arguments…
  [ -z "$prefix" ] || set -- "$prefix" "$@"
  exec 7<"$os_env"
  while read -r env_name env_value <&7; do
    decode "$env_value"
    # Here: further down a variable of the spec may have taken our name for them.
    [ "$env_name" != ERL_FLAGS ] || decoded="$decoded $own_flags"
    set -- "$env_name=$decoded" "$@"
  done
  exec 7<&-
  ERL_FLAGS="${ERL_FLAGS:+$ERL_FLAGS }$own_flags"
  # shellcheck disable=SC2090 # quotes in it are for erlexec
  export ERL_FLAGS
  # Names come first, and hold no slash before their =; the command is a path.
  while case $1 in /* | ./*) false ;; *=*) true ;; *) false ;; esac; do
    # shellcheck disable=SC2163 # NAME=VALUE, as it stands in $1
    export "$1"
    shift
  done
  # The script itself, where it came in that way, is none of the app's business.
  exec "$@" </dev/null
}

# A node without a cookie of its own makes $HOME/.erlang.cookie (kernel, auth). Two that start at once are two writers, and each
# refuses to boot when it reads the other's file before that is closed to others. So it is there before them, and whole.
ensure_cookie() { # directory of the release version, os_env-file
  # mix releases bring theirs.
  if [ -e "$1/env.sh" ] || grep -qs '^ *-setcookie' "$1/vm.args" "$1/vm.args.src"; then return 0; fi
  decode "$(sed -n 's/^HOME //p' "$2")"
  cookie_home=${decoded:-${HOME:-}}
  for its_cookie in "$cookie_home/.erlang.cookie" "${XDG_CONFIG_HOME:-$cookie_home/.config}/erlang/.erlang.cookie"; do
    [ ! -e "$its_cookie" ] || return 0
  done
  # Where it can't be written the node says so itself, better than we could.
  [ -w "$cookie_home" ] || return 0
  new_cookie=$cookie_home/.erlang.cookie.$$
  # Nobody else may open it, not even before it is whole.
  (umask 077 && can_append "$new_cookie") || return 0
  od -An -N 16 -tx1 /dev/urandom | tr -d ' \n' >"$new_cookie"
  chmod 400 "$new_cookie"
  # link(2) fails where another was quicker; then that one counts.
  ln "$new_cookie" "$cookie_home/.erlang.cookie" 2>/dev/null || [ -e "$cookie_home/.erlang.cookie" ]
  rm -f "$new_cookie"
}

# Login sessions and units of users are given 1024 open files, which a service with many connections soon has.
# Not POSIX, and known to dash, busybox ash and bash alike.
# shellcheck disable=SC3045
raise_limit() {
  hard=$(ulimit -H -n)
  case $hard in unlimited) hard=65536 ;; esac
  [ "$hard" -le 65536 ] || hard=65536
  ulimit -S -n "$hard"
}

boot_version() { # release → $boot_release
  # mix ends this line with no newline, which read takes for a failure.
  read -r _ boot_release <"$ROOT/$APP/$1/releases/start_erl.data" || [ -n "$boot_release" ]
}

# relx's script takes half a second of its own, most of it a VM that asks for the host's name. Where it has nothing to decide (no
# templates to fill in, no hooks, no distribution without epmd), what it would execute is known beforehand.
is_plain_relx() { # release-dir version os_env-file
  grep -q '^relx_get_nodename()' "$1/bin/$APP" && grep -q '^PRE_START_HOOKS=""$' "$1/bin/$APP" || return 1
  for template in "$1/releases/$2/vm.args.src" "$1/releases/$2/sys.config.src"; do [ ! -e "$template" ] || return 1; done
  for needed in "$1/releases/$2/vm.args" "$1/releases/$2/sys.config" "$(erts_of "$1")/bin/erlexec"; do [ -r "$needed" ] || return 1; done
  ! grep -Eq '^-(start_epmd|epmd_module|kernel  *inet_dist)' "$1/releases/$2/vm.args" || return 1
  # Variables by which relx's script is told to do something else.
  ! grep -Eq '^(RELX_|VMARGS_PATH|ERL_DIST_PORT|CODE_LOADING_MODE|EMU|ROOTDIR|BINDIR|PROGNAME)' "$3" || return 1
  [ -z "${RELX_REPLACE_OS_VARS:-}${RELX_MULTI_NODE:-}${RELX_CONFIG_PATH:-}${VMARGS_PATH:-}${ERL_DIST_PORT:-}${CODE_LOADING_MODE:-}${RELX_COOKIE:-}" ]
}

erts_of() { # release-dir
  set +f
  for erts in "$1"/erts-*; do [ ! -x "$erts/bin/erlexec" ] || printf '%s' "$erts"; done
  set -f
}

# What relx's `foreground` comes to (its start script, version 4).
relx_command() { # release-dir version
  erts=$(erts_of "$1")
  boot=$1/releases/$2/start
  [ ! -e "$1/releases/$2/$APP.boot" ] || boot=$1/releases/$2/$APP
  export ROOTDIR="$1" BINDIR="$erts/bin" EMU=beam PROGNAME=erl RELEASE_ROOT_DIR="$1" REL_NAME="$APP" RELEASE_NAME="$APP"
  export RELEASE_VSN="$2" LD_LIBRARY_PATH="$erts/lib:${LD_LIBRARY_PATH:-}" ESCRIPT_NAME="$1/bin/$APP" RELEASE_PROG="$1/bin/$APP"
  set_command "$BINDIR/erlexec" -noinput +Bd -boot "$boot" -mode embedded -boot_var SYSTEM_LIB_DIR "$1/lib" \
    -config "$1/releases/$2/sys.config" -args_file "$1/releases/$2/vm.args" --
}
