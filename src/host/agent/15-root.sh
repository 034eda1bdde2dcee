# Whose the root is. What lies in it is executed, so nobody but root and the login's user may write there, or in a directory on the
# way there, or lead that way elsewhere. Asked before anything of it is read, executed or written.

# $unsafe: what is wrong first, as JSON (code, facts); null where nothing is. One process, however many directories there are.
find_unsafe() { # app…: those on record, into whose directories we write
  unsafe=null fault='' its_user=''
  who_we_are
  met_apps=$*
  # What is not there yet is made by us, in what is there.
  way_to_root
  for part in "" /state /ops /lock; do met_if_there "$BASE$part"; done
  # shellcheck disable=SC2086 # names of our own making, without white space
  for met_app in $met_apps; do
    for part in "" /config /log /run /run/as /run/releases /run/embedded /run/lib /run/cookie; do
      met_if_there "$ROOT/$met_app$part"
    done
  done
  listing=$(list_met) || true
  # Where nothing can be looked at nothing is known to be right.
  if [ -z "$listing" ]; then
    met_path=/ met_uid=0 met_mode='?'
    find_fault owner
  fi
  while [ -n "$listing" ] && read -r met_mode _ met_uid met_gid met_rest; do
    met_path=${met_rest%% -> *}
    met_path=${met_path##* }
    look_at_met
  done <<END_OF_LISTING
$listing
END_OF_LISTING
  if [ -n "$its_user" ]; then
    user_name "$its_user"
    json_object root s "$ROOT" owner s "$name_of_user" user s "$user"
    json_object code s root_of_another facts j "$json"
    unsafe=$json
  elif [ -n "$fault" ]; then
    user_name "$fault_uid"
    json_object path s "$fault_path" owner s "$name_of_user" mode s "$fault_mode" user s "$user" fault s "$fault"
    json_object code s root_unsafe facts j "$json"
    unsafe=$json
  else
    find_unreadable
  fi
}

# What is on record is not nothing because it can't be looked for. (A file of one app is that app's own: see recorded_op.)
find_unreadable() {
  for part in state ops; do
    [ ! -e "$BASE/$part" ] || { [ -r "$BASE/$part" ] && [ -x "$BASE/$part" ]; } || say_unreadable "$BASE/$part"
  done
}

say_unreadable() { # path
  json_object file s "$1" why s "$user may not read it"
  json_object code s record_unreadable facts j "$json"
  unsafe=$json
}

# Directories and links from / to the root, links above it followed as the kernel does, as far as there are any: $met, one a line.
way_to_root() {
  met=/ at='' left=${ROOT#/}/ hops=0 real_root=$ROOT
  # One that is a link itself leads nowhere.
  if [ -L "$ROOT" ]; then met_if_there "$ROOT"; return 0; fi
  while [ -n "$left" ]; do
    part=${left%%/*}
    left=${left#*/}
    case $part in
      '' | .) continue ;;
      ..) at=${at%/*} && continue ;;
    esac
    met_if_there "$at/$part"
    if [ -L "$at/$part" ] && [ "$hops" -lt 40 ]; then
      hops=$((hops + 1))
      target=$(readlink "$at/$part")
      case $target in /*) at='' ;; esac
      left=$target/$left
    elif [ -d "$at/$part" ]; then
      at=$at/$part
    else
      return 0
    fi
  done
  real_root=$at
}

met_if_there() { # path
  if [ -e "$1" ] || [ -L "$1" ]; then met=$met$NEWLINE$1; fi
}

list_met() {
  IFS=$NEWLINE
  # shellcheck disable=SC2086 # a path a line
  ls -ldn $met 2>/dev/null
}

# MODE, UID, GID and PATH of one of them. The first fault counts; that all of it is another user's is worth more.
look_at_met() {
  case $met_path in "$ROOT" | "$ROOT"/* | "$real_root") is_below=yes ;; *) is_below='' ;; esac
  case $met_mode in
    l*)
      # A link of root's, or of ours, above the root leads where it is meant to; what it leads to is looked at itself.
      if [ -z "$is_below" ] && is_root_or_us "$met_uid"; then return 0; fi
      find_fault link
      return 0
      ;;
  esac
  if [ "$met_path" = "$BASE" ]; then
    # The directory is nobody else's, so nor is what lies in it.
    if [ "$met_uid" != "$uid" ]; then its_user=$met_uid; fi
    case $met_mode in drwx--[S-]---*) ;; *) find_fault closed ;; esac
    return 0
  fi
  # What lies in it is not ours to see.
  if [ "$met_path" = "$real_root" ] && [ "$met_uid" != "$uid" ] && [ ! -x "$met_path" ]; then its_user=$met_uid; fi
  is_root_or_us "$met_uid" || find_fault owner
  case $met_mode in
    # In a sticky directory nobody takes away what is another's; below the root others have no business at all.
    d????????[tT]*) [ -n "$is_below" ] || return 0 ;;
  esac
  case $met_mode in
    d???????w*) find_fault mode ;;
    d????w????+*) find_fault mode ;;
    d????w*) is_group_of_one "$met_gid" || find_fault mode ;;
  esac
}

find_fault() { # what
  [ -z "$fault" ] || return 0
  fault=$1 fault_path=$met_path fault_uid=$met_uid fault_mode=$met_mode
}

# In a user namespace of one user, as a rehearsal's, what is nobody's within it belongs to whom it is not for us to ask.
is_root_or_us() { # uid
  [ "$1" != 0 ] && [ "$1" != "$uid" ] || return 0
  [ -r /proc/self/uid_map ] || return 1
  # All of them, so that no line is missed: an id that a map has is somebody's.
  while read -r map_first _ map_count; do
    if [ "$1" -ge "$map_first" ] && [ "$1" -lt $((map_first + map_count)) ]; then return 1; fi
  done </proc/self/uid_map
}

# Root's group, or our own, with nobody else in it.
is_group_of_one() { # gid
  ids=$(id)
  own_gid=${ids#*gid=}
  [ "$1" = 0 ] || [ "$1" = "${own_gid%%[!0-9]*}" ] || return 1
  its_members=$({ getent group "$1" 2>/dev/null || awk -F : -v id="$1" '$3 == id' /etc/group; } | head -n 1)
  case ${its_members##*:} in '' | "$user" | root | "root,$user" | "$user,root") ;; *) return 1 ;; esac
  [ -z "$({ getent passwd 2>/dev/null || cat /etc/passwd; } | awk -F : -v gid="$1" -v uid="$uid" '$4 == gid && $3 != uid && $3 != 0')" ]
}

user_name() { # uid → $name_of_user
  name_of_user=$({ getent passwd "$1" 2>/dev/null || awk -F : -v id="$1" '$3 == id' /etc/passwd; } | head -n 1)
  name_of_user=${name_of_user%%:*}
  [ -n "$name_of_user" ] || name_of_user="user $1"
}

# Said as the end of an op that was never begun; false then.
is_safe() {
  find_unsafe
  [ "$unsafe" != null ] || return 0
  printf '{"event":"outcome","t":0,"outcome":"rolled_back",%s\n' "${unsafe#?}"
  return 1
}

# Is a directory ours, and no link? Where it is not, nothing is put there.
is_ours() { # path
  # shellcheck disable=SC3067 # known to dash and busybox ash, and now to POSIX
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

# An agent that lies here: a file of ours, and no link, whose name tells its whole content.
is_agent() { # path
  # shellcheck disable=SC3067
  [ -f "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
  its_digest=${1##*/agent-}
  # Those of earlier versions have shorter names.
  [ "${#its_digest}" -ne 64 ] || [ "$(digest_of "$1")" = "$its_digest" ]
}
