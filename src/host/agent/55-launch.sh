# From a release and a configuration to a running VM. Ends in exec: whoever calls it becomes the VM.

launch_release() { # release config supervisor [prefix]
  umask 022
  cd "$ROOT/$APP/$1"
  boot_version "$1"
  load_environment "$1" "$2" "$3"
  if is_plain_relx "$ROOT/$APP/$1" "$boot_release"; then
    boot_relx "$ROOT/$APP/$1" "$boot_release" "${4:-}"
  fi
  # mix releases run in the foreground by `start`, rebar3's by `foreground`.
  foreground=foreground
  [ ! -e "releases/$boot_release/env.sh" ] || foreground=start
  # shellcheck disable=SC2086 # a word of ours, or nothing
  exec ${4:-} "./bin/$APP" "$foreground"
}

boot_version() { # release → $boot_release
  # mix ends this line with no newline, which read takes for a failure.
  read -r _ boot_release <"$ROOT/$APP/$1/releases/start_erl.data" || [ -n "$boot_release" ]
}

# The environment the app gets: the login's or the unit's, the spec's os_env, and where its configuration lies. Exported one by
# one, so that no value is ever an argument that ps could show.
load_environment() { # release config supervisor
  unset LC_ALL SSH_CONNECTION SSH_CLIENT SSH_TTY MAIL OLDPWD
  export LANG="$app_lang"
  while read -r env_name env_value; do
    decode "$env_value"
    export "$env_name=$decoded"
  done <"$ROOT/$APP/config/$2/os_env"
  # A later -config wins over sys.config, key by key (kernel, config(4)); ERL_FLAGS comes after the start script's arguments.
  export ERL_FLAGS="${ERL_FLAGS:+$ERL_FLAGS }-config $ROOT/$APP/config/$2/env"
  export RELX_OUT_FILE_PATH="$ROOT/$APP/run" ERL_CRASH_DUMP="$ROOT/$APP/log/erl_crash.dump"
  export BEAMLINE_APP="$APP" BEAMLINE_ROOT="$ROOT" BEAMLINE_RELEASE="$1" BEAMLINE_CONFIG="$2" BEAMLINE_SUPERVISOR="$3"
}

# relx's script takes half a second of its own, most of it a VM that asks for the host's name. Where it has nothing to decide (no
# templates to fill in, no hooks, no distribution without epmd), what it would execute is known beforehand.
is_plain_relx() { # release-dir version
  grep -q '^relx_get_nodename()' "$1/bin/$APP" && grep -q '^PRE_START_HOOKS=""$' "$1/bin/$APP" || return 1
  for template in "$1/releases/$2/vm.args.src" "$1/releases/$2/sys.config.src"; do [ ! -e "$template" ] || return 1; done
  for needed in "$1/releases/$2/vm.args" "$1/releases/$2/sys.config" "$(erts_of "$1")/bin/erlexec"; do [ -r "$needed" ] || return 1; done
  ! grep -Eq '^-(start_epmd|epmd_module|kernel  *inet_dist)' "$1/releases/$2/vm.args" || return 1
  [ -z "${RELX_REPLACE_OS_VARS:-}${RELX_MULTI_NODE:-}${RELX_CONFIG_PATH:-}${VMARGS_PATH:-}${ERL_DIST_PORT:-}${CODE_LOADING_MODE:-}${RELX_COOKIE:-}" ]
}

erts_of() { # release-dir
  set +f
  for erts in "$1"/erts-*; do [ ! -x "$erts/bin/erlexec" ] || printf '%s' "$erts"; done
  set -f
}

# What relx's `foreground` comes to (its start script, version 4).
boot_relx() { # release-dir version prefix
  erts=$(erts_of "$1")
  boot=$1/releases/$2/start
  [ ! -e "$1/releases/$2/$APP.boot" ] || boot=$1/releases/$2/$APP
  export ROOTDIR="$1" BINDIR="$erts/bin" EMU=beam PROGNAME=erl RELEASE_ROOT_DIR="$1" REL_NAME="$APP" RELEASE_NAME="$APP"
  export RELEASE_VSN="$2" LD_LIBRARY_PATH="$erts/lib:${LD_LIBRARY_PATH:-}" ESCRIPT_NAME="$1/bin/$APP" RELEASE_PROG="$1/bin/$APP"
  # shellcheck disable=SC2086 # a word of ours, or nothing
  exec $3 "$BINDIR/erlexec" -noinput +Bd -boot "$boot" -mode embedded -boot_var SYSTEM_LIB_DIR "$1/lib" \
    -config "$1/releases/$2/sys.config" -args_file "$1/releases/$2/vm.args" --
}
