# Beamline's agent: carries out one transaction on this host, whole or not at all. POSIX sh; see docs/agent.md.
# Joined from src/host/agent/*.sh by `npm run build`; edit the parts.
set -eu
# Nothing from outside is ever split or globbed; byte order and messages do not depend on the host's locale.
set -f
app_lang=${LANG:-C.UTF-8}
LC_ALL=C
export LC_ALL
umask 077
SELF=$0
# What was found out once. An environment may have such names, too.
caller=beamline_look call_errors=/dev/null
cut_off_by='' uid='' executable_of='' environment_of='' node_of='' pattern_of='' sha256='' is_waiting='' spool='' spool_of=''
started_pid='' started_app='' users_app=''
# Of an op that this process is at work for; else they are where its directory has them.
JOURNAL='' FACTS='' lock_id='' has_committed='' record_before='' left='' final_verb=''
TAB='	'
NEWLINE='
'

# What a helper has not lived to say, or could not be started to say, is no "no": whoever asked ends, and is begun again by the engine,
# or the engine by itself.
unanswered() { exit 255; }

# Of a command that may fail: did it end by itself?
ended_itself() { [ "$1" -lt 126 ] || unanswered; } # its status

# grep(1), which says no with 1 alone.
found_in() { # options and files; those are there
  found_rc=0
  grep "$@" || found_rc=$?
  [ "$found_rc" -le 1 ] || unanswered
  return "$found_rc"
}

# Milliseconds since boot: no process to start, and no clock that jumps.
now_ms() {
  read -r uptime_now _ </proc/uptime
  now=${uptime_now%.*}${uptime_now#*.}0
}

# Values travel as words of [A-Za-z0-9_./:=@,+%], everything else as \0ooo for printf %b; \c is the empty text, - is none.
decode() {
  case $1 in
    *\\*) decoded=$(printf '%b.' "$1"); decoded=${decoded%.} ;;
    *) decoded=$1 ;;
  esac
}

# A JSON string in $json. Control characters other than newline have no place in what we quote.
json_string() {
  case $1 in
    *[!A-Za-z0-9_./:=@,+%\ \(\)-]*)
      json=$(printf '%s' "$1" | tr '\t\r' '  ' | tr -d '\000-\011\013-\037\177' |
        sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }')
      json=\"$json\"
      ;;
    *) json=\"$1\" ;;
  esac
}

# A JSON object in $json from: key type value … — s text, n number, j JSON, b true or false.
json_object() {
  object=
  while [ $# -gt 0 ]; do
    case $2 in
      s) json_string "$3" ;;
      *) json=$3 ;;
    esac
    object="$object${object:+,}\"$1\":$json"
    shift 3
  done
  json="{$object}"
}

# Standard input with long lines cut, each of them marked: the runner must know where the half of a secret may stand.
shorten() { # bytes
  awk -v most="$1" 'length($0) > most { $0 = substr($0, 1, most) "…" } { print }'
}

# JSON list in $json of the last 20 lines of a file, long lines cut.
json_tail() {
  json='[]'
  [ -s "$1" ] || return 0
  items=
  tail_text=$(tail -n 20 "$1" | tr -d '\000' | shorten 300)
  while IFS= read -r tail_line; do
    json_string "$tail_line"
    items="$items${items:+,}$json"
  done <<END_OF_TAIL
$tail_text
END_OF_TAIL
  json="[$items]"
}

# Written beside, then renamed: readers see the old file or the new one, never half of it; synced, so power loss keeps either.
write_file() { # file; its content on standard input
  { cat >"$1.tmp.$$" && settle "$1"; } || discard "$1"
}

# The same of a text and a newline, which takes no process.
write_text() { # file text
  { printf '%s\n' "$2" >"$1.tmp.$$" && settle "$1"; } || discard "$1"
}

# The same for what is of no use after a loss of power.
write_for_now() { # file text
  { printf '%s\n' "$2" >"$1.tmp.$$" && mv -f "$1.tmp.$$" "$1"; } 2>/dev/null || discard "$1"
}

settle() { # file
  sync_file "$1.tmp.$$" && mv -f "$1.tmp.$$" "$1" && sync_file "${1%/*}"
}

# No space: what could be written of it is of no use.
discard() { # file
  rm -f "$1.tmp.$$" 2>/dev/null || true
  return 1
}

# Can it be appended to? A redirection that fails would end the shell, were it that of a special builtin.
can_append() { # file
  printf '' 2>/dev/null >>"$1"
}

# Tried, for what is said of a disk is not always so: root may write where nothing can be written.
can_write() { # directory; one that is not there is for others to miss
  [ -d "$1" ] || return 0
  can_append "$1/.try-$$" && rm -f "$1/.try-$$" 2>/dev/null
}

