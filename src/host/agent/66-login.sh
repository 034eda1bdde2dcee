# What a login has started may end with it. What is to outlive it is then begun in a group of its own, by a manager that does.

# Does it? logind may be told so (logind.conf(5), KillUserProcesses); and a unit that is made for each connection ends with all that is
# in it, unless it is told otherwise (systemd.kill(5), KillMode).
login_ends() {
  [ -r /proc/self/cgroup ] || return 1
  login_group=
  while IFS=: read -r _ _ group; do
    case $group in */session-*.scope | */system.slice/*@*.service) login_group=${group##*/} ;; esac
  done </proc/self/cgroup
  case $login_group in
    session-*.scope) logind_kills ;;
    '') return 1 ;;
    *)
      kill_mode=$(systemctl show --property=KillMode --value "$login_group" 2>/dev/null) || return 1
      case $kill_mode in process | none) return 1 ;; esac
      ;;
  esac
}

# org.freedesktop.login1(5): `b true`, then `as COUNT "NAME"…` for those who are passed over, and for the only ones, where there are any.
logind_kills() {
  killing=$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager \
    KillUserProcesses KillExcludeUsers KillOnlyUsers 2>/dev/null) || return 1
  { read -r _ kills && read -r _ excluded && read -r _ only; } <<END_OF_PROPERTIES || return 1
$killing
END_OF_PROPERTIES
  who_we_are
  [ "$kills" = true ] || return 1
  case $excluded in *"\"$user\""*) return 1 ;; esac
  case $only in 0 | *"\"$user\""*) ;; *) return 1 ;; esac
}

# Becomes a command that outlives this login. `user` managers end with the last login of their user, unless that one lingers.
outliving() { # command…
  if login_ends; then
    supervisor_here
    case $supervisor in
      user) set -- env XDG_RUNTIME_DIR="/run/user/$uid" systemd-run --user --scope --collect --quiet "$@" ;;
      system) set -- systemd-run --scope --collect --quiet "$@" ;;
    esac
  fi
  detached "$@"
}
