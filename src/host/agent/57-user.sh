# An app's own user, where that is another than ours: then we are root. What is the app's stays closed to everybody else.
#
# Root writes nothing where that user may write, for a link there could lead it anywhere, and executes nothing for which an app
# could have put something else. `log` and `run` are root's: in them the crash dump and run/as/USER are handed over.

# From passwd(5); getent(1) knows users of other sources, too.
find_user() { # name → $user_uid $user_gid $user_home; false where there is none
  user_entry=$(getent passwd "$1" 2>/dev/null || grep "^$1:" /etc/passwd) || return 1
  IFS=: read -r _ _ user_uid user_gid _ user_home _ <<END_OF_ENTRY
$user_entry
END_OF_ENTRY
}

# Becomes a command of another user: with no more rights than that user has, with nothing of our environment, and with nothing that an
# op holds open: who could write its facts would have its undos write units of root's, and who has its lock keeps it.
become() { # uid gid --init-groups|--clear-groups [NAME=VALUE]… command…
  become_uid=$1 become_gid=$2 become_groups=$3
  shift 3
  exec setpriv --reuid="$become_uid" --regid="$become_gid" "$become_groups" --no-new-privs -- \
    env -i PATH="$PATH" LANG="$app_lang" "$@" 3<&- 4<&- 5<&- 8<&- 9<&-
}

become_user() { # name command…
  find_user "$1" || exit 1
  become_name=$1
  shift
  become "$user_uid" "$user_gid" --init-groups \
    HOME="$user_home" USER="$become_name" LOGNAME="$become_name" SHELL=/bin/sh "$@"
}

# Real user and group of a process: $process_uid $process_gid.
process_ids() { # pid
  process_uid='' process_gid=''
  while read -r status_word status_id _; do
    case $status_word in
      Uid:) process_uid=$status_id ;;
      Gid:) process_gid=$status_id && break ;;
    esac
  done 2>/dev/null <"/proc/$1/status" || return 1
}

# A command with no more rights than a process has that says where to look.
as_user_of() { # pid command…
  process_ids "$1" || return 1
  shift
  who_we_are
  if [ "$process_uid" = "$uid" ]; then "$@"; else (become "$process_uid" "$process_gid" --clear-groups "$@"); fi
}

# Is a process of the user that an app is to run as?
runs_as() { # pid user|-
  process_ids "$1" || return 1
  who_we_are
  user_uid=$uid
  [ "$2" = - ] || find_user "$2" || return 1
  [ "$process_uid" = "$user_uid" ]
}

# Before anything stops: is there such a user, can we become it, and can it come as far as the root?
check_user() { # user
  find_user "$1" || fail user_missing - user s "$1"
  [ "$user_uid" != 0 ] || fail step_failed - detail s "$1 is root under another name: run_as would change nothing"
  # busybox has a setpriv, which does not change users.
  (become_user "$1" true) >"$OPDIR/user.log" 2>&1 || fail host_lacks "$OPDIR/user.log" tool s "setpriv (of util-linux)"
  chmod go-rwx "$BASE"
  chmod a+x "$ROOT"
  # shellcheck disable=SC2016 # for the other shell
  (become_user "$1" sh -c 'cd "$1"' sh "$ROOT") 2>/dev/null || fail root_not_reachable - root s "$ROOT" user s "$1"
}

# While nothing runs, and before every start: done half and done again, it comes to the same. Nothing of it need be undone, for
# what is started instead is handed over to its own user. The configuration is that user's, since others of its group must
# not read it; releases are root's.
hand_over() { # user config
  find_user "$1" || return 1
  users_app=
  # What lies on a disk that can't be written was handed over when it could be.
  [ ! -d "$ROOT/$APP/run/as/$1" ] || can_write "$ROOT/$APP" || return 0
  its_config=$ROOT/$APP/config/$2 its_dump=$ROOT/$APP/log/erl_crash.dump its_own=$ROOT/$APP/run/as/$1
  mkdir -p "$ROOT/$APP/log" "$its_own"
  # There, that the VM may write it. One of a crash before stays until it does.
  [ -e "$its_dump" ] || : >"$its_dump"
  # The group first: it may have been another user's.
  chgrp "$user_gid" "$ROOT/$APP"
  chmod g+rx "$ROOT/$APP"
  chmod 711 "$ROOT/$APP/log" "$ROOT/$APP/run" "$ROOT/$APP/run/as" "$ROOT/$APP/config" "$its_config"
  set +f
  chown "$user_uid" "$its_dump" "$its_own" "$its_config"/*
  chmod 400 "$its_config"/*
  set -f
}

# Of an app that runs as we do again.
take_back() { # config
  { [ -d "$ROOT/$APP/run/as" ] && can_write "$ROOT/$APP"; } || return 0
  who_we_are
  chgrp 0 "$ROOT/$APP"
  set +f
  chown "$uid" "$ROOT/$APP/config/$1"/*
  set -f
}

# In a process that is the app's user already, without a way into .beamline: it has this script on its standard input.
launch_app() { # app release config supervisor user [detached]
  APP=$1
  shift
  launch_release "$@"
}