# Why can't it be written? $unwritable, a code, with $unwritable_facts; false where it can, and where there is just no space.
why_unwritable() { # directory [what to call it]
  ! can_write "$1" || return 1
  unwritable_facts="{\"path\":\"${2:-$1}\"}"
  if has_mount_option "$1" 'ro|emergency_ro'; then
    unwritable=disk_read_only
  elif has_no_inodes "$1"; then
    unwritable=no_inodes
  elif free=$(free_kb "$1") && [ "${free:-0}" -lt 64 ]; then
    return 1
  else
    unwritable=disk_unwritable
    # In the words of the system, for people.
    why=$(touch "$1/.try-$$" 2>&1) || true
    rm -f "$1/.try-$$" 2>/dev/null || true
    json_string "${why##*: }"
    unwritable_facts="{\"path\":\"$1\",\"detail\":$json}"
  fi
}

# Is the disk that it lies on mounted so, or has the kernel made it so after an error? (proc(5), ext4(5): errors=remount-ro.)
has_mount_option() { # directory option|option…
  real_path=$(cd -P "$1" && pwd -P) || return 1
  awk -v path="$real_path/" -v wanted=",($2)," '
    { point = $2 == "/" ? "/" : $2 "/" }
    index(path, point) == 1 && length(point) >= length(best) { best = point; options = "," $4 "," }
    END { exit !(options ~ wanted) }' /proc/mounts
}

# FILESYSTEM INODES USED FREE SHARE MOUNT-POINT. Some have none to run out of.
has_no_inodes() { # directory
  df -Pi "$1" 2>/dev/null |
    awk 'NR == 2 { for (i = NF; i > 3; i--) if ($i ~ /%$/ || $i == "-") break; exit !($(i - 3) > 0 && $(i - 1) == 0) }'
}

# What is there already takes no process, nor does what is gone already.
make_directory() { # path
  [ -d "$1" ] || mkdir -p "$1"
}

remove_if_there() { # path
  if [ -e "$1" ] || [ -L "$1" ]; then rm -rf "$1"; fi
}

# Some sync(1) take no file; then everything is synced, which is slower and as safe. One that takes files says what could not be written.
sync_file() {
  sync "$1" 2>/dev/null || { ! sync / 2>/dev/null && sync; }
}

# Is the process that had this start time still this one? A zombie has ended.
is_alive() { # pid starttime
  process_stat "$1" && [ "$started" = "$2" ] && [ "$process_state" != Z ]
}

# State, parent, group and start time (clock ticks since boot) of a pid, from proc(5) stat; the name in () may hold anything, line ends
# as well, and anybody chooses it for his own process.
process_stat() {
  # Without a pid this would be /proc/stat, the machine's own.
  if ! { [ -n "$1" ] && [ -r "/proc/$1/stat" ]; }; then return 1; fi
  stat_line=
  while read -r stat_part || [ -n "$stat_part" ]; do stat_line="$stat_line$stat_part "; done 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # split on purpose
  set -- ${stat_line##*) }
  # It has ended meanwhile.
  [ "$#" -ge 20 ] || return 1
  process_state=$1 parent=$2 process_group=$3 started=${20}
}

# Becomes a command in a session of its own, so that what ends a login ends no op. Where there is no setsid(1) it stays in the
# login's session: without a terminal that sends no more than a HUP.
detached() { # command…
  if command -v setsid >/dev/null; then exec setsid "$@"; fi
  trap '' HUP
  exec "$@"
}

find_boot() { # → $boot_id, empty where it can't be told
  { read -r boot_id </proc/sys/kernel/random/boot_id; } 2>/dev/null || boot_id=
}

# A nap that ends early when another process has news. Begun before the last look for what is waited for: who has news makes
# them seen first and ends the nap then, so that none is slept over.
begin_nap() { # file
  sleep 0.5 &
  nap=$!
  # Where it can't be written the nap just takes its time.
  ! process_stat "$nap" || printf '%s %s\n' "$nap" "$started" 2>/dev/null >"$1" || true
}

end_nap() {
  [ -z "$nap" ] || kill "$nap" 2>/dev/null || true
  wait_nap
}

wait_nap() {
  # Some shells say that it was ended.
  [ -z "$nap" ] || wait "$nap" 2>/dev/null || true
  nap=
}

# Ends the nap of whoever began one with this file.
wake() { # file
  { [ -r "$1" ] && read -r napping napping_since <"$1" && is_alive "$napping" "$napping_since"; } 2>/dev/null || return 0
  kill "$napping" 2>/dev/null || true
}

# KILL for a process and all that it started: they are its session, or else those that descend from it, each stopped before its
# children are looked for.
kill_all_of() { # pid
  # Its session may be there when it has ended itself.
  if ! process_stat "$1" || [ "$process_group" = "$1" ]; then
    kill -9 "-$1" 2>/dev/null || true
    return 0
  fi
  kill -s STOP "$1" 2>/dev/null || return 0
  for descendant in $(children_of "$1"); do kill_all_of "$descendant"; done
  kill -9 "$1" 2>/dev/null || true
}

# In a process of its own: then the look costs no other.
children_of() { # pid → pids, one a line
  set +f
  for child in /proc/[0-9]*; do
    if process_stat "${child#/proc/}" && [ "$parent" = "$1" ]; then printf '%s\n' "${child#/proc/}"; fi
  done
}
