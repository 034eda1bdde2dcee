# What units call, by the name .beamline/agent: of whatever version that is, for a unit of whatever version.

# The release and configuration that the unit is to run: an op's choice, or else what is on record. $chosen_release, $chosen_config.
chosen() { # supervisor
  run_choice "$1"
  if [ -r "$choice" ]; then
    read -r chosen_release chosen_config <"$choice"
  else
    recorded_op
    [ "$recorded" != - ] || return 1
    record_field release
    chosen_release=$field
    record_field config
    chosen_config=$field
  fi
}

# Ends 1 where there is nothing to start: the unit is then skipped, not failed.
unit_wanted() { # supervisor app
  APP=$2
  chosen "$1" || exit 1
}

unit_launch() { # supervisor app
  APP=$2
  chosen "$1"
  mkdir -p "$ROOT/$APP/run" "$ROOT/$APP/log"
  ensure_epmd "$1" "$ROOT/$APP/$chosen_release"
  launch_release "$chosen_release" "$chosen_config" "$1"
}

unit_halt() { # supervisor app pid
  APP=$2
  if ! { [ -n "${3:-}" ] && process_stat "$3"; }; then return 0; fi
  ending=$3 ending_started=$started
  OPDIR=$ROOT/$APP/run
  halt_vm "$3"
  # Here, within the time the unit has for it: the manager would begin to count anew (systemd.service(5), TimeoutStopSec).
  end_process || true
  rm -f "$OPDIR/waiting"
}

# epmd serves all nodes of a host. Started by the first VM it would be in that unit's group, and die with it.
ensure_epmd() { # supervisor release-dir
  epmd_port=$(printf '%04X' "${ERL_EPMD_PORT:-4369}")
  ! awk -v port=":$epmd_port" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6 || return 0
  epmd=$(erts_of "$2")/bin/epmd
  [ -x "$epmd" ] || epmd=$(command -v epmd) || return 0
  # Two units at once: the second finds the name taken, which is as good.
  manager "$1" systemd-run --quiet --collect --unit=beamline-epmd "$epmd" 2>/dev/null || true
}
