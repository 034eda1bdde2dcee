# What units call, by the name .beamline/agent: of whatever version that is, for a unit of whatever version.

# The release and configuration that the unit is to run: an op's choice, or else what is on record. $chosen_release, $chosen_config.
chosen() { # supervisor
  run_choice "$1"
  if [ -r "$choice" ]; then
    read -r chosen_release chosen_config <"$choice"
  else
    recorded_op
    [ -n "$record_json" ] || return 1
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

# By root, where the VM has a user of its own: all that this user may not do, nor look up in .beamline.
unit_prepare() { # supervisor app user
  APP=$2
  chosen "$1"
  hand_over "$3" "$chosen_config"
  write_choice "$chosen_release" "$chosen_config"
  chmod 711 "${choice%/*}"
  chgrp "$user_gid" "$choice"
  chmod 640 "$choice"
  ensure_epmd "$1" "$ROOT/$APP/$chosen_release" "--uid=$3"
}

# By that user, or by whoever we are. Units that an earlier version wrote name none.
unit_launch() { # supervisor app [user|-]
  APP=$2
  chosen "$1"
  if [ "${3:--}" = - ]; then
    mkdir -p "$ROOT/$APP/run" "$ROOT/$APP/log" || true
    ensure_epmd "$1" "$ROOT/$APP/$chosen_release"
  fi
  launch_release "$chosen_release" "$chosen_config" "$1" "${3:--}"
}

unit_halt() { # supervisor app pid
  APP=$2
  if ! { [ -n "${3:-}" ] && process_stat "$3"; }; then return 0; fi
  ending=$3 ending_started=$started
  OPDIR=$ROOT/$APP/run
  caller=beamline_halt
  halt_vm "$3"
  # Here, within the time the unit has for it: the manager would begin to count anew (systemd.service(5), TimeoutStopSec).
  end_process || true
  rm -f "$OPDIR/waiting" || true
}

# epmd serves all nodes of a host. Started by the first VM it would be in that unit's group, and die with it.
ensure_epmd() { # supervisor release-dir [option of systemd-run]
  epmd_port=$(printf '%04X' "${ERL_EPMD_PORT:-4369}")
  ! awk -v port=":$epmd_port" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6 || return 0
  epmd=$(erts_of "$2")/bin/epmd
  [ -x "$epmd" ] || epmd=$(command -v epmd) || return 0
  # Two units at once: the second finds the name taken, which is as good.
  manager "$1" systemd-run --quiet --collect --unit=beamline-epmd ${3:+"$3"} "$epmd" 2>/dev/null || true
}
