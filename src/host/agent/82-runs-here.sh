# Will a release run on this host? Asked before anything stops for it.

# Its emulator says its version, or nothing runs here: ld.so ends with 1 where a version of libc is missing and with 127 where a
# library is, and busybox takes a foreign program for a script. What the emulator needs erl_call does not.
check_emulator() { # release-dir
  set +f
  for bindir in "$1"/erts-*/bin; do :; done
  set -f
  emulator_rc=0
  if [ -d "$bindir" ]; then
    emulator=$(unset ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS; BINDIR=$bindir ROOTDIR=$1 EMU=beam PROGNAME=erl "$bindir/erlexec" +V 2>&1) || emulator_rc=$?
  elif command -v erl >/dev/null; then
    emulator=$(unset ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS; erl +V 2>&1) || emulator_rc=$?
  else
    fail erts_not_runnable - path s "$1" detail s "it brings no Erlang, and there is no erl in the PATH of a login that is not interactive"
  fi
  case $emulator_rc,$emulator in
    0,*'emulator version '[0-9]*) ;;
    *)
      why=$(last_said "$emulator")
      case $why in *'syntax error'*) why='it was built for another architecture' ;; esac
      fail erts_not_runnable - path s "$1" detail s "${why:-its emulator ended with $emulator_rc, and did not say its version}"
      ;;
  esac
  erts=${emulator##*emulator version }
  # OTP 24: of what is before it erl_call has not all options that are used here.
  case ${erts%%.*} in
    [0-9] | 1[01]) fail erts_not_runnable - path s "$1" detail s "its ERTS is ${erts%%[!0-9.]*}, and Beamline knows 12 (OTP 24) and later" ;;
  esac
}

last_said() { printf '%s' "$1" | tail -n 1 | shorten 300; } # text

# What OTP itself loads as native code: the libraries that it was built with may not be here.
check_libraries() { # release-dir
  command -v ldd >/dev/null || return 0
  set +f
  set -- "$1" "$1"/lib/crypto-*/priv/lib/crypto.so "$1"/lib/asn1-*/priv/lib/asn1rt_nif.so
  set -f
  checked=$1
  shift
  for library; do
    [ -f "$library" ] || continue
    lacking=$(ldd "$library" 2>&1 | sed -n "s/.*version \`\([^']*\)' not found.*/\1/p; s/^[[:space:]]*\([^ ]*\) => not found.*/\1/p")
    [ -z "$lacking" ] || fail erts_not_runnable - path s "$checked" detail s "${library#"$checked/"} needs ${lacking%%"$NEWLINE"*}, which the host lacks"
  done
}

# By which its node is asked; as whom the app runs. Without arguments it says how it is used and ends with 1; what cannot be run here ends
# with 126 or 127. The app's user has no way to it yet: it is handed over open.
check_erl_call() { # release-dir user|-
  set +f
  for caller_here in "$1"/erts-*/bin/erl_call "$(command -v erl_call || true)"; do [ ! -x "$caller_here" ] || break; done
  set -f
  [ -x "$caller_here" ] || fail erts_not_runnable - path s "$1" detail s "it brings no erl_call, and there is none in the PATH of a login that is not interactive"
  [ "$2" = - ] || check_user "$2"
  ran=0
  if [ "$2" = - ]; then
    ran_says=$("$caller_here" 2>&1) || ran=$?
  else
    ran_says=$( (become_user "$2" /proc/self/fd/6 6<"$caller_here") 2>&1) || ran=$?
  fi
  case $ran in
    126 | 127) fail erts_not_runnable - path s "$1" detail s "$(last_said "$ran_says")" ;;
  esac
  case $ran_says in
    *-fetch_stdout*) ;;
    *) fail erts_not_runnable - path s "$1" detail s "$caller_here is no erl_call of OTP 24 or later" ;;
  esac
}

# A VM is stopped by its node, not by the start script: what relx's script would do before and behind that is not done. And relx has a
# script that can't run a VM in the foreground.
check_script() { # release-dir
  [ -x "$1/bin/$APP" ] || fail step_failed - detail s "$1/bin/$APP is missing or not executable"
  if found_in -q erlexec "$1/bin/$APP" && ! found_in -q foreground "$1/bin/$APP" && [ ! -e "$1/releases/$boot_release/env.sh" ]; then
    fail step_failed - detail s "$1/bin/$APP knows no \`foreground\`: build the release with {extended_start_script, true} (rebar.config)"
  fi
  hooks=$(sed -n -e 's/^PRE_STOP_HOOKS="\(..*\)"$/pre_stop \1/p' -e 's/^POST_STOP_HOOKS="\(..*\)"$/post_stop \1/p' "$1/bin/$APP") || unanswered
  [ -z "$hooks" ] || fail hooks_not_run - path s "$1/bin/$APP" hooks s "$(printf '%s' "$hooks" | head -n 1 | shorten 200)"
}
