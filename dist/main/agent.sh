#!/bin/sh
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

# The journal: one JSON line an event. An effect's begin is on disk before it, its done after it: whoever comes after a crash
# knows from the last line what may have happened. A done is synced with the line that follows it, which there always is: lost
# with it, the effect is undone, or done, once more.
#
# The way back must need no disk. A live engine has all that it takes open (see open_op), so that it reads on when the files are
# gone; and what it would write where nothing can be written any more goes to the spool, in the host's memory.

# False where the line is not on disk. Then nothing may begin; what happens is told by way of the spool, where there is one.
journal() { # event [key type value]…
  holds_lock || leave
  now_ms
  event=$1
  shift
  json_object event s "$event" t n "$now" "$@"
  add_line 2>/dev/null || { spend_reserve && add_line 2>/dev/null; } || { spool_line || true; return 1; }
  case $event in done | undone) return 0 ;; esac
  wake "$OPDIR/following"
  sync_file "${JOURNAL:-$OPDIR/journal}"
}

# Once the disk was full, or an engine gone, a line may have been cut off: from then on each begins anew. Whoever reads passes over
# empty ones. What was spooled once is spooled from then on, so that lines keep their order.
add_line() { # $json
  [ -z "$spool" ] || [ ! -e "$spool/journal" ] || return 1
  if [ -e "$OPDIR/reserve" ]; then printf '%s\n' "$json"; else printf '\n%s\n' "$json"; fi >>"${JOURNAL:-$OPDIR/journal}"
}

spool_line() { # $json
  find_spool || return 1
  printf '\n%s\n' "$json" 2>/dev/null >>"$spool/journal" || return 1
  wake "$spool/following"
}

# Its lines with an event, wherever they are.
lines_with() { # event
  set -- "/\"event\":\"$1\"/p"
  sed -n "$1" "${JOURNAL:-$OPDIR/journal}" 2>/dev/null || ended_itself $?
  if [ -n "$spool" ] && [ -e "$spool/journal" ]; then sed -n "$1" "$spool/journal" || ended_itself $?; fi
}

last_line() { last_line=${1##*"$NEWLINE"}; } # text → $last_line

# A disk that fills up while an op is at work must not keep it from going back: each op brings what its undo may have to write. Room
# that is given back anybody may take; that behind a file's end (fallocate(1) of util-linux, where it is) is the file's own.
keep_reserve() { # directory
  dd if=/dev/zero of="$1/reserve" bs=1024 count=256 2>/dev/null || return 1
  fallocate -n -l 32768 "$1/journal" 2>/dev/null || return 0
  fallocate -n -l 4096 "$1/undone" 2>/dev/null || true
}

# True where there was something to give back.
spend_reserve() {
  [ -e "$OPDIR/reserve" ] && rm -f "$OPDIR/reserve" 2>/dev/null
}

# Where an op leaves word when its own directory takes none: one that is ours alone, in memory, which a reboot forgets. $spool; false,
# and empty, where there is none.
find_spool() {
  if [ -n "$spool" ] && [ "$spool_of" = "$OP" ]; then return 0; fi
  spool_of=$OP
  for spool in $(spool_roots); do
    if { is_our_own "$spool" || mkdir -m 700 "$spool"; } && is_our_own "$spool" &&
      mkdir -p "$spool/.ops/$OP" && can_append "$spool/.ops/$OP/ours"; then
      spool=$spool/.ops/$OP
      return 0
    fi
  done 2>/dev/null
  spool=
  return 1
}

# The same where there is one already: who only looks makes none.
seek_spool() {
  if [ -n "$spool" ] && [ "$spool_of" = "$OP" ]; then return 0; fi
  spool_of=$OP
  for spool in $(spool_roots); do
    spool=$spool/.ops/$OP
    [ ! -d "$spool" ] || ! is_our_own "${spool%/.ops/*}" || return 0
  done
  spool=
  return 1
}

spool_roots() {
  who_we_are
  printf '%s\n' /run/beamline "/run/user/$uid/beamline" "/dev/shm/beamline-$uid" "/tmp/beamline-$uid"
}

# In a directory that all may write to anybody may have put something of that name.
is_our_own() { # directory
  # shellcheck disable=SC3067 # known to dash and busybox ash, and now to POSIX
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

# A word of this op to another process: in its directory, or else in the spool.
put_word() { # name text
  if write_for_now "$OPDIR/$1" "$2"; then return 0; fi
  find_spool && write_for_now "$spool/$1" "$2"
}

# $word_file, where such a word is; what was said last is in the spool, where there is one. False where there is none.
find_word() { # name
  word_file=$spool/$1
  if [ -n "$spool" ] && [ -e "$word_file" ]; then [ -s "$word_file" ] && return 0; return 1; fi
  word_file=$OPDIR/$1
  [ -s "$word_file" ]
}

# What can't be taken away is covered by an empty one.
drop_word() { # name
  [ -z "$spool" ] || rm -f "$spool/$1"
  [ -e "$OPDIR/$1" ] || return 0
  rm -f "$OPDIR/$1" 2>/dev/null || { find_spool && printf '' >"$spool/$1"; } || true
}

# Where a command may say what it has to say: $log_file.
find_log() { # name
  log_file=$OPDIR/$1
  if can_append "$log_file"; then return 0; fi
  log_file=/dev/null
  ! find_spool || log_file=$spool/$1
}

# What this op has found or made, for its undo: on disk before the effect.
note_fact() { # name value; of several lines each has the name
  fact_lines=$(printf '%s\n' "$2" | sed "s/^/$1 /")
  printf '\n%s\n' "$fact_lines" 2>/dev/null >>"${FACTS:-$OPDIR/facts}" && sync_file "${FACTS:-$OPDIR/facts}" 2>/dev/null
}

facts_of() { # name → its values, one a line
  [ ! -e "${FACTS:-$OPDIR/facts}" ] || sed -n "s/^$1 //p" "${FACTS:-$OPDIR/facts}" || unanswered
}

has_fact() { [ -e "${FACTS:-$OPDIR/facts}" ] && found_in -qxF -e "$1 $2" "${FACTS:-$OPDIR/facts}"; } # name value

last_fact() { # name → $fact, empty where there is none
  facts_found=$(facts_of "$1") || unanswered
  last_line "$facts_found"
  fact=$last_line
}

# A step ends here when it fails: the engine reads code, facts and quoted lines from this file, one line each.
fail() { # code file-to-quote|- [key type value]…
  failed_code=$1
  failed_tail='[]'
  [ "$2" = - ] || { json_tail "$2"; failed_tail=$json; }
  shift 2
  json_object "$@"
  put_word failure "$failed_code$NEWLINE$json$NEWLINE$failed_tail" || true
  exit 1
}

# A step ends where a directory can't be written, with the reason.
fail_unwritable() { # directory
  why_unwritable "$1" || unwritable=disk_full unwritable_facts="{\"path\":\"$1\",\"neededBytes\":65536,\"freeBytes\":0}"
  put_word failure "$unwritable$NEWLINE$unwritable_facts${NEWLINE}[]" || true
  exit 1
}

# What a step waits for, shown to people every 10 s by the engine's watch.
waiting_for() {
  # It is only said: a full disk must not end the step for that.
  printf '%s' "$1" 2>/dev/null >"$OPDIR/waiting" || true
}

# One lock an app, held by the live engine through an open file: descriptor 9, which its steps and all that they start inherit.
# When the last of them is gone it is free, so that it cannot be left behind. The app's own VM is started without it.
#
# Where there is flock(1) the kernel keeps the lock, of the file lock/APP. Elsewhere it is the directory lock/APP.dir with one
# file in it, open in the holder and named by the engine: boot id, pid, start time. Who wants it makes such a directory aside
# and renames it to that name; rename(2) puts a directory only where there is none, or an empty one. So the lock is never there
# without its holder. It is free when the file is gone; whoever takes away what a dead engine has left removes it by its
# name, so that he never takes what another has got meanwhile, and two of them do no more than one.

take_lock() { # timeout-ms
  make_directory "$BASE/lock" 2>/dev/null || true
  # Whoever waits only says so.
  is_waiting=yes
  open_lock
  now_ms
  lock_begin=$now
  lock_said=0
  while ! try_lock; do
    now_ms
    holder='another run'
    [ ! -r "$BASE/lock/$APP.holder" ] || holder=$(cat "$BASE/lock/$APP.holder")
    if [ $((now - lock_begin)) -ge "$1" ]; then
      [ -z "$lock_id" ] || rm -rf "$BASE/lock/.$APP.$lock_id"
      # One that was begun is for whoever gets the lock.
      ! was_begun || return 1
      journal outcome outcome s rolled_back code s lock_timeout \
        facts j "$(json_string "$holder"; printf '{"holder":%s,"waitedMs":%s}' "$json" $((now - lock_begin)))" || true
      return 1
    fi
    if [ "$now" -ge "$lock_said" ]; then
      journal waiting for s "the lock, held by $holder" || true
      lock_said=$((now + 10000))
    fi
    sleep 0.2
  done
  is_waiting=
  # Without it waiters are told of "another run".
  write_for_now "$BASE/lock/$APP.holder" "$HOLDER" || rm -f "$BASE/lock/$APP.holder" 2>/dev/null || true
}

# $lock_id is empty where flock keeps the lock.
open_lock() {
  lock_id='' lock_dir=$BASE/lock/$APP.dir
  find_boot
  if command -v flock >/dev/null; then
    # Where the disk can only be read, its lock can still be taken.
    if can_append "$BASE/lock/$APP"; then exec 9>>"$BASE/lock/$APP"; else exec 9<"$BASE/lock/$APP"; fi
    return 0
  fi
  forget_waiters
  process_stat $$
  lock_id=$boot_id.$$.$started
  # On a disk that is full an op that was begun has brought what this needs.
  make_lock || { spend_reserve && make_lock; }
  exec 9>>"$BASE/lock/.$APP.$lock_id/$lock_id"
}

make_lock() {
  mkdir -p "$BASE/lock/.$APP.$lock_id" && printf '' >"$BASE/lock/.$APP.$lock_id/$lock_id"
}

# What waiters have left that died before they got it.
forget_waiters() {
  for waiter in $(list_dir "$BASE/lock"); do
    case $waiter in
      ".$APP."*) is_engine "${waiter#".$APP."}" || rm -rf "$BASE/lock/$waiter" ;;
    esac
  done
}

try_lock() {
  if [ -z "$lock_id" ]; then
    # An op may still hold it that began before there was a flock here.
    flock -n 9 && { [ ! -d "$lock_dir" ] || break_lock; }
  else
    rename_lock || { break_lock && rename_lock; }
  fi
}

rename_lock() {
  mv -T "$BASE/lock/.$APP.$lock_id" "$lock_dir" 2>/dev/null
}

# Takes away what the dead have left in it; false where somebody holds it.
break_lock() {
  for held_by in $(list_dir "$lock_dir"); do
    ! is_engine "$held_by" || return 1
    ! is_open "$lock_dir/$held_by" || return 1
    # Another may take it away at the same time; of that busybox' rm complains, with -f, too.
    rm -f "$lock_dir/$held_by" 2>/dev/null || [ ! -e "$lock_dir/$held_by" ] || return 1
  done
}

# Is the engine of that name alive? Not after a reboot, nor if another process has its pid by now.
is_engine() { # boot-id.pid.starttime
  [ "${1%%.*}" = "$boot_id" ] || return 1
  engine_id=${1#*.}
  is_alive "${engine_id%.*}" "${engine_id#*.}"
}

# A step may have outlived its engine. Only who has the file can have passed it on, so one that nobody has is nobody's for good.
is_open() { # file
  set +f
  for descriptor in /proc/[0-9]*/fd/*; do
    # Asked of the file itself: names of others' files are words of theirs.
    # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
    [ "$descriptor" -ef "$1" ] && set -f && return 0
  done
  set -f
  return 1
}

# At the end of an engine. It is free without that, too, and then the next one looks whether anybody lives.
free_lock() {
  [ -z "$lock_id" ] || rm -f "$lock_dir/$lock_id"
}

# Is the lock that this process holds the app's lock? Not where somebody has removed the file, and with it the ground that
# another op may now stand on. Asked before each effect and each line: an op that lost its lock writes nothing more.
holds_lock() {
  [ -z "$is_waiting" ] || return 0
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  [ "/proc/$$/fd/9" -ef "$BASE/lock/$APP" ] && return 0
  set +f
  for lock_file in "$BASE/lock/$APP.dir"/*; do
    # shellcheck disable=SC3013
    [ "/proc/$$/fd/9" -ef "$lock_file" ] && set -f && return 0
  done
  set -f
  is_all_gone
}

# Where all that is Beamline's was removed, or is being removed, nobody else can take this op back. It still holds the lock that nobody
# can come by any more; until another one is there, for then another op may be.
is_all_gone() {
  # Nor where the op was not open: who has only its name has lost it.
  ! has_lock_file && [ "${OPFILE:-}" = /proc/self/fd/4 ]
}

has_lock_file() { [ -e "$BASE/lock/$APP" ] || [ -e "$BASE/lock/$APP.dir" ]; }

# The engine runs the steps of one op in order; on a failure it runs the undos of all that began, last first. It is detached
# from the connection that submitted it. Called again for an op that was cut off, it finishes or undoes it.

# The header of a submitted op, as variables.
load_op() { # op
  OP=$1
  OPDIR=$BASE/ops/$OP
  OPFILE=$OPDIR/op JOURNAL=$OPDIR/journal FACTS=$OPDIR/facts
  read_header
}

read_header() {
  {
    read -r APP && read -r LOCK_TIMEOUT && read -r EXPECTS && read -r HOLDS && IFS= read -r HOLDER && read -r STEPS FINAL &&
      read -r AGENT
  } <"$OPFILE"
}

# A step's line of the op: 1.step, 1.do, 1.undo.1. Behind the header.
line_of() { sed -n "8,\$s/^$1 //p" "$OPFILE"; } # key

# All that the way back reads stays open, for the engine and its steps: the agent itself, the op, what it has found out, its journal.
# So it is there to the end, though somebody removes the files, or their disk can't be written any more.
open_op() {
  exec 3<"$SELF" 4<"$OPDIR/op"
  if can_append "$OPDIR/facts"; then exec 5>>"$OPDIR/facts"; elif [ -r "$OPDIR/facts" ]; then exec 5<"$OPDIR/facts"; else exec 5</dev/null; fi
  if can_append "$OPDIR/journal"; then exec 8>>"$OPDIR/journal"; else exec 8<"$OPDIR/journal"; fi
  use_open_op
}

use_open_op() {
  OPFILE=/proc/self/fd/4 FACTS=/proc/self/fd/5 JOURNAL=/proc/self/fd/8
}

# The agent by its name, or else as it is open.
find_self() {
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  [ "$SELF" -ef "/proc/$$/fd/3" ] || SELF=/proc/self/fd/3
}

engine() { # op [recover|begin] [cut-off-since]
  load_op "$1"
  # Two runs may have found an op without an engine at once: one engine is enough.
  if engine_is_alive "$1" && [ "$engine_pid" != $$ ]; then return 0; fi
  open_op
  task=${2:-begin} cut_off_since=${3:-}
  trap engine_again EXIT
  pause_again
  ! seek_spool || rm -f "$spool/ended"
  end_spooling
  tell_engine || spend_reserve || true
  take_lock "$LOCK_TIMEOUT" || { was_begun || end_op; trap - EXIT; return 0; }
  # It may have been ended while we waited.
  [ -e "$OPDIR/ended" ] || go_on
  free_lock
  trap - EXIT
}

tell_engine() { process_stat $$ && put_word engine "$$ $started"; }

go_on() {
  resolve_others
  # What was received long ago and never began is not what anybody wants by now: who recovers it only ends it.
  if [ "$task" = recover ] || was_begun; then resolve; else run_steps; fi
  is_there || put_back
  end_op
}

# A shell ends when no process can be started. What has begun must not end there: the engine becomes itself once more, which takes no
# process, still holds the lock and its files, and goes back as soon as the host lets it. What a host has not for half an hour it is not
# waited for any longer: the next run takes up what is left.
engine_again() {
  now_ms
  : "${cut_off_since:=$now}"
  [ $((now - cut_off_since)) -lt 1800000 ] || exit 1
  # There is no pause that takes no process.
  again_at=$((now + 500))
  while [ "$now" -lt "$again_at" ]; do now_ms; done
  [ -z "$is_waiting" ] || exec sh "$SELF" "$ROOT" engine "$OP" "$task" "$cut_off_since"
  exec sh /proc/self/fd/3 "$ROOT" engine_on "$OP" "$task" "$cut_off_since" "$lock_id"
}

# Where one process can be started it is more of them that are missing, or something else, which takes its time.
pause_again() {
  [ -n "$cut_off_since" ] || return 0
  now_ms
  if [ $((now - cut_off_since)) -lt 60000 ]; then sleep 0.5; else sleep 5; fi
}

# By engine_again.
engine_on() { # op task cut-off-since lock-id
  OP=$1 OPDIR=$BASE/ops/$1 task=$2 cut_off_since=$3 lock_id=$4
  trap engine_again EXIT
  use_open_op
  read_header
  lock_dir=$BASE/lock/$APP.dir
  end_children
  pause_again
  cut_off_by=no_more_processes
  seek_spool || true
  [ -e "$OPDIR/ended" ] || go_on
  free_lock
  trap - EXIT
}

# The step of the engine that this one was: it is undone by its own undo.
end_children() {
  set +f
  for child in /proc/[0-9]*; do
    if process_stat "${child#/proc/}" && [ "$parent" = $$ ]; then kill_all_of "${child#/proc/}"; fi
  done
  set -f
}

# The end of an engine, or of a step, that is none to be begun again.
leave() {
  trap - EXIT
  exit 1
}

# An op of this app that has not ended. One whose header a damaged disk has lost is nobody's: what it did shows as drift.
is_unfinished() { # op
  # With a dot it is still being received.
  case $1 in .*) return 1 ;; esac
  [ -e "$BASE/ops/$1/header" ] || return 1
  [ ! -e "$BASE/ops/$1/ended" ] || return 1
  { read -r its_app <"$BASE/ops/$1/header"; } 2>/dev/null && [ "$its_app" = "$APP" ] && can_be_loaded "$1"
}

# Is there all that an engine must know of an op? One of an earlier version needs that version's agent.
can_be_loaded() { # op
  if [ -e "$BASE/ops/$1/op" ]; then
    { read -r _ && read -r _ && read -r _ && read -r _ && read -r _ && read -r _ && read -r _; } 2>/dev/null <"$BASE/ops/$1/op"
  else
    { read -r its_agent <"$BASE/ops/$1/agent"; } 2>/dev/null && is_agent "$BASE/$its_agent"
  fi
}

was_begun() {
  begun_in=${JOURNAL:-$OPDIR/journal}
  [ -e "$begun_in" ] && found_in -q '"event":"begin"' "$begun_in"
}

# Ops of this app that nothing runs any more (we hold the lock) come first. At most one of them has begun, for it would have been resolved
# before another one did; so no clock orders them.
resolve_others() {
  others=$(list_dir "$BASE/ops") || unanswered
  for other in $others; do
    [ "$other" != "$OP" ] || continue
    is_unfinished "$other" || continue
    op_agent "$other"
    sh "$agent" "$ROOT" resolve_op "$other"
  done
}

# What an op's steps mean is known to the agent that took it, which may be an older one than this.
op_agent() { # op → $agent
  agent=$SELF
  [ ! -r "$BASE/ops/$1/agent" ] || agent=$BASE/$(cat "$BASE/ops/$1/agent")
  [ "$agent" = "$SELF" ] || is_agent "$agent" || agent=$SELF
}

# Runs with the lock of the engine that calls it.
resolve_op() { # op
  load_op "$1"
  open_op
  seek_spool || true
  end_spooling
  resolve
  end_op
}

# After the commit point an op is finished; before it, undone. Whether the commit happened is read from its effect.
resolve() {
  spend_reserve || true
  remember_record
  # A step that outlived its engine holds the lock, so none runs here any more. What it was doing is undone by its own undo.
  if is_committed; then
    # What can be read no more is written anew.
    if [ "$recorded" = '?' ]; then run_from "$FINAL"; else run_from $((FINAL + 1)); fi
  elif was_begun; then
    begun=$(sed -n 's/.*"event":"begin".*"index":\([0-9]*\).*/\1/p' "$JOURNAL") || unanswered
    last_line "$begun"
    last=$last_line
    last_id=$(line_of "$last.step") || unanswered
    last_id=${last_id%% *}
    # Where it was on its way back already, that has its reason.
    read_failed || code=${cut_off_by:-interrupted} facts="{\"step\":\"$last_id\"}" tail='[]'
    undo_from "$last" "$code" "$facts" "$tail"
  else
    journal outcome outcome s rolled_back code s interrupted facts j '{"step":"start"}' || true
  fi
}

# The last failure of the journal: $code $facts $tail. Quotes within a text are escaped, so that these are its own keys.
read_failed() {
  failed_lines=$(lines_with failed) || unanswered
  last_line "$failed_lines"
  failed_line=$last_line
  case $failed_line in *'"code":"'*'","facts":'*',"tail":'*'}') ;; *) return 1 ;; esac
  code=${failed_line#*\"code\":\"} && code=${code%%\"*}
  facts=${failed_line#*\"facts\":} && facts=${facts%,\"tail\":*}
  tail=${failed_line##*,\"tail\":} && tail=${tail%\}}
}

# What is on record, should somebody remove that.
remember_record() {
  recorded_op
  record_before=
  [ "$recorded" = - ] || record_before=$record_json$NEWLINE$record_probe$NEWLINE$recorded
}

end_op() {
  holds_lock || leave
  end_spooling
  # Files that may hold secrets do not outlive the op.
  rm -rf "$OPDIR/in" "$OPDIR/failure" "$OPDIR/waiting" "$OPDIR/step" "$OPDIR/reserve" 2>/dev/null || true
  # What was left over is for the next run, to which this op must not have ended.
  if [ -z "$left" ] && can_append "$OPDIR/ended"; then
    sync_file "$OPDIR" || true
    rm -f "$OPDIR/undone" 2>/dev/null || true
  elif find_spool; then
    # What follows this op hears of its end; to the next run it is one that was cut off.
    is_there || cat "$JOURNAL" >"$spool/whole" || true
    can_append "$spool/ended" || true
  fi
  discard_at_start || true
  wake "$OPDIR/following"
  [ -z "$spool" ] || wake "$spool/following"
}

# What was spooled has its place again; else it goes on there.
end_spooling() {
  [ -n "$spool" ] || return 0
  can_append "$OPDIR/ours" && rm -f "$OPDIR/ours" || return 0
  for spooled in journal undone; do
    [ ! -s "$spool/$spooled" ] || cat "$spool/$spooled" >>"$OPDIR/$spooled" || return 0
    # Once it is there it does not come again.
    rm -f "$spool/$spooled"
  done
  rm -rf "$spool"
  spool='' spool_of=''
}

# The steps of an op, one after the other: each an action in a process of its own, with a deadline. On a failure the way back is taken.

run_steps() {
  remember_record
  if [ "$recorded" != "$EXPECTS" ]; then
    journal outcome outcome s rolled_back code s host_changed \
      facts j "{\"expected\":\"$EXPECTS\",\"found\":\"$recorded\"}" || true
    return 0
  fi
  if leads_elsewhere; then
    json_object path s "$leading" to s "$(readlink "$leading")"
    journal outcome outcome s rolled_back code s linked_directory facts j "$json"
    return 0
  fi
  run_from 1
}

run_from() { # index
  index=$1
  while [ "$index" -le "$STEPS" ]; do
    step_line=$(line_of "$index.step") || unanswered
    step_id=${step_line%% *} step_deadline=${step_line##* }
    # Without a word on disk nothing is begun: there is no space, so the way back is taken, which needs none. A line may still find room
    # behind another where no file can be written any more.
    if is_there && printf '%s\n' "$step_id" 2>/dev/null >"$OPDIR/step" && journal begin step s "$step_id" index n "$index"; then
      run_action "$index.do" "$step_deadline" "$step_id"
    else
      action_rc=1
    fi
    if [ "$action_rc" -eq 0 ]; then
      journal "done" step s "$step_id" index n "$index" || true
      [ "$index" -ne "$FINAL" ] || { has_committed=yes && remember_record; }
    elif is_committed; then
      # Past the commit point there is no way back, and nothing a user would notice is missing: say it, go on.
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      # Of an app that is gone nobody comes by again.
      [ "$final_verb" != forget ] || leave_for_next "${step_id#*-}"
    else
      read_failure
      journal failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
      undo_from "$index" "$code" "$facts" "$tail"
      return 0
    fi
    index=$((index + 1))
  done
  tell_left
  journal outcome outcome s deployed || true
}

# An op that has left something has not ended for the next run, which does it once more.
leave_for_next() { left="$left${left:+, }$1"; } # verb

tell_left() { [ -z "$left" ] || journal note name s left value s "$left" || true; }

# Is all that is Beamline's where it was? Whoever removes it takes one after the other.
is_there() { [ -e "$OPDIR/header" ] && [ -d "$BASE/state" ] && has_lock_file; }

read_failure() {
  # A step that could not leave word in its op's directory has made a spool.
  seek_spool || true
  if find_word failure; then
    { read -r code; IFS= read -r facts; IFS= read -r tail; } <"$word_file"
  elif ! is_there; then
    code=state_removed facts="{\"path\":\"$BASE\"}" tail='[]'
  elif why_unwritable "$OPDIR" "$ROOT"; then
    code=$unwritable facts=$unwritable_facts tail='[]'
  elif free=$(free_kb "$BASE") && [ "$free" -lt 512 ]; then
    code=disk_full facts="{\"path\":\"$ROOT\",\"neededBytes\":524288,\"freeBytes\":$((free * 1024))}" tail='[]'
  else
    json_tail "$OPDIR/agent.log" 2>/dev/null || true
    code=step_failed facts='{"detail":"the step ended without saying why"}' tail=$json
  fi
}

# Step $FINAL cannot be undone: from its effect on, which is looked for itself, an op is finished, never undone.
is_committed() {
  final_verb=$(line_of "$FINAL.do") || unanswered
  final_verb=${final_verb#* }
  final_verb=${final_verb%% *}
  [ -z "$has_committed" ] || return 0
  case $final_verb in
    # One that can't be read any more may have been ours.
    record) recorded_op; [ "$recorded" = "$OP" ] || { [ "$recorded" = '?' ] && has_line "done"; } ;;
    # Where all of .beamline is gone, that is why there is no record.
    forget) is_there && has_line begin && [ ! -e "$BASE/state/$APP" ] ;;
    *) return 1 ;;
  esac
}

has_line() { found_in -q "\"event\":\"$1\".*\"index\":${FINAL}[,}]" "$JOURNAL"; } # event of the final step

# One action in a session of its own, so that its deadline ends all it started. It keeps the lock's descriptor: an engine
# that dies leaves the lock held until its last action has ended. $action_rc.
run_action() { # key deadline-ms step-id
  drop_word failure
  drop_word waiting
  find_self
  detached sh "$SELF" "$ROOT" action "$OP" "$1" &
  action_pid=$!
  watch "$action_pid" "$2" "$3" &
  watch_pid=$!
  action_rc=0
  wait "$action_pid" || action_rc=$?
  # It has ended by itself where the deadline came first.
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" || true
}

# Says every 10 s what is waited for, and ends the action at its deadline.
watch() { # pid deadline-ms step-id
  # The lock: a shell keeps a copy of what it is told to close for a while.
  exec 9>&-
  nap='' is_over=''
  trap 'is_over=yes; [ -z "$nap" ] || kill "$nap"' TERM
  now_ms
  watch_end=$((now + $2))
  while now_ms; watch_left=$((watch_end - now)); [ "$watch_left" -gt 0 ]; do
    [ "$watch_left" -lt 10000 ] || watch_left=10000
    sleep "$(((watch_left + 999) / 1000))" &
    nap=$!
    # The signal may come before $nap is known: then the nap is ended here.
    [ -z "$is_over" ] || { kill "$nap"; exit 0; }
    wait "$nap" || exit 0
    nap=
    holds_lock || { kill_all_of "$1"; exit 1; }
    watched=$3
    ! find_word waiting || watched="$3: $(cat "$word_file")"
    journal waiting for s "$watched" || true
  done
  # A VM that was on its way to another version may have lost its state by then.
  changed=false
  last_fact changing
  [ -z "$fact" ] || changed=true
  put_word failure "step_timeout${NEWLINE}{\"deadlineMs\":$2,\"changed\":$changed}${NEWLINE}[]" || true
  kill_all_of "$1"
}

# Runs in the session that run_action made, with what the engine holds open.
action() { # op key
  OP=$1 OPDIR=$BASE/ops/$1
  use_open_op
  read_header
  find_self
  seek_spool || true
  holds_lock || exit 1
  find_log erl_call.log
  caller=beamline_op call_errors=$log_file
  action_line=$(line_of "$2") || unanswered
  action_line=${action_line#* }
  # shellcheck disable=SC2086 # words of the transfer alphabet, split on purpose; globbing is off
  set -- $action_line
  action_verb=$1
  shift
  count=$#
  while [ "$count" -gt 0 ]; do
    decode "$1"
    shift
    set -- "$@" "$decoded"
    count=$((count - 1))
  done
  "do_$action_verb" "$@"
}

# The way back of an op: the undos of all steps that began, last first. Nothing here needs a disk that can be written.

undo_from() { # index code facts tail
  undo_index=$1
  undo_outcome=rolled_back left='' left_over=''
  undo_code=$2 undo_facts=$3 undo_tail=$4
  # What an undo writes is little; that it is not on disk what was undone costs a second undo at the most.
  spend_reserve || true
  is_there || put_back
  while [ "$undo_index" -ge 1 ]; do
    nth=1
    while find_undo "$undo_index" "$nth"; do
      if ! is_done_with "$undo_index.$nth"; then undo_one; fi
      nth=$((nth + 1))
    done
    undo_index=$((undo_index - 1))
  done
  undo_left_over
  # A spec that failed its own gate is held here until it changes; a full disk or a lost connection is not the spec's fault,
  # nor is a hot upgrade that was refused before anything changed.
  case $undo_code,$undo_facts in
    health_check_failed,* | start_failed,* | hot_upgrade_failed,*'"tried":true'* | step_timeout,*'"changed":true'*)
      [ "$HOLDS" = - ] || do_hold "$HOLDS" "$undo_code" 2>/dev/null || leave_for_next hold
      ;;
  esac
  tell_left
  journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j "$undo_tail" ||
    [ -n "$spool" ] || journal outcome outcome s "$undo_outcome" code s "$undo_code" facts j "$undo_facts" tail j '[]' || true
}

# An undo of a step, from 1 on: $step_id $undo_verb $undo_deadline; false where it has no more.
find_undo() { # index nth
  undo_line=$(line_of "$1.undo.$2") || unanswered
  [ -n "$undo_line" ] || return 1
  step_id=$(line_of "$1.step") || unanswered
  step_id=${step_id%% *}
  undo_verb=${undo_line#* }
  undo_deadline=${undo_line%% *} undo_verb=${undo_verb%% *}
}

# What fails at once may be what a host can't do for a moment: begin a process, or ask its manager. So it is tried again for a while; and
# where processes are what is missing, for as long as an engine goes on.
undo_one() {
  now_ms
  undo_until=$((now + 20000)) undo_at_last=$((now + 1800000))
  journal undo step s "$step_id" verb s "$undo_verb" || true
  while
    is_there || put_back
    run_action "$undo_index.undo.$nth" "$undo_deadline" "$step_id"
    [ "$action_rc" -ne 0 ] && ! is_left_over
  do
    now_ms
    can_nest 8 || undo_until=$((now + 20000))
    if [ "$now" -ge "$undo_until" ] || [ "$now" -ge "$undo_at_last" ]; then break; fi
    sleep 1
  done
  if [ "$action_rc" -eq 0 ]; then
    journal undone step s "$step_id" verb s "$undo_verb" || true
    note_undone "$undo_index.$nth"
    return 0
  fi
  # The other undos still run: the less stays behind, the better.
  read_failure
  if is_left_over; then
    leave_for_next "$undo_verb"
    left_over="$left_over $undo_index.$nth"
  else
    undo_outcome=broken
  fi
  journal undo_failed step s "$step_id" code s "$code" facts j "$facts" tail j "$tail" || true
}

# Can so many processes be there at once? An undo takes a few.
can_nest() { # count
  [ "$1" -eq 0 ] || (can_nest $(($1 - 1)) || exit 1; :)
}

# What others have given back may be what an undo lacked: a link takes an inode.
undo_left_over() {
  { [ -n "$left_over" ] && can_write "$BASE" && can_write "$ROOT/$APP"; } || return 0
  left=
  for undo in $left_over; do
    undo_index=${undo%.*} nth=${undo#*.}
    ! find_undo "$undo_index" "$nth" || undo_one
  done
}

# Has an undo only left something lying about, since its disk can't be written? Then what ran before runs again, as the other undos
# see to, and the next run clears away the rest.
is_left_over() {
  case $undo_verb in unstage | unconfig | link | ununit) ;; *) return 1 ;; esac
  ! can_write "$ROOT/$APP" || ! can_write "$BASE" || { [ "$undo_verb" = ununit ] && ! can_write_units; }
}

# An undo that was cut off is done again, but for what has stopped the new version: the old one may be serving by now. After a
# reboot the new one may be there once more.
is_done_with() { # undo
  case $undo_verb in stop | unembed) ;; *) return 1 ;; esac
  find_boot
  [ -n "$boot_id" ] && grep -qsxF "$boot_id $1" "$OPDIR/undone" ${spool:+"$spool/undone"}
}

# Where there is no space for it, it is undone once more.
note_undone() { # undo
  find_boot
  printf '\n%s\n' "$boot_id $1" 2>/dev/null >>"$OPDIR/undone" ||
    { find_spool && printf '\n%s\n' "$boot_id $1" 2>/dev/null >>"$spool/undone"; } || true
}

# All that Beamline has on this host was removed: what this op needs, and what its app had, comes back from memory; so units find the
# agent, the next run the record, and no other op the app's lock.
put_back() {
  make_directory "$BASE" 2>/dev/null || return 0
  make_directory "$BASE/ops" && make_directory "$BASE/lock" && make_directory "$BASE/state" || return 0
  if [ ! -e "$BASE/$AGENT" ]; then
    cat /proc/self/fd/3 >"$BASE/.agent-$OP" && mv -f "$BASE/.agent-$OP" "$BASE/$AGENT" || return 0
  fi
  tell_engine || true
  [ -e "$BASE/agent" ] || ln -s "$AGENT" "$BASE/agent" || true
  [ -z "$record_before" ] || [ -e "$BASE/state/$APP" ] || write_text "$BASE/state/$APP" "$record_before" || true
  if ! has_lock_file; then
    open_lock
    try_lock || leave
  fi
}

# Releases and configurations as they lie on the host.

# To be used in a process of its own, as in $(list_dir …): then it costs no other.
list_dir() { # dir → names, one a line
  set +f
  for listed in "$1"/* "$1"/.[!.]*; do
    if [ -e "$listed" ] || [ -L "$listed" ]; then printf '%s\n' "${listed##*/}"; fi
  done
}

# FILESYSTEM 1024-BLOCKS USED AVAILABLE CAPACITY MOUNT-POINT (POSIX, df -P). The first of them, a share's above all, may have spaces.
free_kb() { df -Pk "$1" | sed -n '2s/.* \([0-9-]\{1,\}\) \{1,\}[0-9-]\{1,\}%\{0,1\} \{1,\}\/.*/\1/p'; } # path

# The digest of a directory's contents: files with their sha256 in byte order of their paths, then the executable ones, then
# the links. src/artifact/manifest.ts computes the same from the tarball.
# `marked`: only of what the manifest in its mark has. An application may write files of its own into its working directory.
content_digest() { # dir [marked]
  (
    cd "$1"
    part=all
    [ -z "${2:-}" ] || part=listed
    {
      file_digests ! -path ./.beamline | sort -k 2
      find . -type f ! -path ./.beamline -perm -100 | sort
      link_lines ' -> '
    } | only_listed "$part" | digest_of -
  )
}

# The links below the working directory, each with its target, in byte order of their paths.
link_lines() { # what stands between them
  find . -type l | sort | while IFS= read -r symlink; do printf '%s%s%s\n' "$symlink" "$1" "$(readlink "$symlink")"; done
}

# What computes SHA-256 here, as words: coreutils' or busybox' own, Perl's, OpenSSL's or BSD's. $sha256, false where nothing does.
find_sha256() {
  [ -z "$sha256" ] || return 0
  for sha256 in 'sha256sum' 'shasum -a 256' 'openssl dgst -sha256 -r' 'sha256 -r'; do
    ! command -v "${sha256%% *}" >/dev/null || return 0
  done
  sha256=
  return 1
}

# Which releases of an app are not what was unpacked there, one a line. It takes as long as reading them.
verify() { # app [release digest]…
  APP=$1
  shift
  while [ $# -gt 1 ]; do
    is_intact "$ROOT/$APP/$1" "$2" || printf '%s\n' "$1"
    shift 2
  done
}

# Is a release what was unpacked there? Some applications write into the data that they bring along, or remove it (tzdata its tables):
# that is theirs. $own_data: such files, one a line. Code is as it was, or the release is damaged.
is_intact() { # dir digest
  own_data=
  [ "$(content_digest "$1" marked)" != "$2" ] || return 0
  [ -r "$1/.beamline" ] && read -r marked_digest <"$1/.beamline" && [ "$marked_digest" = "$2" ] || return 1
  own_data=$(differing_files "$1") || unanswered
  [ -n "$own_data" ] || return 1
  ! printf '%s\n' "$own_data" | grep -Eqv "$OWN_DATA"
}

# What applications keep: tables of Erlang's, databases, what they have fetched. Templates, scripts and migrations in priv are code.
OWN_DATA='^\./lib/[^/]*/priv/.*\.(ets|dets|DAT|DCD|DCL|LOG|TAB|tab|dat|db|sqlite3?|sqlite3?-(wal|shm)|mmdb|txt|csv|log)$'

# Files and links that its manifest has otherwise, one a line; of an executable one `(executable)`, which is nobody's data.
differing_files() { # dir
  (
    cd "$1"
    digests_there=$(file_digests ! -path ./.beamline) || unanswered
    executable_there=$(find . -type f ! -path ./.beamline -perm -100) || unanswered
    links_there=$(link_lines "$TAB") || unanswered
    awk -F '\t' '
      part == "mark" { if (NF > 1) marked[$2] = $1 == "l" ? "l" $3 : $1; next }
      NF == 0 { section++; next }
      section == 0 { path = substr($0, 67); there[path] = "f" substr($0, 1, 12); next }
      section == 1 { sub(/^f/, "x", there[$0]); next }
      { there[$1] = "l" $2 }
      END {
        for (path in marked) if (marked[path] != "d" && marked[path] != there[path])
          print marked[path] ~ /^f/ && there[path] !~ /^[xl]/ ? path : "(executable) " path
      }' part=mark .beamline part=there - <<END_OF_CONTENTS || unanswered
$digests_there

$executable_there

$links_there
END_OF_CONTENTS
  )
}

# The files below the working directory as sha256sum prints them: digest, two spaces, path.
file_digests() { # find's conditions…
  find_sha256
  # shellcheck disable=SC2086 # words of our own
  case $sha256 in
    *sum*) find . -type f "$@" -exec $sha256 {} + ;;
    *) find . -type f "$@" -exec $sha256 {} + | sed 's/^\(.\{64\}\)[ *]*\./\1  ./' ;;
  esac
}

digest_of() { # file, or - for standard input
  find_sha256
  # shellcheck disable=SC2086 # words of our own
  if [ "$1" = - ]; then $sha256; else $sha256 <"$1"; fi | cut -c 1-64
}

# Of the lines of content_digest those whose path is in the mark; all where the mark has no manifest.
only_listed() { # all|listed
  if [ "$1" = all ] || [ ! -r .beamline ] || [ "$(wc -l <.beamline)" -lt 2 ]; then cat; else
    awk -F '\t' '
      part == "mark" { listed[$2]; next }
      {
        path = $0
        if (substr($0, 65, 4) == "  ./") path = substr($0, 67)
        else if (i = index($0, " -> ")) path = substr($0, 1, i - 1)
        if (path in listed) print
      }' part=mark .beamline part=contents -
  fi
}

# The mark of a release of ours: its digest, then its manifest.
release_digest() { # release → $digest, empty where it is not ours
  digest=
  marked=$ROOT/$APP/$1
  if is_release "$marked" && [ -r "$marked/.beamline" ]; then read -r digest <"$marked/.beamline" || :; fi
}

do_unstage() { # release
  rm -rf "$ROOT/$APP/.stage-$OP"
  if has_made "$1" && ! is_in_use "$1"; then remove_release "$1"; fi
  remove_empty
}

# Is the app's directory, or one of those in it that are ours, a link? What is written through one is not removed with it, and what
# is removed through one may be anybody's. $leading. (A release that is one was not put there by us: it is verified before it is
# used, as any other, and removing it removes the link.)
leads_elsewhere() {
  for leading in "$ROOT/$APP" "$ROOT/$APP/config" "$ROOT/$APP/log" "$ROOT/$APP/run"; do
    [ ! -L "$leading" ] || return 0
  done
  return 1
}

# Out of sight first: a release that is half removed must never be taken for a whole one.
remove_release() { # release
  rm -rf "$ROOT/$APP/.removed-$1"
  if [ -e "$ROOT/$APP/$1" ] || [ -L "$ROOT/$APP/$1" ]; then mv "$ROOT/$APP/$1" "$ROOT/$APP/.removed-$1"; fi
  rm -rf "$ROOT/$APP/.removed-$1"
}

do_config() { # config
  directory=$ROOT/$APP/config/$1
  if [ -d "$directory" ]; then
    # What somebody has changed there is as it was written again, file by file: an app may be starting with them.
    is_whole_config "$1" || fill_config "$directory" "$1"
    return 0
  fi
  note_fact made-config "$1"
  make_directory "$ROOT/$APP/config"
  staged=$ROOT/$APP/config/.stage-$OP
  remove_if_there "$staged"
  mkdir "$staged"
  fill_config "$staged" "$1"
  mv "$staged" "$directory"
  sync_file "$ROOT/$APP/config"
}

# With a mark, as a release has one: the digests of the files, by the paths that they are going to have. Written last.
fill_config() { # directory config
  rm -f "$1/.beamline"
  for name in $(list_dir "$1"); do
    case $name in env.config | os_env | vm_args) ;; *) rm -rf "${1:?}/$name" ;; esac
  done
  for file in env.config os_env vm_args; do write_file "$1/$file" <"$OPDIR/in/$file"; done
  config_digests=$(cd "$1" && file_digests) || unanswered
  config_digests=$(printf '%s\n' "$config_digests" | sed "s|  \./|  ./$2/|") || unanswered
  write_text "$1/.beamline" "$config_digests"
}

is_whole_config() { # config
  whole_configs=$(whole_configs) || unanswered
  case "$NEWLINE$whole_configs$NEWLINE" in *"$NEWLINE$1$NEWLINE"*) [ -f "$ROOT/$APP/config/$1/.beamline" ] ;; *) return 1 ;; esac
}

# The configurations of the app that are what was written there, one a line. Of one without a mark nobody knows: earlier versions
# wrote none.
whole_configs() {
  [ -d "$ROOT/$APP/config" ] || return 0
  (
    cd "$ROOT/$APP/config"
    config_names=$(list_dir .) || unanswered
    config_digests=$(file_digests -path './[!.]*/*' ! -name .beamline) || ended_itself $?
    set +f
    set -- ./[!.]*/.beamline
    [ -e "$1" ] || set --
    awk '
      part == "marks" { split(FILENAME, at, "/"); mark[at[2], $0]; marked[at[2]]++; next }
      NF == 0 { part = "contents"; next }
      part == "names" { names[++count] = $0; next }
      { split(substr($0, 67), at, "/"); files[at[2]]++; if ((at[2], $0) in mark) right[at[2]]++ }
      END {
        for (i = 1; i <= count; i++) {
          name = names[i]
          if (name !~ /^\./ && (!(name in marked) || (files[name] == right[name] && right[name] == marked[name]))) print name
        }
      }' part=marks "$@" part=names - <<END_OF_CONFIGS || unanswered
$config_names

$config_digests
END_OF_CONFIGS
  )
}

do_unconfig() { # config
  rm -rf "$ROOT/$APP/config/.stage-$OP"
  ! has_fact made-config "$1" || rm -rf "$ROOT/$APP/config/$1"
  remove_empty
}

# An app's directory goes with its last release: a deploy that was undone leaves nothing. What its log said has been quoted.
remove_empty() {
  [ -d "$ROOT/$APP" ] || return 0
  names=$(list_dir "$ROOT/$APP") || unanswered
  for name in $names; do
    case $name in config | run | log) ;; *) return 0 ;; esac
  done
  forget_users_but ''
  rm -rf "${ROOT:?}/$APP"
}

current_release() { # → $current
  current=
  [ ! -L "$ROOT/$APP/current" ] || current=$(readlink "$ROOT/$APP/current") || unanswered
}

do_link() { # release|-
  remove_if_there "$ROOT/$APP/.current-$OP"
  current_release
  # Where it is so already nothing need be written.
  if [ "$1" = - ] && [ -z "$current" ] && [ ! -e "$ROOT/$APP/current" ]; then
    return 0
  elif [ "$1" = - ]; then
    rm -f "$ROOT/$APP/current"
  elif [ "$current" != "$1" ]; then
    # rename(2) replaces the link in one step; ln -sf would remove it first.
    ln -s "$1" "$ROOT/$APP/.current-$OP"
    mv -T "$ROOT/$APP/.current-$OP" "$ROOT/$APP/current"
  fi
  sync_file "$ROOT/$APP"
}

# A release crosses the wire as what the host lacks. Its manifest comes with the op; what releases on this host have is copied
# from them, the rest is asked for and brought by the runner, and all of it is verified against the digest before it has a name.
#
# A manifest has a line a path, parts parted by tabs: KEY PATH, or `l` PATH TARGET for a link, or `d` PATH for
# a directory with nothing in it. A key is the first 12 digits of
# the content's sha256 behind `x` (executable) or `f`. Too short to trust, long enough to look up: the digest is of the whole.

do_stage() { # release digest size-bytes unpacked-bytes
  release_digest "$1"
  [ "$digest" != "$2" ] || return 0
  needed=$((($3 + $4 + $4 / 10) / 1024 + 8192))
  make_directory "$ROOT/$APP"
  free=$(free_kb "$ROOT/$APP")
  [ "$free" -ge "$needed" ] || fail disk_full - path s "$ROOT" neededBytes n $((needed * 1024)) freeBytes n $((free * 1024))

  # Crash here or below: unstage removes both names. `made-releases` is written first, so that it knows what this op made.
  has_made "$1" || { cat "$OPDIR/made-releases" 2>/dev/null || true; printf '%s\n' "$1"; } | write_file "$OPDIR/made-releases"
  staged=$ROOT/$APP/.stage-$OP
  manifest=$OPDIR/in/manifest.$2 bundle=$OPDIR/in/bundle.$2
  remove_if_there "$staged"
  # Nobody else may come in here until all of it is verified: not even to look, and least of all to execute.
  mkdir -m 700 "$staged"
  find_known
  (umask 022 && copy_known)
  [ ! -s "$OPDIR/lacking" ] || receive 1
  (umask 022 && follow_up)
  unpacked=$(staged_digest)
  if [ "$unpacked" != "$2" ]; then
    # Something here is not what its mark says, and was copied: what differs is brought, too.
    find_wrong
    [ ! -s "$OPDIR/lacking" ] || receive 2
    unpacked=$(staged_digest)
  fi
  [ "$unpacked" = "$2" ] || fail transfer_failed - detail s "its contents have digest $unpacked instead of $2"
  { printf '%s\n' "$2" && cat "$manifest"; } >"$staged/.beamline"
  settle_modes || fail step_failed - detail s "what it has unpacked can't be given the modes of a release"
  make_links || exit 1
  # What lies under that name is not it: marked as damaged, or begun and never ended.
  if [ -e "$ROOT/$APP/$1" ] || [ -L "$ROOT/$APP/$1" ]; then
    ! is_in_use "$1" || fail step_failed - detail s "$ROOT/$APP/$1 is in use, and is another release"
    remove_release "$1"
  fi
  # Whoever the app runs as only reads it; who else may come here at all is for its directory to say.
  chmod u-s,g-s,-t,u=rwx,go=rx "$staged"
  # All of it is on disk before its name exists.
  sync
  mv -T "$staged" "$ROOT/$APP/$1"
  rm -f "$bundle.1" "$bundle.2" "$manifest"
}

# Is it this op that has put a release there?
has_made() { [ -e "$OPDIR/made-releases" ] && found_in -qxF "$1" "$OPDIR/made-releases"; } # release

# The releases of this host, this app's first and its newest first.
known_releases() {
  for known_app in "$APP" $(list_dir "$ROOT"); do
    [ -d "$ROOT/$known_app" ] || continue
    for known in $(releases_of "$known_app"); do
      printf '%s\n' "$ROOT/$known_app/$known"
    done
  done
}

# Sorts the manifest's lines: same (number of a release, path there and here), moved (file of a release, path here), links (target,
# path), empty directories, twins (path of the same content in this release, path), lacking (line numbers, as ranges). What keeps
# its path is copied by one tar a release; all else takes a process a file, or one for 200 that keep directory and names, so of
# that no more is copied than 500 processes can: the rest is asked for.
find_known() {
  for part in bases same moved links empty twins lacking refused; do : >"$OPDIR/$part"; done
  for known in $(known_releases); do
    printf 'in\t%s\n' "$known"
    tail -n +2 "$known/.beamline"
  done | awk -F '\t' -v dir="$OPDIR" '
    part == "there" && $1 == "in" { base = $2; next }
    part == "there" && ($1 == "l" || $1 == "d") { next }
    part == "there" { if (!($1 in where)) where[$1] = base substr($2, 2); if (!(($1, $2) in at)) at[$1, $2] = base; next }
    # The runner has refused these already.
    $2 !~ "^[.]/" || substr($2, 2) "/" ~ "/[.]?[.]?/" || $2 "/" ~ "^[.]/[.]beamline/" { print $2 >(dir "/refused"); exit }
    $1 == "l" { print $3 "\t" $2 >(dir "/links"); next }
    $1 == "d" { print $2 >(dir "/empty"); next }
    ($1, $2) in at {
      base = at[$1, $2]
      if (!(base in number)) { number[base] = ++bases; print bases "\t" base >(dir "/bases") }
      print number[base] "\t" $2 >(dir "/same")
      next
    }
    $1 in where && is_affordable(where[$1], $2) { print where[$1] "\t" $2 >(dir "/moved"); next }
    $1 in coming && is_affordable("/" coming[$1], $2) { print coming[$1] "\t" $2 >(dir "/twins"); next }
    { if (!($1 in coming)) coming[$1] = $2; if (last && FNR == last + 1) last = FNR; else { range(); first = last = FNR } }
    function range() { if (last) { printf "%s%s", comma, first == last ? first : first "-" last >(dir "/lacking"); comma = "," } }
    function is_affordable(from, to,  name, pair) {
      name = from; sub(".*/", "", name)
      pair = substr(from, 1, length(from) - length(name)) "\t" substr(to, 1, length(to) - length(name))
      if (name == substr(to, length(to) - length(name) + 1) && substr(pair, length(pair)) == "/") {
        if (together[pair]++ % 200) return 1
      }
      return ++processes <= 500
    }
    END { range() }' part=there - part=manifest "$manifest"
  [ ! -s "$OPDIR/refused" ] || fail transfer_failed - detail s "its manifest holds $(head -n 1 "$OPDIR/refused")"
}

# What lies on the host may have been damaged, or be gone: that is seen when all is verified. A tar copies what it finds: it follows
# no link and waits for no pipe, and what is there instead of a file is taken away again.
copy_known() {
  while IFS="$TAB" read -r number base; do
    awk -F '\t' -v number="$number" '$1 == number { print $2 }' "$OPDIR/same" | in_batches copy_same "$base"
  done <"$OPDIR/bases"
  [ ! -s "$OPDIR/bases" ] || (cd "$staged" && find . \( ! -type f ! -type d \) -exec rm -f {} + -o -type f -links +1 -exec rm -f {} +)
  cp "$OPDIR/moved" "$OPDIR/copies"
  place_copies
}

copy_same() { # release path…
  cd "$1" || return 0
  shift
  tar -cf - "$@" 2>"$OPDIR/cp.log" | tar -xf - -o -C "$staged" 2>"$OPDIR/tar.log" || :
}

# Calls a command with many lines of standard input at once as its last arguments, since each call takes a process or two. Paths in a
# manifest have no tabs.
in_batches() ( # command argument
  batches=$(awk '
    count == 500 || bytes > 60000 { print ""; count = bytes = 0 }
    { printf "%s%s", count++ ? "\t" : "", $0; bytes += length($0) }
    END { if (count) print "" }')
  IFS=$NEWLINE
  for batch in $batches; do
    IFS=$TAB
    # shellcheck disable=SC2086 # split at tabs
    "$1" "$2" $batch
  done
)

# The lines of `copies`: from, path here. Files of one directory that keep their names go together.
place_copies() {
  [ -s "$OPDIR/copies" ] || return 0
  cut -f 2 "$OPDIR/copies" | make_directories
  # read(1) takes a byte at a time, so that a directory's name comes once for its files.
  awk -F '\t' '
    {
      from = $1; to = $2
      sub("/[^/]*$", "", from); sub("/[^/]*$", "", to)
      name = substr($1, length(from) + 2)
      if (name != substr($2, length(to) + 2)) { print "as\t" $1 "\t" $2; next }
      pair = from "\t" to
      names[pair] = names[pair] "\t./" name
      if (++files[pair] % 200 == 0) end(pair)
    }
    function end(pair) { if (names[pair] != "") print "in\t" pair names[pair]; names[pair] = "" }
    END { for (pair in names) end(pair) }' "$OPDIR/copies" |
    while IFS="$TAB" read -r how from to names; do
      case $how in
        as) if is_plain_file "$from"; then cp -p -- "$from" "$staged/$to" || rm -f -- "$staged/$to"; fi ;;
        in) copy_into "$staged/$to" "$from" "$names" || : ;;
      esac 2>"$OPDIR/cp.log"
    done
}

# A pipe would never end, and a link may lead anywhere.
is_plain_file() { [ -f "$1" ] && [ ! -L "$1" ]; }

copy_into() ( # directory from names-between-tabs
  cd "$2" || exit 1
  directory=$1
  IFS=$TAB
  # shellcheck disable=SC2086 # split at tabs, which no path in a manifest has
  set -- $3
  for name in "$@"; do
    shift
    ! is_plain_file "$name" || set -- "$@" "$name"
  done
  [ $# -eq 0 ] || cp -p -- "$@" "$directory/"
)

# The directories of paths in the release, which stand in lines on standard input.
make_directories() { awk '{ sub("/[^/]*$", "") } !seen[$0]++' | in_batches make_in "$staged"; }

make_in() { # directory path…
  cd "$1" || exit 1
  shift
  mkdir -p -- "$@"
}

# What the runner brought is there; the rest follows from it, but for the links.
follow_up() {
  awk -F '\t' -v staged="$staged" '{ print staged substr($1, 2) "\t" $2 }' "$OPDIR/twins" >"$OPDIR/copies"
  place_copies
  [ -s "$OPDIR/empty" ] || [ -s "$OPDIR/links" ] || return 0
  { sed 's/$/\/./' "$OPDIR/empty" && cut -f 2 "$OPDIR/links"; } | make_directories
}

# The digest of what was put together, as content_digest has it, and of the links that the manifest has: none is there yet.
staged_digest() {
  (
    cd "$staged"
    {
      file_digests | sort -k 2
      find . -type f -perm -100 | sort
      awk -F '\t' '$1 == "l" { print $2 "\t" $3 }' "$manifest" | sort -t "$TAB" -k 1,1 | sed "s/$TAB/ -> /"
    } | digest_of -
  )
}

# Modes as a release has them, whatever those of another release here were, and nobody's but ours: root's tar and cp keep all.
settle_modes() (
  cd "$staged" || exit 1
  read -r _ _ its_uid its_gid _ <<END_OF_LINE
$(ls -nd .)
END_OF_LINE
  find . ! -user "$its_uid" -exec chown "$its_uid:$its_gid" {} + || exit 1
  # busybox forgets about the last files of an -exec … + that stands in parentheses.
  find . ! -path . -type d ! -perm 755 -exec chmod u-s,g-s,-t,u=rwx,go=rx {} + -o \
    -type f -perm -100 ! -perm 755 -exec chmod 755 {} + -o -type f ! -perm -100 ! -perm 644 -exec chmod 644 {} +
)

# Last, when all else is verified and nothing more is written by a path: each in a directory that is one, in nothing's place.
make_links() (
  top=$(cd -P "$staged" && pwd -P) || exit 1
  while IFS="$TAB" read -r target path; do
    link_place=${path%/*} name=./${path##*/}
    link_place=$top${link_place#.}
    if ! { cd -P "$link_place" && [ "$PWD" = "$link_place" ] && [ ! -e "$name" ] && [ ! -L "$name" ] && ln -s -- "$target" "$name"; } 2>"$OPDIR/cp.log"; then
      fail transfer_failed "$OPDIR/cp.log" detail s "its link $path can't be made"
    fi
  done <"$OPDIR/links"
)

# Lacking is what is not as the manifest has it.
find_wrong() {
  : >"$OPDIR/lacking"
  (
    cd "$staged"
    file_digests | awk '{ key = substr($1, 1, 12); print key "\t" substr($0, 67) }'
    find . -type f -perm -100 | sed 's/^/x\t/'
  ) | awk -F '\t' -v file="$OPDIR/lacking" '
    part == "here" { if ($1 == "x") executable[$2]; else content[$2] = $1; next }
    $1 != "l" && $1 != "d" && $1 != (($2 in executable) ? "x" : "f") content[$2] { printf "%s%s", comma, FNR >file; comma = "," }' part=here - part=manifest "$manifest"
}

# Asks the runner for the lines of the manifest that are lacking, and waits for the bundle: as long as bytes come, and a minute
# longer. It is a .tar.gz of files of the release, all that were asked for among them.
receive() { # round
  brought=$bundle.$1
  [ -e "$brought" ] || journal need digest s "${bundle##*.}" round n "$1" lacking s "$(cat "$OPDIR/lacking")"
  received=0
  now_ms
  received_at=$now
  while [ ! -e "$brought" ]; do
    size=0
    [ ! -e "$brought.part" ] || size=$(wc -c <"$brought.part" || echo 0)
    now_ms
    [ "$size" -eq "$received" ] || { received=$size received_at=$now; }
    [ $((now - received_at)) -lt 60000 ] || fail transfer_failed - detail s "no byte came for a minute, after $received"
    waiting_for "the release; $received bytes came"
    begin_nap "$OPDIR/receiving"
    if [ -e "$brought" ]; then end_nap; else wait_nap; fi
  done
  # The runner wrote it, file by file: what a tarball says of modes, owners and links has not come here.
  if ! (umask 022 && gzip -dc "$brought" | tar -xf - -o -C "$staged") 2>"$OPDIR/tar.log"; then
    free=$(free_kb "$ROOT/$APP")
    [ "$free" -ge 512 ] || fail disk_full - path s "$ROOT" neededBytes n "$((needed * 1024))" freeBytes n "$((free * 1024))"
    fail transfer_failed "$OPDIR/tar.log" detail s "it does not unpack"
  fi
  # Nor is there anything else: by a link, or a second name of a file, what follows could reach what is not ours.
  odd=$(cd "$staged" && find . \( ! -type f ! -type d \) -o -type f -links +1 -o -path ./.beamline | head -n 1)
  [ -z "$odd" ] || fail transfer_failed - detail s "it has unpacked $odd, which is no regular file of a release"
}

# How much of a bundle has arrived, in bytes.
had() { # op bundle
  size=0
  [ ! -e "$BASE/ops/$1/in/$2.part" ] || size=$(wc -c <"$BASE/ops/$1/in/$2.part")
  echo $((size))
}

# The receiving side of an upload, in a connection of its own: the bundle from an offset on, on standard input. What an earlier
# connection brought is copied, for that one's `cat` may still be writing what it had read.
put() { # op bundle sha256 offset
  OPDIR=$BASE/ops/$1
  bundle=$OPDIR/in/$2
  if [ ! -d "$OPDIR/in" ] || [ -e "$OPDIR/ended" ] || [ -e "$bundle" ]; then return 0; fi
  if [ "$4" -gt 0 ]; then head -c "$4" "$bundle.part" >"$bundle.$$"; else : >"$bundle.$$"; fi
  mv -f "$bundle.$$" "$bundle.part"
  cat >>"$bundle.part"
  [ "$(digest_of "$bundle.part")" = "$3" ] || return 1
  mv "$bundle.part" "$bundle"
  wake "$OPDIR/receiving"
}

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

# Verbs that start and stop an app's VM. It is found by what we left, or by looking at the processes: the executable is beam.smp,
# and the environment says that we started it. A console, an eval or whatever else people start from a release is theirs.

# Lines `pid parent` of this app's VMs.
find_vms() {
  candidates=$(all_vms) || unanswered
  for candidate in $candidates; do
    process_stat "$candidate" || continue
    [ "$process_state" != Z ] || continue
    # The rest takes a process.
    may_be_of "$candidate" "$APP" || continue
    # Of what ls printed a part may be the name that somebody has given to a file.
    vm_executable "$candidate" || continue
    vm_environment "$candidate" || continue
    if [ "$vm_root" = "$ROOT" ] && [ "$vm_app" = "$APP" ]; then printf '%s %s\n' "$candidate" "$parent"; fi
  done
}

# All that run a BEAM here. To be used in a process of its own, as in $(all_vms): ls on all /proc/PID/exe is one process, however
# many there are; those of others can't be read.
all_vms() { # → pids, one a line
  set +f
  # shellcheck disable=SC2012 # the listing of links is what is wanted
  links=$(ls -l /proc/[0-9]*/exe 2>/dev/null) || ended_itself $?
  sed -n 's|.* /proc/\([0-9]*\)/exe -> .*/beam[a-z.]*\( (deleted)\)\{0,1\}$|\1|p' <<END_OF_LINKS || unanswered
$links
END_OF_LINKS
}

# The app's own VM: the one that start made, or else one whose parent is not one of them (what an application starts inherits its
# environment). $vm, empty if none.
find_vm() {
  forget_vm
  vm=
  if started_process && vm_executable "$started_pid"; then vm=$started_pid; fi
  if [ -z "$vm" ]; then
    vms=$(find_vms) || unanswered
    vm=$(awk '{ pid[NR] = $1; up[$1] = $2 } END { for (i = 1; i <= NR; i++) if (!(up[pid[i]] in up)) { print pid[i]; exit } }' <<END_OF_VMS
$vms
END_OF_VMS
    ) || unanswered
  fi
  [ -z "$vm" ] || vm_environment "$vm"
}

# True where it is a BEAM; while a VM boots its process is still the start script. $executable.
vm_executable() { # pid
  if [ "$executable_of" = "$1" ]; then return 0; fi
  executable=$(readlink "/proc/$1/exe") || ended_itself $?
  case $executable in */beam*) executable_of=$1 ;; *) return 1 ;; esac
}

# What the VM was started with, from its environment: $vm_app $vm_root $vm_booted $vm_supervisor $vm_home $vm_reldir; and what it
# has become since: $vm_release $vm_config.
vm_environment() { # pid
  [ "$environment_of" != "$1" ] || return 0
  forget_vm
  [ -r "/proc/$1/environ" ] || return 1
  vm_variables=$(tr '\0\n' '\n ' <"/proc/$1/environ" 2>/dev/null) || { ended_itself $? && return 0; }
  while IFS= read -r variable; do
    case $variable in
      BEAMLINE_APP=*) vm_app=${variable#*=} ;;
      BEAMLINE_ROOT=*) vm_root=${variable#*=} ;;
      BEAMLINE_RELEASE=*) vm_release=${variable#*=} ;;
      BEAMLINE_CONFIG=*) vm_config=${variable#*=} ;;
      BEAMLINE_SUPERVISOR=*) vm_supervisor=${variable#*=} ;;
      HOME=*) vm_home=${variable#*=} ;;
      RELDIR="$ROOT/$APP/run/"*) vm_reldir=${variable#*=} ;;
    esac
  done <<END_OF_VARIABLES
$vm_variables
END_OF_VARIABLES
  is_plain_name "$vm_release" || vm_release=
  is_plain_name "$vm_config" || vm_config=
  # Anybody can put such variables into a process of his own: it is then nobody's VM.
  if ! { is_plain_name "$vm_app" && may_be_of "$1" "$vm_app"; }; then
    vm_app='' vm_root='' vm_release='' vm_config='' vm_supervisor='' vm_reldir=''
  fi
  vm_booted=$vm_release
  what_it_became "$1"
  # While it boots it may become another program, with other variables.
  [ "$executable_of" != "$1" ] || environment_of=$1
}

# Is a process of a user whose word about an app counts: ours, or one of the app's own?
may_be_of() { # pid app
  process_ids "$1" || return 1
  who_we_are
  [ "$process_uid" != "$uid" ] || return 0
  # What start made it made as whom it was told to.
  if [ "$1" = "$started_pid" ] && [ "$2" = "$started_app" ]; then return 0; fi
  users_of "$2"
  case $app_uids in *" $process_uid "*) ;; *) return 1 ;; esac
}

# Whom an app was handed over to, before anything was started (see hand_over; prune leaves the one on record); where nothing tells,
# the user on record. $app_uids, between spaces.
users_of() { # app
  [ "$users_app" != "$1" ] || return 0
  users_app=$1 app_uids=' '
  if [ -d "$ROOT/$1/run/as" ]; then
    # shellcheck disable=SC2012 # of the names only the owners count
    app_uids=" $(ls -lnA "$ROOT/$1/run/as" 2>/dev/null | awk '/^d/ { printf "%s ", $3 }')"
  elif { read -r its_record <"$BASE/state/$1"; } 2>/dev/null; then
    its_record=${its_record%%\"spec\":*}
    case $its_record in
      *'"runAs":"'*)
        its_record=${its_record#*\"runAs\":\"}
        app_uids=" $(! find_user "${its_record%%\"*}" || printf '%s ' "$user_uid")"
        ;;
    esac
  fi
}

# Each start makes that directory anew: what is in it is of this VM. It may be its user's, who could put anything there.
what_it_became() { # pid
  case $vm_reldir in *..*) vm_reldir= ;; esac
  { [ -n "$vm_reldir" ] && [ -f "$vm_reldir/became" ] && [ ! -L "$vm_reldir/became" ]; } || return 0
  read -r became_release became_config <<END_OF_BECAME || return 0
$(as_user_of "$1" head -c 300 "$vm_reldir/became" 2>/dev/null)
END_OF_BECAME
  if is_plain_name "$became_release" && is_plain_name "$became_config"; then
    vm_release=$became_release vm_config=$became_config
  fi
}

# A name within a directory. What a process says of itself may lead out of it.
is_plain_name() { case $1 in '' | .* | *[!A-Za-z0-9._+~@-]*) return 1 ;; esac }

forget_vm() {
  environment_of='' vm_app='' vm_root='' vm_booted='' vm_release='' vm_config='' vm_supervisor='' vm_home='' vm_reldir=''
}

# Where start has left which process it made: $pid_file. Without it the VM is found by looking, a little later.
find_pid_file() {
  pid_file=$ROOT/$APP/run/pid
  [ -z "$spool" ] || [ ! -s "$spool/pid" ] || pid_file=$spool/pid
}

leave_pid() { # pid starttime supervisor
  if write_for_now "$ROOT/$APP/run/pid" "$*"; then
    [ -z "$spool" ] || rm -f "$spool/pid"
    return 0
  fi
  rm -f "$ROOT/$APP/run/pid" 2>/dev/null || true
  ! find_spool || write_for_now "$spool/pid" "$*" || true
}

# What start left: $started_pid, if that very process still lives (while it boots it is not beam.smp yet).
started_process() {
  started_pid='' started_app=$APP
  find_pid_file
  [ -r "$pid_file" ] || return 1
  read -r hint_pid hint_started _ <"$pid_file" || return 1
  is_alive "$hint_pid" "$hint_started" || return 1
  started_pid=$hint_pid
}

do_start() { # release config supervisor user|-
  find_vm
  if [ -n "$vm" ]; then
    [ "$vm_release" = "$1" ] && [ "$vm_config" = "$2" ] && [ "$vm_supervisor" = "$3" ] && runs_as "$vm" "$4" &&
      stays "$3" && return 0
    # Another one, or one that is being stopped.
    do_stop
  fi
  # None of this keeps it from starting: a disk that can only be read has it from before.
  make_directory "$ROOT/$APP/run" || true
  make_directory "$ROOT/$APP/log" || true
  remove_if_there "$ROOT/$APP/log/erl_crash.dump" || true
  [ "$4" != - ] || take_back "$2"
  case $3 in
    daemon) start_daemon "$1" "$2" "$4" ;;
    *) start_unit "$1" "$2" "$3" ;;
  esac
  process_stat "$pid" || fail_with_log "$pid" "$3" start_failed detail s "it ended at once"
  leave_pid "$pid" "$started" "$3"
}

# A VM whose manager is just stopping it does not.
stays() { # supervisor
  [ "$1" != daemon ] || return 0
  unit_file "$1"
  unit_property "$1" ActiveState
  [ "$value" = active ]
}

# Its own session, no descriptor of ours: it outlives us, and does not hold the lock. $pid.
start_daemon() { # release config user|-
  console=$ROOT/$APP/log/console.log
  [ ! -e "$console" ] || mv -f "$console" "$console.1" || true
  can_append "$console" || console=/dev/null
  if [ "$3" = - ]; then
    (launch_release "$1" "$2" daemon - detached 3<&- 4<&- 5<&- 8<&- 9<&-) </dev/null >>"$console" 2>&1 &
  else
    hand_over "$3" "$2"
    (become_user "$3" /bin/sh -s -- "$ROOT" launch_app "$APP" "$1" "$2" daemon "$3" detached 3<&- 4<&- 5<&- 8<&- 9<&-) \
      <"$SELF" >>"$console" 2>&1 &
  fi
  pid=$!
}

# Stops its applications in order by rpc and halts; init:stop by TERM if that does not end it, KILL as the last resort. A unit is
# stopped by its manager, or it would start again; its ExecStop is the same halt, and its manager sends the signals.
do_stop() {
  find_vm
  started_process || true
  waiting_for "its unit to stop"
  stop_units
  for ending in $vm $started_pid; do
    process_stat "$ending" || continue
    ending_started=$started
    halt_vm "$ending"
    waiting_for "process $ending to end"
    end_process || fail stop_failed - detail s "process $ending survives KILL"
  done
  rm -f "$ROOT/$APP/run/pid" || true
}

# Asks the node to stop its applications in order and to halt. The node goes away under the call, so its answer says nothing;
# the process does.
halt_vm() { # pid
  find_node "$1" || return 0
  waiting_for "its applications to stop"
  call_node 30 stop >/dev/null || true
}

# What did not end by itself: TERM, then KILL. False where it survives. Of $ending, since $ending_started.
end_process() {
  has_ended 0 "$ending" "$ending_started" || terminate 12 || {
    end_heart "$ending"
    send_signal KILL "$ending"
    has_ended 5000 "$ending" "$ending_started"
  }
}

# heart(1), which would start a VM again that is killed: a program of the VM's, begun by its erl_child_setup.
end_heart() { # pid
  for setup in $(children_of "$1"); do
    for program in $(children_of "$setup"); do
      { read -r program_name <"/proc/$program/comm"; } 2>/dev/null || continue
      [ "$program_name" != heart ] || send_signal KILL "$program"
    done
  done
}

# TERM that comes while a VM boots is lost (its signal server is started by kernel), so it is said again.
terminate() { # times, a second apart
  tries=0
  while [ "$tries" -lt "$1" ]; do
    send_signal TERM "$ending"
    ! has_ended 1000 "$ending" "$ending_started" || return 0
    tries=$((tries + 1))
  done
  return 1
}

send_signal() { # signal pid
  # It may end between the look and the signal.
  kill -s "$1" "$2" 2>/dev/null || true
}

has_ended() { # wait-ms pid starttime
  now_ms
  ended_by=$((now + $1))
  while is_alive "$2" "$3"; do
    now_ms
    [ "$now" -lt "$ended_by" ] || return 1
    sleep 0.02
  done
}

# Supervisors: who starts an app's VM again after a crash or a reboot. `system` is systemd itself, for root; `user` a user's own
# systemd, where it outlives the logins (loginctl(1), enable-linger); `daemon` is nobody.

# From id(1): uid=1500(deploy) …
who_we_are() { # → $uid $user
  [ -z "$uid" ] || return 0
  ids=$(id)
  uid=${ids#uid=} user=${ids#*\(}
  uid=${uid%%[!0-9]*} user=${user%%\)*}
}

supervisor_here() { # → $supervisor
  supervisor=daemon
  if ! { [ -d /run/systemd/system ] && command -v systemctl >/dev/null; }; then return 0; fi
  who_we_are
  if [ "$uid" -eq 0 ]; then
    supervisor=system
  elif [ -e "/var/lib/systemd/linger/$user" ] && [ -S "/run/user/$uid/systemd/private" ]; then
    supervisor=user
  fi
}

# systemctl, journalctl or systemd-run of the right manager.
manager() { # supervisor command args…
  manager_of=$1 manager_command=$2
  shift 2
  if [ "$manager_of" = user ]; then
    who_we_are
    XDG_RUNTIME_DIR=/run/user/$uid "$manager_command" --user "$@"
  else
    "$manager_command" "$@"
  fi
}

# The same, of what a manager does. While it executes itself anew (systemctl daemon-reexec, an upgrade of it) it can't be reached, and
# who waits for an answer gets none; all of it may be said twice.
have_manager() { # supervisor command args…
  have_until=
  while ! manager "$@"; do
    now_ms
    [ -n "$have_until" ] || have_until=$((now + 15000)) have_left=3
    # One that can be reached may have been away a moment ago; what it did then shows.
    if manager_says=$(manager "$1" systemctl show --property=ActiveState --property=Result "$unit" 2>/dev/null); then
      case ${3:-},$manager_says in
        stop,*ActiveState=inactive* | stop,*ActiveState=failed*) return 0 ;;
        restart,*Result=success*) ;;
        # It did as it was told, and the unit failed: once more would be no better.
        restart,*) return 1 ;;
        stop,*) ;;
        *) have_left=$((have_left - 1)) ;;
      esac
      [ "$have_left" -gt 0 ] || return 1
    fi
    [ "$now" -lt "$have_until" ] || return 1
    sleep 0.3
  done
}

unit_file() { # supervisor → $unit, $unit_file
  unit=beamline-$APP.service
  case $1 in
    system) unit_file=/etc/systemd/system/$unit ;;
    user) unit_file=$HOME/.config/systemd/user/$unit ;;
  esac
}

unit_is_ours() { # of $unit_file
  [ -f "$unit_file" ] && [ -r "$unit_file" ] && found_in -qxF "# $ROOT/$APP" "$unit_file"
}

check_unit() { # of $unit_file
  [ ! -e "$unit_file" ] || unit_is_ours || fail unit_taken - file s "$unit_file"
}

# What runs while an op is at work, where a reboot forgets it: after a reboot what is on record is started.
run_choice() { # supervisor → $choice
  choice=/run/beamline/$APP
  [ "$1" != user ] || { who_we_are && choice=/run/user/$uid/beamline/$APP; }
}

# On a full disk, too, where it is there already.
write_choice() { # release config
  if [ -r "$choice" ] && read -r was_chosen <"$choice" && [ "$was_chosen" = "$1 $2" ]; then return 0; fi
  make_directory "${choice%/*}"
  write_for_now "$choice" "$1 $2"
}

# One manager has a unit of the app, and no other has: what another one would start at the next boot is taken away.
do_unit() { # supervisor memory-mib|- user|-
  # Units call the agent by a name that stays; what they call in it stays, too.
  # shellcheck disable=SC3013 # known to dash and busybox ash, and now to POSIX
  if ! [ "$BASE/agent" -ef "$SELF" ]; then
    remove_if_there "$BASE/.agent-$OP"
    ln -s "$AGENT" "$BASE/.agent-$OP"
    mv -T "$BASE/.agent-$OP" "$BASE/agent"
  fi
  for managing in system user; do
    unit_file "$managing"
    if [ "$managing" = "$1" ]; then
      unit_text "$1" "$2" "$3" >"$OPDIR/unit"
      ! cmp -s "$OPDIR/unit" "$unit_file" || continue
      check_unit
      keep_unit "$managing"
      write_unit "$managing" <"$OPDIR/unit"
    elif [ -e "$unit_file" ] && unit_is_ours; then
      keep_unit "$managing"
      remove_unit "$managing"
    fi
  done
}

# Nothing is stopped for a unit that can't be written then. What of it this op is going to say is among its steps.
check_units() {
  units_wanted=$(sed -n 's/^[0-9]*\.do [0-9]* unit //p' "$OPFILE") || unanswered
  # shellcheck disable=SC2086 # words, split on purpose
  set -- $units_wanted
  [ $# -gt 0 ] || return 0
  for managing in system user; do
    unit_file "$managing"
    if [ "$managing" = "$1" ]; then
      ! unit_text "$@" | cmp -s - "$unit_file" || continue
    elif ! { [ -e "$unit_file" ] && unit_is_ours; }; then
      continue
    fi
    make_directory "${unit_file%/*}" 2>/dev/null || fail disk_unwritable - path s "${unit_file%/*}" detail s "it can't be made"
    can_write "${unit_file%/*}" || fail_unwritable "${unit_file%/*}"
  done
}

# Before the change, so that its undo knows what there was. The second line says that the first is whole.
keep_unit() { # supervisor
  if has_fact unit-kept "$1"; then return 0; fi
  if [ -e "$unit_file" ]; then
    unit_before=$(cat "$unit_file") || unanswered
    note_fact "unit-before-$1" "$unit_before"
  fi
  note_fact unit-kept "$1"
}

write_unit() { # supervisor; its text on standard input
  make_directory "${unit_file%/*}"
  write_file "$unit_file"
  chmod 644 "$unit_file"
  uncover_unit "$1"
  # enable would reload once more by itself, while the app is down.
  have_manager "$1" systemctl --quiet --no-reload enable "$unit"
  have_manager "$1" systemctl daemon-reload
}

do_ununit() {
  remove_if_there "$BASE/.agent-$OP" || true
  for managing in system user; do
    has_fact unit-kept "$managing" || continue
    unit_file "$managing"
    unit_before=$(facts_of "unit-before-$managing") || unanswered
    if [ -z "$unit_before" ]; then
      remove_unit "$managing"
    elif [ "$unit_before" != "$(cat "$unit_file" 2>/dev/null)" ]; then
      can_write "${unit_file%/*}" || { cover_unit "$managing" && return 1; }
      printf '%s\n' "$unit_before" | write_unit "$managing"
    else
      # It may not have been told yet.
      have_manager "$managing" systemctl daemon-reload
    fi
  done
}

# Where a manager looks before all else, until the next boot (systemd.unit(5), system.control): $cover.
unit_cover() { # supervisor
  cover=/run/systemd/system.control/$unit
  [ "$1" != user ] || { who_we_are && cover=/run/user/$uid/systemd/user.control/$unit; }
}

# What ran before is not to run by the unit of what failed, though that can't be written any more: its user may be another.
cover_unit() { # supervisor
  unit_cover "$1"
  (umask 022 && mkdir -p "${cover%/*}" && printf '%s\n' "$unit_before" >"$cover")
  have_manager "$1" systemctl daemon-reload
}

uncover_unit() { # supervisor
  unit_cover "$1"
  [ ! -e "$cover" ] || rm -f "$cover"
}

remove_unit() { # supervisor
  unit_file "$1"
  uncover_unit "$1"
  if ! { [ -e "$unit_file" ] && unit_is_ours; }; then return 0; fi
  have_manager "$1" systemctl --quiet disable "$unit" 2>/dev/null || true
  rm -f "$unit_file"
  have_manager "$1" systemctl daemon-reload
  manager "$1" systemctl --quiet reset-failed "$unit" 2>/dev/null || true
}

# Can units be changed?
can_write_units() {
  for managing in system user; do
    unit_file "$managing"
    ! has_fact unit-kept "$managing" || can_write "${unit_file%/*}" || return 1
  done
}

# Restart=always: a VM that was told to halt, or to reboot, exits 0. Five starts within two minutes end a crash loop. The main
# process gets TERM, and then KILL, from ExecStop; what else is in the group is killed at the end. A limit of memory is
# one of swap, too: MemoryMax alone only has the kernel move the rest there, where a heap that is collected as a whole makes
# the VM crawl, instead of end and start anew (systemd.resource-control(5)).
unit_text() { # supervisor memory-mib|- user|-
  agent="/bin/sh -c '$(checked_call)' sh $ROOT"
  # With a user of its own all but ExecStart is done by root (+): .beamline is closed to that user, and what is to be executed
  # is handed to it as standard input. Its rights are the manager's to take, so that what a drop-in takes is taken, too.
  by_root='' start=$agent
  if [ "$3" != - ]; then by_root=+ start="/bin/sh -s -- $ROOT"; fi
  cat <<END_OF_UNIT
# $ROOT/$APP
# Written by Beamline, and written anew with the next deployment: use a drop-in for changes (systemd.unit(5)).
[Unit]
Description=$APP, deployed by Beamline
StartLimitIntervalSec=120
StartLimitBurst=5
END_OF_UNIT
  [ "$1" = user ] || printf 'Wants=network-online.target\nAfter=network-online.target\n'
  cat <<END_OF_UNIT

[Service]
Type=exec
ExecCondition=$by_root$agent unit_wanted $1 $APP
ExecStart=$start unit_launch $1 $APP $3
ExecStop=$by_root$agent unit_halt $1 $APP \$MAINPID
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=50
NoNewPrivileges=yes
END_OF_UNIT
  case $1,$3 in
    user,*) ;;
    *,-) printf 'User=root\nLimitNOFILE=65536\n' ;;
    *)
      printf 'ExecStartPre=+%s unit_prepare %s %s %s\n' "$agent" "$1" "$APP" "$3"
      printf 'User=%s\nStandardInput=file:%s/agent\nLimitNOFILE=65536\n' "$3" "$BASE"
      ;;
  esac
  [ "$2" = - ] || printf 'MemoryMax=%sM\nMemorySwapMax=0\n' "$2"
  case $1 in user) wanted_by=default.target ;; *) wanted_by=multi-user.target ;; esac
  printf '\n[Install]\nWantedBy=%s\n' "$wanted_by"
}

# The agent, once it is seen to be a file of whose unit it is, with the whole content that its name tells, in a directory of that
# user's that is closed to others: entered first, so that nobody can put another in its place. For systemd, a dollar is two.
checked_call() {
  cat <<END_OF_CALL
cd $BASE && a=\$\$(readlink agent) && [ \$\${#a} -eq 70 ] && [ -O . ] && [ -f \$\$a ] && [ -O \$\$a ] || exit 255; \
[ -h $BASE ] || [ -h \$\$a ] && exit 255; \
case "\$\$(ls -ldn . \$\$a)" in drwx--[S-]---*-r???-??-?*) ;; *) exit 255;; esac; \
case agent-\$\$({ sha256sum || shasum -a 256 || openssl dgst -sha256 -r || sha256 -r; } 2>/dev/null <\$\$a) in \$\$a*) exec /bin/sh ./\$\$a "\$\$@";; esac; \
echo "$BASE/agent is not the agent of Beamline that it should be" >&2; exit 255
END_OF_CALL
}

start_unit() { # release config supervisor → $pid
  unit_file "$3"
  run_choice "$3"
  write_choice "$1" "$2"
  mark_log "$3"
  manager "$3" systemctl --quiet reset-failed "$unit" 2>/dev/null || true
  # Restart: of a VM that died its manager may just be booting another, which is none yet, and has read the choice before.
  restart_says=$(have_manager "$3" systemctl restart "$unit" 2>&1) ||
    fail start_failed - detail s "systemd did not start $unit: ${restart_says%%"$NEWLINE"*}"
  # Of a process that has ended already, too.
  unit_property "$3" ExecMainPID
  pid=$value
}

unit_property() { # supervisor name → $value
  value=$(have_manager "$1" systemctl show --property="$2" --value "$unit")
}

# Stops the units of the app, whichever manager has one: a VM that has just died would be started again.
stop_units() {
  for stopping in system user; do
    unit_file "$stopping"
    if ! { [ -e "$unit_file" ] && unit_is_ours; }; then continue; fi
    have_manager "$stopping" systemctl stop "$unit" ||
      fail stop_failed - detail s "systemctl stop $unit failed"
    run_choice "$stopping"
    rm -f "$choice"
  done
}

# Fails with the last lines of what the app printed, or that app in whose VM it is: to its console, or to the journal. Needs $log_of,
# that app's name.
fail_with_log() { # pid supervisor code [key type value]…
  read_log "$1" "$2"
  failing=$3
  shift 3
  fail "$failing" "$log" "$@"
}

read_log() { # pid supervisor → $log
  log=$ROOT/${log_of:-$APP}/log/console.log
  [ "$2" != daemon ] || return 0
  find_log app.log
  log=$log_file
  [ "$2" != system ] || journalctl --sync 2>/dev/null || true
  # Whatever the unit has printed since this op began to start it: a start script, a migration, the VM, what it was started as anew.
  log_manager=$2
  set -- "_PID=$1"
  if find_word cursor && read -r cursor <"$word_file"; then
    match_unit "$log_manager" "${log_of:-$APP}"
    set -- "$unit_match"
    [ "$cursor" = - ] || set -- "--after-cursor=$cursor" "$@"
  fi
  manager "$log_manager" journalctl --quiet --no-pager --output=cat --lines=20 "$@" >"$log" 2>/dev/null || true
}

# What is said behind the unit's last line up to here is of this start. (What journalctl is to pass over must be among what it shows.)
mark_log() { # supervisor
  match_unit "$1" "$APP"
  cursor=$(manager "$1" journalctl --quiet --no-pager --output=cat --lines=1 --show-cursor "$unit_match" 2>/dev/null | sed -n '$s/^-- cursor: //p')
  put_word cursor "${cursor:--}" || true
}

match_unit() { # supervisor app → $unit_match
  unit_match=_SYSTEMD_UNIT=beamline-$2.service
  [ "$1" != user ] || unit_match=_SYSTEMD_USER_UNIT=beamline-$2.service
}

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

# Talking to a running node by erl_call of its own release: 4 ms, where bin/NAME takes 150 to 600 and rewrites files.

# How to reach the VM of a pid: $node_flag $node_name $node_home, $erl_call, its $process_uid. False where it is no distributed node.
find_node() { # pid
  [ "$node_of" != "$1" ] || return 0
  node_arguments "$1"
  [ -n "$node_name" ] || return 1
  vm_environment "$1"
  process_ids "$1" || return 1
  who_we_are
  node_uid=$process_uid node_gid=$process_gid
  node_home=$vm_home
  if [ -n "$cookie" ]; then
    # A cookie on erl_call's command line would show in ps; the file erl_call reads by itself does not.
    node_home=$ROOT/$APP/run/cookie/$node_uid
    # Written once: a look at a host writes nothing, and nobody finds half of it.
    if [ ! -r "$node_home/.erlang.cookie" ] || [ "$(cat "$node_home/.erlang.cookie")" != "$cookie" ]; then
      # Something of another's may have that name, where no app of ours is.
      is_ours "$ROOT/$APP" && { [ ! -e "$ROOT/$APP/run" ] || is_ours "$ROOT/$APP/run"; } || return 1
      mkdir -p "$node_home"
      rm -f "$node_home/.erlang.cookie.$$"
      printf '%s' "$cookie" >"$node_home/.erlang.cookie.$$"
      # The BEAM reads no cookie file that others may read, or that it can't trust (kernel, auth).
      chmod 400 "$node_home/.erlang.cookie.$$"
      if [ "$node_uid" != "$uid" ]; then
        chmod 711 "$ROOT/$APP/run" "$ROOT/$APP/run/cookie" "$node_home"
        chown "$node_uid" "$node_home/.erlang.cookie.$$"
      fi
      mv -f "$node_home/.erlang.cookie.$$" "$node_home/.erlang.cookie"
    fi
  fi
  vm_executable "$1" && find_erl_call "$executable" || return 1
  node_address=
  node_of=$1
}

# What a VM's arguments say of its node: $node_flag $node_name, empty where it is none; $cookie.
node_arguments() { # pid
  node_of='' node_flag='' node_name='' cookie='' previous=
  vm_arguments=$(tr '\0\n' '\n ' <"/proc/$1/cmdline" 2>/dev/null) || return 0
  while IFS= read -r argument; do
    case $previous in
      -sname | -name) node_flag=$previous node_name=$argument ;;
      -setcookie) cookie=$argument ;;
    esac
    previous=$argument
  done <<END_OF_ARGUMENTS
$vm_arguments
END_OF_ARGUMENTS
}

# Next to the VM's own executable, where the VM is ours, or what lies there: another user's process says by itself where its program
# lies. Else that of the release which is current, or the host's.
find_erl_call() { # path of beam.smp
  set +f
  set -- "${1%/*}/erl_call" "$ROOT/$APP/current/erts-"*/bin/erl_call "$(command -v erl_call || true)"
  set -f
  for erl_call in "$@"; do
    [ -x "$erl_call" ] || continue
    if [ "$node_uid" = "$uid" ] || is_roots_or_ours "$erl_call"; then return 0; fi
  done
  return 1
}

is_roots_or_ours() { # file
  # shellcheck disable=SC2012 # mode and owner, by number, are what is wanted
  ls -ldnL "$1" 2>/dev/null | {
    read -r its_mode _ its_uid _ && is_root_or_us "$its_uid" && case $its_mode in ????????w*) false ;; esac
  }
}

# Where the node of a VM listens, as epmd has it and as it is: $node_address, as erl_call takes it. Whoever was first has epmd's port,
# and could send us to a port of his own with what is meant for the node; so only one of the VM's own counts.
find_address() { # pid
  # shellcheck disable=SC2030,SC2031 # what is found meanwhile is nobody else's
  node_address=$(
    find_registered_port "$node_name"
    [ -n "$registered_port" ] && listener "$1" "$registered_port" || exit 1
    case $listening_address in
      0*[1-9A-F]* | [1-9A-F]*) [ "${#listening_address}" -eq 8 ] || exit 1 ;;
      *) listening_address=0100007F ;;
    esac
    # A number of four bytes, the last one first (proc(5), net/tcp).
    printf '%d.%d.%d.%d:%s' "0x${listening_address#??????}" "0x$(part_of 5)" "0x$(part_of 3)" "0x$(part_of 1)" "$registered_port"
  )
}

# What the epmd that runs here has for a node, as any epmd says: $registered_port, empty where it has no such name.
find_registered_port() { # node
  set +f
  for epmd in "$ROOT"/*/current/erts-*/bin/epmd "$(command -v epmd || true)"; do [ ! -x "$epmd" ] || break; done
  set -f
  registered_port=$("$epmd" -names 2>/dev/null | sed -n "s/^name ${1%%@*} at port \([0-9]*\)\$/\1/p" | head -n 1)
}

# shellcheck disable=SC2031
part_of() { printf '%s' "$listening_address" | cut -c "$1-$(($1 + 1))"; } # from

# Evaluates one of our expressions on the node; what it prints comes out. Exit code 0: the node answered.
call_node() { # timeout-s expression-name [erlang-bindings]
  expression=${3:-}$("erl_$2")
  call_as "$1" -h "$(call_name)" || { is_look && call_as "$1" -R; }
}

# The same for a node that is known to be there. While the last call of an op has not ended for the node, it refuses the next one of
# that name before it evaluates anything: then it is called again.
ask_node() { # timeout-s expression-name [erlang-bindings]
  now_ms
  ask_until=$((now + 5000))
  until call_node "$@"; do
    case $(said_by_call) in *'failed to connect to node'*) ;; *) return 1 ;; esac
    now_ms
    [ "$now" -lt "$ask_until" ] && process_stat "$vm" || return 1
    sleep 0.05
  done
}

# The lines that an expression prints before its last one, `end`: $lines. Without that it crashed, which erl_call does not tell by its
# exit code; false then, or where there is no answer.
ask_lines() { # as ask_node
  lines=$(ask_node "$@") || return 1
  case $lines in
    end) lines= ;;
    *"${NEWLINE}end") lines=${lines%"${NEWLINE}end"} ;;
    *) return 1 ;;
  esac
}

# A name of its own each time (-R) would be one more atom each time, which no node ever forgets. Of two calls of one name at once
# the second is refused, and a call that takes over the name of one that was given up is told the other's answer. So each chooses
# of some: one op after the other, as the lock has it, hardly ever comes back to one that is still at work.
call_as() { # timeout-s option [name]
  call_timeout=$1
  shift
  [ -n "$node_address" ] || find_address "$node_of" || { echo 'failed to connect to node: it is not registered' 2>/dev/null >"$call_errors"; return 1; }
  printf '%s\n' "$expression" |
    as_node_user "$erl_call" -address "$node_address" "$@" -timeout "$call_timeout" -fetch_stdout -no_result_term -e 2>"$call_errors"
}

# What erl_call said when the last call failed, where that was one of an op.
said_by_call() { head -n 1 "$call_errors" 2>/dev/null | shorten 200; }

# Differs from call to call, also of one step's process to the next one's.
call_name() {
  now_ms
  printf '%s_%s' "$caller" "$((($$ + now / 10) % 64))"
}

is_look() { [ "$caller" = beamline_look ]; }

# As the VM's own user: what says that it is the app's VM, and where its program lies, is said by that process alone.
as_node_user() { # command…
  if [ "$node_uid" = "$uid" ]; then
    HOME=$node_home "$@"
  else
    (become "$node_uid" "$node_gid" --clear-groups HOME="$node_home" "$@")
  fi
}

# The node's user alone reads it, as that of a VM of its own would.
hand_config() { # config
  [ "$node_uid" != "$uid" ] || return 0
  set +f
  chown "$node_uid" "$ROOT/$APP/config/$1"/*
  chmod 400 "$ROOT/$APP/config/$1"/*
  set -f
  chmod 711 "$ROOT/$APP/config/$1"
}

# A hot upgrade: the VM that runs becomes another release, by release_handler of its own OTP (sasl, release_handler(3)). Its files
# lie in RELDIR, not among the releases: those never change, and an app's own user may not write there.

# At each start: what release_handler is to know of the release that boots. Where the release brings no OTP of its own, it knows
# nothing, and there are no hot upgrades. $reldir, empty then.
prepare_reldir() { # release version directory
  reldir=
  its_rel=$ROOT/$APP/$1/releases/$2/$APP.rel
  # A full disk keeps nobody from starting.
  rm -rf "$3" 2>/dev/null || return 0
  [ -r "$its_rel" ] || return 0
  # What a configuration holds is closed to others.
  (umask 077 && mkdir -p "$3") 2>/dev/null || return 0
  # {release,{"NAME","VERSION"},{erts,"VERSION"},[{APPLICATION,"VERSION"}, {APPLICATION,"VERSION",TYPE}]} (sasl, rel(4)).
  awk -v root="$ROOT/$APP/$1" -v label="$1" '
    { sub(/%.*/, ""); text = text $0 " " }
    function quoted(part) { sub(/^[^"]*"/, "", part); sub(/".*/, "", part); return part }
    END {
      match(text, /release *, *\{ *"[^"]*"/); name = quoted(substr(text, RSTART, RLENGTH))
      match(text, /erts *, *"[^"]*"/); erts = quoted(substr(text, RSTART, RLENGTH))
      text = substr(text, RSTART + RLENGTH)
      while (match(text, /\{ *[a-z\047][^,{}]*, *"[^"]*"/)) {
        entry = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        version = quoted(entry)
        sub(/^\{ */, "", entry); sub(/ *,.*/, "", entry)
        directory = entry; gsub(/\047/, "", directory)
        libs = libs (libs == "" ? "" : ",") sprintf("{%s,\"%s\",\"%s/lib/%s-%s\"}", entry, version, root, directory, version)
        if (directory == "sasl") sasl = root "/lib/" directory "-" version
      }
      if (sasl != "") printf "%s\n[{release,\"%s\",\"%s\",\"%s\",[%s],permanent}].\n", sasl, name, label, erts, libs
    }' "$its_rel" 2>/dev/null >"$3/RELEASES.tmp" || true
  { read -r its_sasl && [ -d "$its_sasl" ] && cat >"$3/RELEASES"; } <"$3/RELEASES.tmp" 2>/dev/null && reldir=$3
  rm -f "$3/RELEASES.tmp"
  [ -n "$reldir" ] || rm -rf "$3" || true
}

# A form is what a VM can be: a release with a configuration. $form: {Label, Root, Version, EnvFile}.
erlang_form() { # release config
  boot_version "$1"
  form="{\"$1\", \"$ROOT/$APP/$1\", \"$boot_release\", \"$ROOT/$APP/config/$2/env.config\"}"
}

# Evaluates an expression that answers with a word and a number, and on lines of their own why it failed, in words and as a term:
# $hot_word $hot_number, $hot_why, $hot_term. False where nothing is answered.
ask_hot() { # timeout-s expression bindings
  hot_word='' hot_number='' hot_term=''
  answer=$(ask_node "$@") || { hot_why="the node does not answer, or not within $1 s: $(said_by_call)"; return 1; }
  # What went well needs no more than its first line.
  { read -r hot_word hot_number; IFS= read -r hot_why; IFS= read -r hot_term; } <<END_OF_ANSWER || true
$answer
END_OF_ANSWER
}

# One of the hot_ expressions. False where it failed, or the node is gone.
call_hot() { # timeout-s expression bindings
  ask_hot "$1" "$2" "Name = \"$APP\", Op = \"$OP\", $3 $(erl_hot_processes) $(erl_release_files) $(erl_hot_words) " || return 1
  [ "$hot_word" != failed ] || return 1
  case $2,$hot_word in
    hot_install,installed | hot_back,back | hot_config,reconfigured | hot_permanent,permanent) ;;
    *) hot_why="it answers: $answer"; return 1 ;;
  esac
}

# The VM that is to change. Its user, who must be able to read what it is to be, is the app's: whoever else claims to be its VM is
# told nothing. False where there is none: $hot_why.
find_hot_vm() { # config user|-
  hot_why='it does not run' hot_term=''
  find_vm
  [ -n "$vm" ] || return 1
  hot_why="process $vm runs as another user"
  runs_as "$vm" "$2" || return 1
  hot_why='it is no node that can be asked to change'
  find_node "$vm" || return 1
  [ -n "$vm_reldir" ] || return 1
  hand_config "$1"
}

# `tried`: the VM was on its way already, which may have cost its state; a spec that does that is not tried again.
fail_hot() { # what
  tried=false
  last_fact changing
  if [ -n "$fact" ]; then
    noted_vm=${fact%% *}
    find_vm
    if [ "$vm" != "$noted_vm" ] || is_begun; then tried=true; fi
  fi
  fail hot_upgrade_failed - what s "$1" detail s "$hot_why" term s "$hot_term" tried b "$tried"
}

# Which process this op is about to have changed.
note_vm() {
  process_stat "$vm" || { hot_why="process $vm has ended"; fail_hot "$APP"; }
  has_fact changing "$vm $started" || note_fact changing "$vm $started"
}

# From here on nothing more of this op begins there: what may still be on its way looks for this mark when it has left its own.
call_off() { # shellcheck disable=SC2016 # for the other shell
  as_node_user sh -c 'printf "%s" "$1" >"$2"' sh "$OP" "$vm_reldir/cancelled"
}

# Is the VM the process that this op found, and has it not begun to change? It never will, then.
is_untouched() {
  last_fact changing
  [ -n "$fact" ] || return 0
  noted_vm=${fact%% *} noted_start=${fact#* }
  [ "$vm" = "$noted_vm" ] && is_alive "$noted_vm" "$noted_start" && call_off && ! is_begun
}

# What the VM left when this op began to change it: in the directory of each release that it was to leave.
is_begun() {
  # shellcheck disable=SC2016 # for the other shell
  has_begun=$(as_node_user sh -c 'grep -qsF "$1" "$2"/*/back; echo "$?"' sh "{\"$OP\"," "$vm_reldir") || unanswered
  case $has_begun in
    0) return 0 ;;
    # Without such a file it can't be read.
    1 | 2) return 1 ;;
    *) unanswered ;;
  esac
}

# release config from-release from-config up down|- suspended old-code supervisors linger-ms on-linger suspend-ms user|- replaced-twice
do_hot() {
  release=$1 config=$2 from_release=$3 from_config=$4 up=$5 down=$6 suspended=$7 old_code=$8 supervisors=$9
  shift 9
  find_hot_vm "$config" "$4" || fail_hot "$APP"
  await_old_code "$old_code" "$1" "$2" "$5"
  [ "$down" != - ] || down=none
  erlang_form "$from_release" "$from_config"
  from=$form
  erlang_form "$release" "$config"
  note_vm
  waiting_for 'its processes to change over'
  call_hot "$((($3 * 4 + 999) / 1000 + 30))" hot_install \
    "From = $from, To = $form, Up = $up, Down = $down, Suspended = $suspended, Supervisors = $supervisors, Timeout = $3," ||
    fail_hot "$from_release → $release"
  journal note name s installed value s "$hot_number"
  is_loaded "$release" || fail_hot "$release"
}

# Is every module that the VM has loaded that of the release? Else, or where it can't tell: $hot_why.
is_loaded() { # release
  hot_term=''
  other_code "$1" || { hot_why="it can not tell whose code it has loaded: $(said_by_call)"; return 1; }
  [ -n "$lines" ] || return 0
  hot_why="other code is loaded than the release has, of $(printf '%s' "$lines" | tr '\n' ' ')"
  return 1
}

# Modules whose loaded code is not the release's. $lines; false where the VM can't tell.
other_code() { # release
  boot_version "$1"
  ask_lines 60 loaded "Name = \"$APP\", Root = \"$ROOT/$APP/$1\", Version = \"$boot_release\", Place = \"$ROOT/$APP\", $(erl_made_code) "
}

# Code that was replaced once before is purged to make room: whoever still runs it would not survive that; nor would whoever is in code
# now that is replaced twice.
await_old_code() { # modules timeout-ms refuse|kill [replaced-twice]
  now_ms
  linger_end=$((now + $2))
  hot_term=''
  while ask_lines 60 old_code "Modules = $1, Twice = ${4:-[]}, " || {
    hot_why="it can not tell who runs old code: $(said_by_call)"
    fail_hot "$APP"
  }
    [ -n "$lines" ]; do
    now_ms
    if [ "$now" -ge "$linger_end" ]; then
      [ "$3" = refuse ] || { journal note name s killed value s "$lines"; return 0; }
      lingerers=$(printf '%s\n' "$lines" | wc -l | tr -d ' ')
      [ "$lingerers" != 1 ] || hot_why='1 process still runs'
      [ "$lingerers" = 1 ] || hot_why="$lingerers processes still run"
      [ "${4:-[]}" = '[]' ] || hot_why="$hot_why code that is replaced twice, or"
      hot_why="$hot_why old code after $2 ms: $(printf '%s' "$lines" | head -n 5 | tr '\n' ';')"
      fail_hot "$APP"
    fi
    waiting_for "processes to leave old code: $(printf '%s' "$lines" | head -n 1)"
    sleep 0.2
  done
}

# It is only told.
tell_lingering() { # modules
  ask_lines 60 old_code "Modules = $1, Twice = [], " || lines=
  [ -z "$lines" ] || journal note name s lingering value s "$lines"
}

# By the way it came; where that does not lead back, by a stop and a start.
do_unhot() { # release config left supervisors supervisor user|-
  if find_hot_vm "$2" "$6" && [ "$vm_release" = "$1" ] && [ "$vm_config" = "$2" ] && is_untouched; then return 0; fi
  if find_hot_vm "$2" "$6" && is_back "$1" "$2" "$3" "$4" false && is_loaded "$1"; then
    [ "$5" = daemon ] || { run_choice "$5"; write_choice "$1" "$2"; }
    [ "$hot_number" != anew ] || journal note name s lost value s 'OTP had it boot anew' || true
    return 0
  fi
  find_vm
  [ -z "$vm" ] || do_stop
  journal note name s lost value s "it is started anew: $hot_why" || true
  do_start "$1" "$2" "$5" "$6"
}

# Between two releases, of which only the last one is wanted: by the way it came, and no other. Where that leads elsewhere the undo
# of the first has its own ways.
do_unhot_between() { # release config left supervisors user|-
  find_hot_vm "$2" "$5" || return 0
  # On a full disk there is no mark, and yet a way back.
  call_off || true
  is_back "$1" "$2" "$3" "$4" true || true
}

# A node whose upgrade broke off restarts itself within its process, which takes as long as a boot.
is_back() { # release config left supervisors is-between
  erlang_form "$1" "$2"
  now_ms
  back_by=$((now + 30000))
  until call_hot 60 hot_back "To = $form, Left = \"$3\", Supervisors = $4, IsBetween = $5, Timeout = 5000,"; do
    # What it said was no: there is no use in asking again.
    [ -z "$hot_term" ] || return 1
    now_ms
    [ "$now" -lt "$back_by" ] || return 1
    find_vm
    [ -n "$vm" ] || return 1
    sleep 0.1
  done
}

do_reconfigure() { # release config user|-
  find_hot_vm "$2" "$3" || fail_hot "$APP"
  erlang_form "$1" "$vm_config"
  from=$form
  erlang_form "$1" "$2"
  note_vm
  call_hot 60 hot_config "From = $from, To = $form," || fail_hot "$APP"
}

# Before: after a crash the old version boots; after it, the new one. Processes that go on in old code are left alone, or killed by
# the purge that this is, where the spec has it so.
do_permanent() { # release config supervisor old-code linger-ms on-linger user|-
  find_hot_vm "$2" "$7" || fail_hot "$1"
  erlang_form "$1" "$2"
  [ "$6" = refuse ] || await_old_code "$4" "$5" "$6"
  call_hot 60 hot_permanent "To = $form," || fail_hot "$1"
  tell_lingering "$4"
  [ "$3" = daemon ] || { run_choice "$3"; write_choice "$1" "$2"; }
}

# What a running release is made of; its last line is `end`, or `failed` with a reason. Prints nothing where there is none that
# could tell.
inspect() { # app [application=digest]…
  APP=$1
  shift
  known_digests "$@"
  find_vm
  [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ] || return 0
  [ ! -r "$ROOT/$APP/$vm_release/.beamline" ] || sed -n '/	\.\/lib\/[^/]*\/priv\//s/^/priv /p' "$ROOT/$APP/$vm_release/.beamline"
  [ -z "$vm_booted" ] || start_files "$vm_booted"
  # A node that never stops talking is cut off, and then has no last line. An expression that breaks off looks to erl_call like one
  # that ends; it has none either.
  { call_node 60 inspect "$known_code Place = \"$ROOT/$APP\", $(erl_made_code) $(erl_application_facts) " || printf '\nfailed its node does not answer\n'; } |
    head -c 33554432
}

# Those of whose code nothing more need be said, as an Erlang binding: $known_code.
known_digests() { # [application=digest]…
  known_code=
  for pair in "$@"; do known_code="$known_code${known_code:+,}{\"${pair%=*}\",\"${pair#*=}\"}"; done
  known_code="Known = [$known_code],"
}

# What a node would say now to an upgrade that is planned: `lingers` and a process in old code, a line each. The modules whose code is
# replaced, and those of which it is replaced twice, come on standard input, a list of binaries a line. Whoever wrote the plan chose them,
# as a pull request may: no name becomes an atom that is none yet, and nothing of the release is asked, read or evaluated here.
dry_run() { # app
  APP=$1 OP=dry-run
  read -r old
  read -r twice
  find_vm
  [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ] || return 1
  decode "$old"
  old=$decoded
  decode "$twice"
  ask_lines 60 old_code "Here = fun(Names) -> lists:flatmap(fun(N) -> try [binary_to_existing_atom(N, utf8)] catch error:badarg -> [] end end, Names) end,
    Modules = Here($old), Twice = Here($decoded), " || return 1
  [ -z "$lines" ] || printf '%s\n' "$lines" | sed 's/^/lingers /'
}

# What a VM of a release reads only when it starts, and takes up no more when it has become another one: name and digest, `-` where
# the release has no such file. Nothing where its mark has no manifest.
start_files() { # release
  boot_release=
  boot_version "$1" 2>/dev/null && [ -r "$ROOT/$APP/$1/.beamline" ] || return 0
  awk -F '\t' -v directory="./releases/$boot_release/" '
    NR > 1 && /^[fx]/ && index($2, directory) == 1 { digest[substr($2, length(directory) + 1)] = substr($1, 2) }
    NR > 1 && $2 == "./releases/COOKIE" { digest["COOKIE"] = substr($1, 2) }
    END {
      count = NR > 1 ? split("vm.args vm.args.src env.sh runtime.exs COOKIE", names, " ") : 0
      for (i = 1; i <= count; i++) print "starts", names[i], ((names[i] in digest) ? digest[names[i]] : "-")
    }' "$ROOT/$APP/$1/.beamline"
}

# For each app whose VM can tell: which release it runs, which it would boot by itself, which it was booted from, which a start
# of the app would take, and whose code it has loaded from elsewhere. A JSON line each.
code() { # app…
  for APP in "$@"; do
    find_vm
    { [ -n "$vm" ] && find_node "$vm" && [ -n "$vm_reldir" ]; } || continue
    labels=$(call_node 10 which_releases) || continue
    { is_plain_name "${labels% *}" && [ -d "$ROOT/$APP/${labels% *}" ]; } || continue
    other_code "${labels% *}" || continue
    modules=
    for module in $lines; do
      json_string "$module"
      modules="$modules${modules:+,}$json"
    done
    chosen_release=
    chosen "$vm_supervisor" || true
    json_object app s "$APP" release s "${labels% *}" permanent s "${labels#* }" booted s "$vm_booted" next s "$chosen_release" \
      otherCode j "[$modules]"
    printf '%s\n' "$json"
  done
}

# Applications that are embedded in a node which runs already, whoever started it (isolation: embedded). All of it is said to the
# node by erl_call; what the node itself knows of it is gone with the node.

# The VM of the node that has this name, `shop` or `shop@web1`: $vm, and what vm_environment and node_arguments tell of it.
# False where none runs. Anybody can start a VM under any name: one of ours comes first, then that of an app of ours. Of several
# users' it is the one that epmd, which gives a name to one node at a time, has under it; where that can't be told it is none.
find_named() { # node
  named='' named_users=' ' is_apps=''
  for vm in $(all_vms); do
    process_stat "$vm" || continue
    [ "$process_state" != Z ] || continue
    node_arguments "$vm"
    is_named "$1" || continue
    vm_executable "$vm" || continue
    vm_environment "$vm" || continue
    process_ids "$vm" || continue
    who_we_are
    [ "$process_uid" != "$uid" ] || return 0
    if [ "$vm_root" = "$ROOT" ]; then
      # Strangers don't count any more.
      [ -n "$is_apps" ] || named='' named_users=' ' is_apps=yes
    elif [ -n "$is_apps" ]; then
      continue
    fi
    named="$named$vm "
    case $named_users in *" $process_uid "*) ;; *) named_users="$named_users$process_uid " ;; esac
  done
  vm=
  case ${named_users# } in
    *' '*' ') vm=$(registered_of "$1" "$named") || vm= ;;
    *) vm=${named%% *} ;;
  esac
  if [ -n "$vm" ] && node_arguments "$vm" && vm_executable "$vm" && vm_environment "$vm"; then return 0; fi
  forget_vm
  vm=
  return 1
}

# Of processes the one that listens on the port that epmd has for a node.
registered_of() { # node pids → pid
  find_registered_port "$1"
  for registered in ${registered_port:+$2}; do
    if listener "$registered" "$registered_port"; then printf '%s' "$registered" && return 0; fi
  done
  return 1
}

# A name that says no host has that of the machine: all of it, or with -sname its first part (kernel, net_kernel).
is_named() { # node: is that the name in $node_name?
  [ "${node_name%%@*}" = "${1%%@*}" ] || return 1
  case $1,$node_name in
    *@*,*@*) [ "$1" = "$node_name" ] ;;
    *@*,*)
      read -r host_name </proc/sys/kernel/hostname
      [ "$node_flag" = -name ] || host_name=${host_name%%.*}
      [ "${1#*@}" = "$host_name" ]
      ;;
  esac
}

# The node, such that it can be asked. It may be about to start again. False where it is not there: $node_why.
reach_node() { # node
  # Ops of several apps may be in one node at once, and each needs a name for itself.
  case $caller in beamline_op) caller=beamline_op_$(printf '%s' "$APP" | tr @ _) ;; esac
  now_ms
  reach_by=$((now + 10000))
  while :; do
    node_why='no running VM has that name' node_is=
    if find_named "$1"; then
      node_why='it does not answer: it is not ours to ask, has another cookie, or there is no erl_call'
      if open_to_node && find_node "$vm"; then node_is=$(call_node 5 awake) || true; fi
    fi
    case $node_is in
      awake) return 0 ;;
      # What was embedded in it before is about to come back.
      booted) is_bringing_back || return 0 ;;
      starting) node_why='it has not started yet' ;;
    esac
    now_ms
    [ "$now" -lt "$reach_by" ] || { [ "$node_is" = booted ] && return 0; return 1; }
    waiting_for "node $1: $node_why"
    sleep 0.2
  done
}

# Was the VM started with what brings embedded applications back (see bring_back)? $vm, with its arguments.
is_bringing_back() {
  case $vm_arguments in *"$ROOT/"*/run/embedded/*) ;; *) return 1 ;; esac
}

# A node of another user must be able to read what it is to run.
open_to_node() {
  process_ids "$vm" || return 1
  who_we_are
  [ "$process_uid" != "$uid" ] || return 0
  mkdir -p "$ROOT/$APP/config" "$ROOT/$APP/run"
  chmod go-rwx "$BASE"
  chmod a+x "$ROOT"
  chgrp "$process_gid" "$ROOT/$APP"
  chmod g+rx "$ROOT/$APP"
  chmod 711 "$ROOT/$APP/config" "$ROOT/$APP/run"
}

# Where the applications of a release lie: lib/APP-VERSION. A tarball of one application is put there by a link, for code:priv_dir/1
# and its like go by the directory's name. Links of releases that are gone are taken away.
find_lib() { # release → $lib_root
  lib_root=$ROOT/$APP/$1
  for linked in $(list_dir "$ROOT/$APP/run/lib"); do
    [ -e "$ROOT/$APP/$linked" ] || rm -rf "$ROOT/$APP/run/lib/$linked"
  done
  [ -d "$lib_root/ebin" ] || return 0
  lib_root=$ROOT/$APP/run/lib/$1
  (umask 022 && mkdir -p "$lib_root/lib")
  chmod 711 "$ROOT/$APP/run"
  [ -L "$lib_root/lib/$APP" ] || ln -s "$ROOT/$APP/$1" "$lib_root/lib/$APP"
}

# Evaluates one of the expressions about embedded applications; the words of its answer: $embed_word, and why in $embed_why.
call_embedded() { # timeout-s expression [bindings]
  embed_word='' embed_why='the node does not answer any more'
  embed_answer=$(ask_node "$1" "$2" "App = '$APP', Place = \"$ROOT\", ${3:-} $(erl_made_code) $(erl_embedded) $(erl_embedded_words) ") || return 1
  { read -r embed_word; IFS= read -r embed_why; } <<END_OF_ANSWER
$embed_answer
END_OF_ANSWER
  [ -n "$embed_word" ]
}

# Before anything stops: everything that keeps a release from being embedded, as far as that can be seen.
do_embeddable() { # release config version digest port|- node
  check_room
  check_contents "$ROOT/$APP/$1" "$4"
  [ "$5" = - ] || embeddable_port "$5" "$6"
  reach_node "$6" || fail node_down - node s "$6" detail s "$node_why"
  find_lib "$1"
  call_embedded 60 embeddable "Dir = \"$lib_root\", " || fail node_down - node s "$6" detail s "$embed_why"
  [ "$embed_word" = fits ] || fail not_embeddable - node s "$6" detail s "$embed_why"
  prepare_at_start "$1" "$2" "$6"
}

# The port must be free, or held by what is about to be stopped: the app's own VM, or the node that it is embedded in.
embeddable_port() { # port node
  find_vm
  recorded_op
  record_node=
  [ "$recorded" = - ] || { record_field node && record_node=$field; }
  if [ -n "$record_node" ] && ! find_named "$record_node"; then vm=''; fi
  check_port "$1"
}

# The same again where it was done already, or half.
do_embed() { # release config node timeout-ms
  reach_node "$3" || fail node_down - node s "$3" detail s "$node_why"
  hand_config "$2"
  find_lib "$1"
  waiting_for 'its application to start'
  call_embedded "$((($4 + 999) / 1000 + 35))" embed \
    "Dir = \"$lib_root\", Release = \"$1\", Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", Timeout = $4, IsReturn = false, " || embed_word=failed
  case $embed_word in
    embedded) ;;
    refused) fail not_embeddable - node s "$3" detail s "$embed_why" ;;
    *)
      log_of=${vm_app:--}
      fail_with_log "$vm" "${vm_supervisor:-daemon}" start_failed detail s "$embed_why"
      ;;
  esac
}

# Where the node does not run there is nothing to take out of it.
do_unembed() { # node
  find_named "$1" || return 0
  reach_node "$1" || {
    find_named "$1" || return 0
    fail stop_failed - detail s "node $1 can't be asked to stop it: $node_why"
  }
  waiting_for 'its application to stop'
  call_embedded 55 unembed || embed_word=failed
  [ "$embed_word" = gone ] || fail stop_failed - detail s "$embed_why"
}

do_embed_env() { # release config node
  reach_node "$3" || fail node_down - node s "$3" detail s "$node_why"
  hand_config "$2"
  call_embedded 30 embed_env "Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", " || embed_word=failed
  [ "$embed_word" = reconfigured ] || fail hot_upgrade_failed - what s "$APP" detail s "$embed_why" term s '' tried b true
}

# What a VM of ours evaluates at the end of its boot (see bring_back), made ready while there is a way back: what is left to do behind
# the commit point needs no space. It holds no secret, and another user's node must be able to read it.
prepare_at_start() { # release config node; $lib_root
  find_named "$3" && [ "$vm_root" = "$ROOT" ] && [ -n "$vm_app" ] && [ -d "$ROOT/$vm_app/run" ] || return 0
  at_start=$ROOT/$vm_app/run/embedded
  (umask 022 && make_directory "$at_start")
  note_fact at_start "$at_start"
  {
    printf 'App = '\''%s'\'', Place = "%s", Dir = "%s", Release = "%s", Config = "%s", ' "$APP" "$ROOT" "$lib_root" "$1" "$2"
    printf 'EnvFile = "%s", Timeout = 60000, IsReturn = true,\n' "$ROOT/$APP/config/$2/env.config"
    erl_made_code
    erl_embedded
    erl_embedded_words
    erl_embed
  } | write_file "$at_start/.$APP-$OP"
  chmod 644 "$at_start/.$APP-$OP"
}

# After the commit point; until then what was on record before comes back. Where it is in place already, an engine ended here.
do_embed_at_start() {
  forget_at_start_but=
  last_fact at_start
  at_start=$fact
  if [ -n "$at_start" ]; then
    if [ -e "$at_start/.$APP-$OP" ]; then
      mv -f "$at_start/.$APP-$OP" "$at_start/$APP.erl"
      sync_file "$at_start"
    fi
    forget_at_start_but=$at_start
  fi
  forget_at_start
}

# What an op that went back has made ready.
discard_at_start() {
  last_fact at_start
  at_start=$fact
  [ -z "$at_start" ] || rm -f "$at_start/.$APP-$OP"
}

# Of all VMs of ours, but that one.
forget_at_start() {
  hostings=$(list_dir "$ROOT") || unanswered
  for hosting in $hostings; do
    [ "$ROOT/$hosting/run/embedded" != "${forget_at_start_but:-}" ] || continue
    [ ! -e "$ROOT/$hosting/run/embedded/$APP.erl" ] || rm -f "$ROOT/$hosting/run/embedded/$APP.erl"
  done
}

# An embedded application that becomes another version while it runs. What a VM of its own has release_handler for is done by the
# same instructions, which release_handler_1 evaluates, without a release: the node is another's.

# What it is made of, for a plan: see inspect. Prints nothing where it is not in that node.
inspect_embedded() { # node app [application=digest]…
  APP=$2
  find_named "$1" && find_node "$vm" || return 0
  shift 2
  known_digests "$@"
  made_of=$(call_node 60 inspect_embedded "App = '$APP', Place = \"$ROOT\", $known_code $(erl_made_code) $(erl_application_facts) ") || made_of='failed its node does not answer'
  its_release=$(printf '%s\n' "$made_of" | sed -n 's/^release [^ ]* \([^ ]*\) .*/\1/p')
  if is_plain_name "$its_release" && [ -r "$ROOT/$APP/$its_release/.beamline" ]; then
    sed -n '/	\.\/\(lib\/[^/]*\/\)\{0,1\}priv\//s/^/priv /p' "$ROOT/$APP/$its_release/.beamline"
  fi
  printf '%s\n' "$made_of" | head -c 33554432
}

# As call_hot, of an application that is embedded. False where nothing was answered.
call_embedded_hot() { # timeout-s expression bindings
  ask_hot "$1" "$2" "App = '$APP', Place = \"$ROOT\", $3 $(erl_made_code) $(erl_embedded) $(erl_hot_processes) $(erl_hot_words) $(erl_embedded_hot) "
}

# release config from-release node up suspended old-code supervisors linger-ms on-linger suspend-ms
do_embed_hot() {
  release=$1 config=$2 from_release=$3 node=$4 up=$5 suspended=$6 old_code=$7 supervisors=$8
  shift 8
  reach_node "$node" || fail node_down - node s "$node" detail s "$node_why"
  hand_config "$config"
  find_lib "$release"
  await_old_code "$old_code" "$1" "$2"
  waiting_for 'its processes to change over'
  call_embedded_hot "$((($3 * 4 + 999) / 1000 + 30))" embed_hot \
    "Dir = \"$lib_root\", Release = \"$release\", Config = \"$config\", EnvFile = \"$ROOT/$APP/config/$config/env.config\", From = \"$from_release\", Up = $up, Suspended = $suspended, Supervisors = $supervisors, Timeout = $3," ||
    true
  case $hot_word in
    upgraded) journal note name s installed value s "$hot_number" ;;
    refused) fail_hot "$from_release → $release" ;;
    # Where it says nothing it may have changed.
    *) fail hot_upgrade_failed - what s "$from_release → $release" detail s "$hot_why" term s "$hot_term" tried b true ;;
  esac
}

# By the way it came; where that does not lead back, by a stop and a start of the application.
do_unembed_hot() { # release config left node down|- suspended supervisors timeout-ms
  down=$5
  [ "$down" != - ] || down=none
  hot_word=
  if reach_node "$4"; then
    hand_config "$2"
    call_embedded_hot 60 unembed_hot \
      "Release = \"$1\", Config = \"$2\", EnvFile = \"$ROOT/$APP/config/$2/env.config\", Left = \"$3\", Down = $down, Suspended = $6, Supervisors = $7, Timeout = 5000," ||
      true
  fi
  [ "$hot_word" != back ] || return 0
  journal note name s lost value s 'the application is started anew' || true
  do_unembed "$4"
  do_embed "$1" "$2" "$4" "$8"
}

# After the gate: processes that go on in old code are left alone, or killed, where the spec has it so.
do_purge() { # node modules linger-ms on-linger
  reach_node "$1" || fail node_down - node s "$1" detail s "$node_why"
  if [ "$4" = kill ]; then
    await_old_code "$2" "$3" "$4"
    ask_node 60 purge "Modules = $2, " || true
  fi
  tell_lingering "$2"
}

# The gate: polls by condition, never by a fixed sleep. Healthy is an answer from the very VM that we started, in the version
# that was wanted, that holds for min_healthy_time. A VM that has died ends the wait at once.

do_health() { # release version type port|0 path-term expect-status expect-body-term timeout start-timeout min-healthy
  probe_release=$1
  shift
  probe_version=$1 probe_type=$2 probe_port=$3 probe_path=$4 probe_status=$5 probe_body=$6 probe_timeout=$7
  start_timeout=$8
  shift
  min_healthy=$8 embedding=${9:-}
  now_ms
  gate_begin=$now
  healthy_since=
  gate_pid='' gate_supervisor=daemon
  # A loss of power may have left it empty.
  find_pid_file
  if [ -s "$pid_file" ]; then read -r gate_pid _ gate_supervisor <"$pid_file" || true; fi
  gate_words=$(probe_words)
  log_of=$APP
  while :; do
    if ! gate_process; then
      gate_took=$((now - gate_begin))
      read_log "$gate_pid" "$gate_supervisor"
      fail start_failed "$log" detail s "it ended $gate_took ms after its start$(cause_of_death "$log")"
    fi
    # While a VM boots it needs the processor more than we do: a look that costs one grep comes first.
    if [ "$probe_type" = none ] || is_listening "$probe_port"; then
      probe "$gate_pid"
    else
      health=unhealthy saw="nothing listens on port $probe_port"
    fi
    now_ms
    nap_ms=200
    if [ "$health" = healthy ]; then
      [ -n "$healthy_since" ] || healthy_since=$now
      nap_ms=$((healthy_since + min_healthy - now))
      [ "$nap_ms" -gt 0 ] || return 0
      [ "$nap_ms" -lt 250 ] || nap_ms=250
      waiting_for "it to stay healthy for $min_healthy ms"
    else
      healthy_since=
      # A VM that writes its crash dump is about to end, and will have said why.
      give_up=$start_timeout
      [ ! -s "$ROOT/$APP/log/erl_crash.dump" ] || give_up=$((start_timeout + 5000))
      [ $((now - gate_begin)) -lt "$give_up" ] ||
        fail_with_log "$gate_pid" "$gate_supervisor" health_check_failed probe s "$gate_words" saw s "$saw" waitedMs n $((now - gate_begin))
      waiting_for "$gate_words: $saw"
    fi
    # 200 is 0.200 s.
    nap=$((1000 + nap_ms))
    sleep "0.${nap#1}"
  done
}

# The process that start made or, where only the check has changed, the VM that runs. $gate_pid.
gate_process() {
  now_ms
  if [ -n "$embedding" ]; then
    find_named "$embedding" || return 1
    gate_pid=$vm gate_supervisor=${vm_supervisor:-daemon} log_of=${vm_app:--}
  elif started_process; then
    gate_pid=$started_pid
  else
    find_vm
    [ -n "$vm" ] || return 1
    gate_pid=$vm
  fi
}

probe_words() {
  case $probe_type in
    http) printf 'http :%s%s' "$probe_port" "$(printf '%s' "$probe_path" | sed 's/^"//; s/"$//')" ;;
    tcp) printf 'tcp :%s' "$probe_port" ;;
    none) if [ -n "$embedding" ]; then printf 'the application'; else printf 'the VM'; fi ;;
  esac
}

# In the words of whoever knew: an exception of Elixir (`** (RuntimeError) …`), the dynamic linker, or the crash dump.
cause_of_death() { # log → `: cause`, empty where nothing tells
  cause=
  [ ! -r "$1" ] || cause=$(sed -n -e '/\*\* (/{p;q;}' -e '/error while loading shared libraries/{p;q;}' -e '/version .GLIBC.* not found/{p;q;}' "$1" | shorten 300)
  if [ -n "$cause" ]; then printf ': %s' "$cause"; else crash_slogan; fi
}

# Why the VM died, in its own words: the slogan of its crash dump (erts, "How to interpret the Erlang crash dumps"). An
# application that fails to start takes the whole VM along; what OTP wraps around its reason says nothing more. Since OTP 27 that is
# a text within a term, all of whose quotes have backslashes.
crash_slogan() {
  [ -r "$ROOT/$APP/log/erl_crash.dump" ] || return 0
  slogan=$(sed -n 's/^Slogan: //p' "$ROOT/$APP/log/erl_crash.dump" | head -n 1 |
    sed '/("{application_start_failure,/{
      s/\\\\*"/"/g
      s/ ("{/ ({/
      s/")$/)/
    }
    s/^Kernel pid terminated (application_controller) ({application_start_failure,\([^,]*\),/application \1: /' | shorten 160)
  printf ': %s' "$slogan"
}

# One look: $health (healthy, unhealthy), $saw for people, $running_version, and $running_label, which is the release's directory
# where the node can become another; of an embedded app that always is, with $running_config and $running_since. Needs the
# probe_ variables, and $embedding: the node that the app is embedded in, or empty.
probe() { # pid
  health=unhealthy running_version='' running_label='' running_config='' running_since=''
  seen=seen_vm
  [ -z "$embedding" ] || seen=seen_embedded
  vm_executable "$1" || { saw='it is still booting'; return 0; }
  find_node "$1" || { saw='it is no distributed node, or there is no erl_call: it cannot be asked'; return 0; }
  listening_address=
  if [ "$probe_type" != none ]; then
    listener "$1" "$probe_port" || return 0
  fi
  answer=$(call_node "$(((probe_timeout + 999) / 1000 + 1))" probe \
    "App = '$APP', $("erl_$seen") Type = $probe_type, Address = \"$listening_address\", Port = $probe_port, Path = $probe_path, Status = $probe_status, Body = $probe_body, Timeout = $probe_timeout, ") ||
    { saw='the node does not answer yet'; return 0; }
  # Five lines: label, version, verdict, what was seen, configuration and start.
  {
    read -r running_label
    read -r running_version
    read -r verdict
    read -r saw
    read -r running_config running_since
    # One that breaks off tells nothing yet.
  } <<END_OF_ANSWER || true
$answer
END_OF_ANSWER
  [ "$running_label" != '?' ] || running_label=$vm_release
  is_plain_name "$running_label" || running_label=
  if [ -z "$embedding" ] && [ -n "$running_label" ] && [ -r "$ROOT/$APP/$running_label/releases/start_erl.data" ]; then
    boot_version "$running_label"
    running_version=$boot_release
  fi
  if [ -n "$probe_release" ] && [ "${running_label:-$probe_release}" != "$probe_release" ]; then
    saw="release $running_label answers, $probe_release was started"
  elif [ "$running_version" != "$probe_version" ] && [ -n "$probe_version" ]; then
    saw="version ${running_version:-unknown} answers, $probe_version was started"
  elif [ "$verdict" = healthy ]; then
    health=healthy
  fi
}

# Who listens on a port? True with $listening_address if it is this VM or a child of it; else $saw says who.
# Sockets and their inodes are in /proc/net/tcp and tcp6 (proc(5)): state 0A is LISTEN, addresses are hexadecimal.
listener() { # pid port
  port_pattern "$2"
  sockets=$(grep -hs "$listens" /proc/net/tcp /proc/net/tcp6 | awk '{ print $2, $10 }')
  [ -n "$sockets" ] || { saw="nothing listens on port $2"; return 1; }
  while read -r socket_address socket_inode; do
    if owns_socket "$1" "$socket_inode"; then
      listening_address=${socket_address%:*}
      return 0
    fi
  done <<END_OF_SOCKETS
$sockets
END_OF_SOCKETS
  saw="port $2 is held by $(socket_holder "${socket_inode:-}" "$sockets"), not by the VM that was started"
  return 1
}

is_listening() { # port
  port_pattern "$1"
  grep -qs "$listens" /proc/net/tcp /proc/net/tcp6
}

# The lines of sockets that listen on a port: local address, no remote one, state. $listens.
port_pattern() { # port
  [ "$pattern_of" = "$1" ] || listens=$(printf ': [0-9A-F]*:%04X 0*:0000 0A ' "$1")
  pattern_of=$1
}

owns_socket() { # pid inode
  # shellcheck disable=SC2010 # the listing of links is what is wanted
  ls -l "/proc/$1/fd" 2>/dev/null | grep -q "socket:\[$2\]" && return 0
  for child in $(ps_children "$1"); do
    owns_socket "$child" "$2" && return 0
  done
  return 1
}

ps_children() { # pid
  cat "/proc/$1/task/$1/children" 2>/dev/null || true
}

# A name for whoever holds one of these sockets, as far as we may look.
socket_holder() { # ignored sockets
  holder_inode=$(printf '%s\n' "$2" | awk 'NR == 1 { print $2 }')
  set +f
  # shellcheck disable=SC2012
  holder_pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v s="socket:[$holder_inode]" '/^\/proc\// { split($1, p, "/"); pid = p[3] } index($0, s) { print pid; exit }')
  set -f
  if [ -n "$holder_pid" ]; then
    printf 'process %s (%s)' "$holder_pid" "$(cat "/proc/$holder_pid/comm")"
  else
    printf "another user's process"
  fi
}

do_preflight() { # release port|- digest supervisor user|-
  path=$ROOT/$APP/$1
  find_vm
  [ -z "$vm" ] || check_room
  ! has_mount_option "$path" noexec || fail erts_not_runnable - path s "$path" detail s "$ROOT lies on a disk that is mounted noexec"
  check_contents "$path" "$3"
  boot_version "$1"
  check_script "$path"
  check_emulator "$path"
  check_erl_call "$path" "$5"
  check_libraries "$path"
  [ "$2" = - ] || check_port "$2"
  [ "$4" = daemon ] || { unit_file "$4"; check_unit; }
  check_units
}

# Nothing is stopped for a version that could not even write its log. Tried, for what is free is not what we may write.
check_room() {
  if ! dd if=/dev/zero of="$OPDIR/room" bs=1024 count=1024 2>/dev/null; then
    rm -f "$OPDIR/room"
    fail disk_full - path s "$ROOT" neededBytes n 1048576 freeBytes n "$(($(free_kb "$BASE") * 1024))"
  fi
  rm "$OPDIR/room"
}

# What this op has unpacked is verified; what lay here may have been changed, or damaged, since.
check_contents() { # release-dir digest
  if has_made "${1##*/}"; then return 0; fi
  if is_intact "$1" "$2"; then
    [ -z "$own_data" ] || journal note name s data value s "$(printf '%s\n' "$own_data" | sort | head -n 3 | tr '\n' ' ')" || true
    return 0
  fi
  # With a digest that is none it is not used again: the next run sends the release anew, beside it.
  write_text "$1/.beamline" damaged
  fail release_damaged - path s "$1"
}

# The port of the new version must be free, or held by the version that is about to be stopped: $vm, empty if none.
check_port() { # port
  listener "${vm:-0}" "$1" && return 0
  case $saw in
    nothing*) ;;
    *) fail port_in_use - port n "$1" holder s "$(socket_holder - "$sockets")" ;;
  esac
}

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

# What is on record on this host: state/NAME is the record (JSON), how its health is judged, and the op that wrote it.

# What is there and can't be read is never taken for nothing: on top of what nobody knows nothing is put.
recorded_op() { # → $recorded: - where nothing is on record, ? where something is that can't be read, and $record_fault says why
  recorded=- record_json='' record_probe='' record_op='' record_fault=''
  if ! { [ -e "$BASE/state/$APP" ] || [ -L "$BASE/state/$APP" ] || is_closed "$BASE" || is_closed "$BASE/state"; }; then return 0; fi
  recorded='?'
  if is_closed "$BASE" || is_closed "$BASE/state"; then
    record_fault="its directory is closed to us"
  elif [ ! -f "$BASE/state/$APP" ]; then
    record_fault='it is no file'
  elif ! { read -r record_json && read -r record_probe && read -r record_op; } 2>/dev/null <"$BASE/state/$APP"; then
    record_fault='it has less than three lines'
    [ -r "$BASE/state/$APP" ] || record_fault='it is closed to us'
  else
    case $record_op in
      '' | -* | *[!A-Za-z0-9.-]*) record_fault='it does not name the op that wrote it' ;;
      *) recorded=$record_op && return 0 ;;
    esac
  fi
  record_json='' record_probe=''
}

# A directory into which we may not look.
is_closed() { [ -d "$1" ] && ! { [ -r "$1" ] && [ -x "$1" ]; }; }

# A field of the record that was read, but of its spec, which stands last and may have names like these.
record_field() { # name → $field, empty where there is none
  field=${record_json%%\"spec\":*}
  case $field in
    *"\"$1\":\""*) field=${field#*"\"$1\":\""} && field=${field%%\"*} ;;
    *) field= ;;
  esac
}

# The commit point: one rename. Before it the old state is on record, after it the new one.
do_record() { # json probe-words
  make_directory "$BASE/state"
  remember
  holds_lock || exit 1
  write_text "$BASE/state/$APP" "$1$NEWLINE$2$NEWLINE$OP"
  remove_if_there "$BASE/state/$APP.held"
}

# What was on record before, newest first: what `command: rollback` goes back to. Twice the same is once.
remember() {
  recorded_op
  case $recorded in - | '?' | "$OP") return 0 ;; esac
  history=$BASE/state/$APP.history
  {
    printf '%s\n' "$record_json"
    [ ! -r "$history" ] || grep -vxF -e "$record_json" "$history" || true
  } | head -n 20 | write_file "$history"
}

# A spec that is not to be tried again here until it changes.
do_hold() { # spec-digest code
  make_directory "$BASE/state"
  write_text "$BASE/state/$APP.held" "$1 $2"
}

do_forget() {
  rm -f "$BASE/state/$APP" "$BASE/state/$APP.held" "$BASE/state/$APP.history"
  sync_file "$BASE/state"
  forget_at_start
}

# In use is what current points to, what a VM of the app runs from, or has booted from, and what is on record.
is_in_use() { # release
  current_release
  find_vm
  recorded_op
  record_field release
  [ "$current" = "$1" ] || [ "$vm_release" = "$1" ] || [ "$vm_booted" = "$1" ] || [ "$field" = "$1" ] || [ "$recorded" = '?' ]
}

do_prune() { # retain; 0 is all of the app
  if [ "$1" -eq 0 ]; then
    for managing in system user; do remove_unit "$managing"; done
    forget_users_but ''
    # What forget may have left.
    rm -f "$BASE/state/$APP.held" "$BASE/state/$APP.history"
    rm -rf "${ROOT:?}/$APP" "$BASE/lock/$APP.holder"
  else
    recorded_op
    states=$(states_on_record) || unanswered
    kept=0
    for release in $(latest_first "$states" "$(releases_of "$APP")"); do
      kept=$((kept + 1))
      [ "$kept" -le "$1" ] || is_in_use "$release" || remove_release "$release"
    done
    # What an op that was cut off had begun to remove, or to unpack.
    for begun in $(list_dir "$ROOT/$APP"); do
      case $begun in .removed-* | .stage-*) rm -rf "${ROOT:?}/$APP/$begun" ;; esac
    done
    needed=$(configs_of_releases)
    kept=0
    for config in $(latest_first "$(printf '%s\n' "$states" | cut -d ' ' -f 2)" "$(cd "$ROOT/$APP/config" && newest_first "$(list_dir .)")"); do
      kept=$((kept + 1))
      if [ "$kept" -le $(($1 + 1)) ]; then continue; fi
      case $needed in *" $config "*) ;; *) rm -rf "$ROOT/$APP/config/$config" ;; esac
    done
    forget_users
    trim_console
    # It may have been embedded before, and have a VM of its own now.
    record_field node
    [ -n "$field" ] || forget_at_start
  fi
  prune_ops
}

# Lines `release config` of what is on record and of what was before, newest first.
states_on_record() {
  set -- 's/"spec":.*//; s/.*"release":"\([^"]*\)".*"config":"\([^"]*\)".*/\1 \2/p'
  if [ -r "$BASE/state/$APP" ]; then sed -n "$1; q" "$BASE/state/$APP" || unanswered; fi
  if [ -r "$BASE/state/$APP.history" ]; then sed -n "$1" "$BASE/state/$APP.history" || unanswered; fi
}

# Names that are there, those first that are on record, the newest record before the others: what a rollback goes to is what
# was on record before, whatever files say of when they were written, and clocks jump. What no record names goes first of all.
latest_first() { # names-on-record names-there, one a line
  printf '%s\n' "$1" '' "$2" | awk '
    !is_there && NF == 0 { is_there = 1; next }
    NF == 0 { next }
    !is_there { order[++orders] = $1; next }
    { there[$1]; names[++count] = $1 }
    END {
      for (i = 1; i <= orders; i++) if (order[i] in there && !(order[i] in told)) { print order[i]; told[order[i]] }
      for (i = 1; i <= count; i++) if (!(names[i] in told)) print names[i]
    }'
}

# A release that stays keeps the configuration that it had last: without it nobody could go back to it. Between spaces.
configs_of_releases() {
  configured=' ' with=' '
  while read -r release config; do
    case $configured in *" $release "*) continue ;; esac
    configured="$configured$release "
    [ ! -d "$ROOT/$APP/$release" ] || with="$with$config "
  done <<END_OF_STATES
$states
END_OF_STATES
  printf '%s' "$with"
}

# Whom the app ran as before has no more say in it (see users_of).
forget_users() {
  record_field runAs
  forget_users_but "$field"
}

forget_users_but() { # name; of none: all
  for former in $(list_dir "$ROOT/$APP/run/as"); do
    [ "$former" = "$1" ] || forget_user "$former"
  done
}

# Emptied by its own user: root, who goes by paths (busybox does), could be led out of it by a link that is put in its way. What is not
# that user's stays.
forget_user() { # name
  if find_user "$1"; then
    # shellcheck disable=SC2016 # for the other shell
    (become_user "$1" sh -c 'cd "$1" && rm -rf ./* ./.[!.]* ./..?*' sh "$ROOT/$APP/run/as/$1") 2>/dev/null || true
    rmdir "$ROOT/$APP/run/as/$1" 2>/dev/null || true
  else
    rm -rf "$ROOT/$APP/run/as/$1"
  fi
}

# Where no manager takes it, what a VM prints is appended to one file for as long as the VM runs, which a hot upgrade does not end.
trim_console() {
  console=$ROOT/$APP/log/console.log
  [ -e "$console" ] && [ "$(wc -c <"$console")" -gt 16777216 ] || return 0
  tail -c 8388608 "$console" >"$console.1" || return 0
  : >"$console"
}

# The releases of an app that are ours, newest first. In a process of its own, as in $(releases_of …).
releases_of() { # app → names, one a line
  cd "$ROOT/$1" && newest_first "$(for r in $(list_dir .); do is_release "$r" && echo "$r"; done)"
}

# `current` is a link to one, not one more.
is_release() { [ ! -L "$1" ] && [ -f "$1/.beamline" ] && [ ! -L "$1/.beamline" ]; }

newest_first() { # names
  # shellcheck disable=SC2012,SC2086 # names of our own making, without white space
  [ -z "$1" ] || ls -1td $1
}

# The journals of the last ops of an app stay, for whoever asks what happened. Ids of ops sort by the time of the runners, whose
# clocks are as good as each other; what this host's clock says of files it says differently after a jump.
prune_ops() {
  kept=0
  # shellcheck disable=SC2045 # ids of our own making, without white space
  for old in $(ls -1r "$BASE/ops"); do
    [ -e "$BASE/ops/$old/ended" ] || continue
    [ "$old" != "$OP" ] || continue
    read -r old_app <"$BASE/ops/$old/header" || continue
    [ "$old_app" = "$APP" ] || continue
    kept=$((kept + 1))
    [ "$kept" -le 5 ] || rm -rf "${BASE:?}/ops/$old"
  done
  # What was being received when its connection, or the host, died: .OP.PID.
  for begun in $(list_dir "$BASE/ops"); do
    case $begun in .*) [ -d "/proc/${begun##*.}" ] || rm -rf "${BASE:?}/ops/$begun" ;; esac
  done
  prune_agents
}

# Agents of other versions of Beamline: the last three, what units call, and those whose ops have not ended.
prune_agents() {
  kept=0
  for old in $(cd "$BASE" && newest_first "$(for a in $(list_dir .); do case $a in agent-*) echo "$a" ;; esac; done)"); do
    kept=$((kept + 1))
    if [ "$kept" -le 3 ] || [ "$old" = "${SELF##*/}" ] || [ "$old" = "$(readlink "$BASE/agent" || true)" ]; then continue; fi
    is_needed=''
    its_ops=$(list_dir "$BASE/ops") || unanswered
    for its_op in $its_ops; do
      if [ -e "$BASE/ops/$its_op/ended" ] || [ ! -e "$BASE/ops/$its_op/agent" ]; then continue; fi
      ! found_in -qx "$old" "$BASE/ops/$its_op/agent" || is_needed=yes
    done
    [ -n "$is_needed" ] || rm -f "$BASE/$old"
  done
}

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

# Taking an op from the runner, and telling it what happens. The runner's connection may break at any moment: an op exists
# once it was received whole, and then needs nobody.

# Standard input: a line a fact, ended by `end`, then the manifests of releases if a line announced some, each behind a line
# `release` DIGEST. Without all of it nothing has happened.
submit() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  if [ ! -e "$OPDIR/header" ]; then
    is_safe || return 1
    receiving=$BASE/ops/.$OP.$$
    rm -rf "$receiving"
    if ! { can_begin && mkdir -p "$receiving/in" && receive_op "$receiving"; }; then
      rm -rf "$receiving" 2>/dev/null || true
      tell_refusal
      return 1
    fi
    # The connection may have been lost after an earlier try arrived: then that one counts.
    # On disk before its name is: an op without its undos would be worse than none.
    find "$receiving" -type f -exec sync {} + 2>/dev/null || sync
    if mv -T "$receiving" "$OPDIR" 2>/dev/null; then
      sync_file "$BASE/ops"
      launch begin
    else
      rm -rf "$receiving"
    fi
  elif [ ! -e "$OPDIR/ended" ] && ! was_begun && ! engine_is_alive "$OP"; then
    # Its connection broke before it was launched.
    launch begin
  fi
  follow_to_end "$2"
}

# Is there all that an op must be able to write, from its first line to the record?
can_begin() {
  for needed in ops lock state; do
    make_directory "$BASE/$needed" 2>/dev/null && can_write "$BASE/$needed" || return 1
  done
  set +f
  for needed in "$BASE/lock"/*; do [ ! -f "$needed" ] || can_append "$needed" || { set -f && return 1; }; done
  set -f
}

# Why nothing has begun. Without a word the runner would ask again for a while, as for a connection that broke.
tell_refusal() {
  for needed in "$BASE" "$BASE/ops" "$BASE/lock" "$BASE/state"; do
    if why_unwritable "$needed"; then
      refusal=$unwritable refusal_facts=$unwritable_facts
      break
    fi
  done
  if [ -z "${refusal:-}" ]; then
    free=$(free_kb "$BASE")
    [ "${free:-0}" -lt 1024 ] || return 0
    refusal=disk_full refusal_facts="{\"path\":\"$ROOT\",\"neededBytes\":1048576,\"freeBytes\":$((free * 1024))}"
  fi
  printf '{"event":"outcome","t":0,"outcome":"rolled_back","code":"%s","facts":%s}\n' "$refusal" "$refusal_facts"
}

receive_op() { # directory
  step_index=0 final_index=0 is_whole='' manifests_digest=''
  op_app='' op_lock_timeout='' op_expects='' op_holds='' op_holder=''
  while read -r word name rest; do
    case $word in
      app) op_app=$name ;;
      lock_timeout) op_lock_timeout=$name ;;
      expects) op_expects=$name ;;
      holds) op_holds=$name ;;
      holder) decode "$name"; op_holder=$decoded ;;
      step)
        step_index=$((step_index + 1)) undo_nth=0
        case $rest in final*) final_index=$step_index ;; esac
        printf '%s %s\n' "$step_index.step $name" "$rest" >>"$1/lines" || return 1
        ;;
      do) printf '%s %s\n' "$step_index.do $name" "$rest" >>"$1/lines" || return 1 ;;
      undo)
        undo_nth=$((undo_nth + 1))
        printf '%s %s\n' "$step_index.undo.$undo_nth $name" "$rest" >>"$1/lines" || return 1
        ;;
      file) printf '%b' "$rest" >"$1/in/$name" || return 1 ;;
      manifests) manifests_digest=$name ;;
      end)
        is_whole=yes
        break
        ;;
    esac
  done
  # read(1) takes from a pipe what it needs and no byte more.
  if [ -n "$manifests_digest" ]; then
    cat >"$1/in/manifests"
    [ "$(digest_of "$1/in/manifests")" = "$manifests_digest" ] || return 1
    awk -F '\t' -v file="$1/in/manifest." '$1 == "release" { close(out); out = file $2; next } { print >out }' "$1/in/manifests" ||
      return 1
    rm "$1/in/manifests"
  fi
  { [ -n "$is_whole" ] && [ -n "$op_app" ] && [ "$final_index" -gt 0 ]; } || return 1
  printf '%s\n%s\n%s\n%s\n%s\n%s\n' "$op_app" "$op_lock_timeout" "$op_expects" "$op_holds" "$op_holder" "$step_index $final_index" >"$1/header" || return 1
  printf '%s\n' "${SELF##*/}" >"$1/agent"
  cat "$1/header" "$1/agent" "$1/lines" >"$1/op" || return 1
  rm "$1/lines"
  for made in journal undone facts agent.log; do can_append "$1/$made" || return 1; done
  keep_reserve "$1"
}

launch() { # begin|recover
  # One that has not begun any agent can end.
  if was_begun; then op_agent "$OP"; else agent=$SELF; fi
  find_log agent.log
  outliving sh "$agent" "$ROOT" engine "$OP" "$1" </dev/null >>"$log_file" 2>&1 &
  # It writes this itself, too; here so that whoever asks at once finds it alive.
  if process_stat $!; then put_word engine "$! $started" || true; fi
}

# An op whose engine is gone is finished or undone by a new one.
recover() { # op journal-lines-already-seen
  OP=$1
  OPDIR=$BASE/ops/$OP
  if [ -e "$OPDIR/header" ] && [ ! -e "$OPDIR/ended" ] && ! engine_is_alive "$OP"; then
    # No engine is begun where others may have put something; how the op ends is not known then.
    find_unsafe
    [ "$unsafe" = null ] || return 1
    # What could not be cleared away still can't.
    { has_spooled_end && ! can_write "$OPDIR"; } || launch recover
  fi
  follow_to_end "$2"
}

# Has the op ended, as far as its disk lets it?
has_spooled_end() { seek_spool && [ -e "$spool/ended" ]; }


# When the op has ended, how its app is now follows: nobody has to come again and ask.
follow_to_end() { # journal-lines-already-seen
  APP=
  [ ! -r "$OPDIR/header" ] || read -r APP <"$OPDIR/header"
  follow "$OP" "$1" || return 1
  { [ -e "$OPDIR/ended" ] || has_spooled_end; } && [ -n "$APP" ] || return 0
  observe_app
}

# The journal, though its file may be gone: its engine has it open. What is behind it in the spool is read at the end.
open_journal() { # op
  followed_pid=''
  if [ -r "$OPDIR/journal" ]; then
    exec 8<"$OPDIR/journal"
  elif engine_is_alive "$1" && [ -r "/proc/$engine_pid/fd/8" ]; then
    exec 8<"/proc/$engine_pid/fd/8"
  elif seek_spool && [ -r "$spool/whole" ]; then
    exec 8<"$spool/whole"
  else
    return 1
  fi
}

# Is its engine alive? It is, though what it has said of itself is gone.
is_followed() { # op
  if [ -n "$followed_pid" ] && is_alive "$followed_pid" "$followed_start"; then return 0; fi
  engine_is_alive "$1" || return 1
  followed_pid=$engine_pid followed_start=$engine_started
}

# Lines of descriptor 8, behind those that are to be skipped: $fresh.
read_lines() {
  while IFS= read -r journal_line <&8; do
    journal_line=$partial$journal_line partial=
    [ -n "$journal_line" ] || continue
    journal_line=$journal_line$NEWLINE
    if [ "$skip" -gt 0 ]; then
      skip=$((skip - 1))
      continue
    fi
    # Told with the line that follows: not on disk before that, it may not be there when the runner asks for what it has not seen.
    case $journal_line in
      '{"event":"done"'* | '{"event":"undone"'*) unsynced=$unsynced$journal_line ;;
      *) fresh=$fresh$unsynced$journal_line unsynced='' ;;
    esac
  done
  partial=$partial$journal_line
}

# Prints the journal from a line on, until the op has ended. Lines are whole: a partial one is completed by the next read.
follow() { # op lines-already-seen
  OPDIR=$BASE/ops/$1
  open_journal "$1" || return 1
  skip=$2 partial='' unsynced='' nap=''
  while :; do
    # Asked before reading: what was written before the end is read after it.
    over=''
    if [ -e "$OPDIR/ended" ]; then
      over=ended
    elif ! is_followed "$1"; then
      over=orphaned
      ! has_spooled_end || over=ended
    fi
    # In one write: each would be a packet of its own.
    fresh=
    read_lines
    if [ -n "$over" ] && seek_spool && [ -s "$spool/journal" ]; then
      exec 8<"$spool/journal"
      read_lines
    fi
    if [ -n "$over$fresh" ]; then
      end_nap
      printf '%s' "$fresh"
    elif [ -n "$nap" ]; then
      wait_nap
    else
      begin_nap "$OPDIR/following"
    fi
    case $over in
      ended) return 0 ;;
      orphaned) [ -e "$OPDIR/ended" ] || { printf '{"event":"orphaned","t":0}\n'; return 0; } ;;
    esac
  done
}

# Every answer is framed by a word the runner made up, so that whatever a login shell prints before or after is not taken for it.

main() { # root command …
  ROOT=$1
  BASE=$ROOT/.beamline
  command=$2
  shift 2
  # Called from within .beamline, which was looked at; what is started from here on is elsewhere.
  case $0 in ./agent-*) SELF=$BASE/${0#./} && { cd "${HOME:-/}" 2>/dev/null || cd /; } ;; esac
  case $command in
    observe | hold | nonces | inspect | inspect_embedded | dry_run | code | verify | submit | recover | had | put)
      frame=$1
      shift
      printf '\n%s begin\n' "$frame"
      exit_code=0
      "$command" "$@" || exit_code=$?
      printf '\n%s end %s\n' "$frame" "$exit_code"
      ;;
    *) "$command" "$@" ;;
  esac
}

erl_application_facts() {
  cat <<'END_OF_ERLANG'
%% What applications in a node are made of, a line a fact, as src/host/inspection.ts reads it.
%% Bound before: Known ([{Application, Digest}]: of those whose code has that digest nothing more is said), and what made_code binds.
Hex = fun(Md5) -> [io_lib:format("~2.16.0b", [B]) || <<B>> <= Md5] end,
Names = fun([]) -> "-"; (List) -> lists:join($,, List) end,
Text = fun(Term) -> io_lib:format("~0p", [Term]) end,
%% As TELLING in src/otp/beam-file.ts.
Decisive = [{init, 1}, {code_change, 3}, {code_change, 4}, {system_code_change, 4}, {system_continue, 3}, {handle_call, 3},
            {handle_cast, 2}, {handle_event, 2}, {handle_event, 3}, {handle_event, 4}, {handle_sync_event, 4}, {callback_mode, 0},
            {start, 2}, {config_change, 3}],
Chunk = fun(File, Id) -> case beam_lib:chunks(File, [Id]) of {ok, {_, [{Id, C}]}} -> C; _ -> none end end,
%% Of loaded code; of a module that nobody has loaded (its .app file does not name it), or that its application made, what its file says.
Info = fun(M, File, Id, IsOfFile) ->
         case erlang:module_loaded(M) andalso not IsOfFile of
           true -> M:module_info(Id);
           false -> case Chunk(File, Id) of none -> []; C -> C end
         end
       end,
Records = fun(File) ->
            case Chunk(File, abstract_code) of
              {raw_abstract_v1, Forms} ->
                FieldName = fun NameOf({typed_record_field, F, _}) -> NameOf(F); NameOf(F) -> {atom, _, N} = element(3, F), N end,
                [{R, [FieldName(F) || F <- Fields]} || {attribute, _, Kind, {R, Fields}} <- Forms, Kind =:= record orelse Kind =:= native_record];
              _ -> none
            end
          end,
%% A module stands in two places where Elixir has consolidated it; what is loaded is the consolidated one.
IsConsolidated = fun(M) -> case code:which(M) of W when is_list(W) -> filename:basename(filename:dirname(W)) =:= "consolidated"; _ -> false end end,
Md5Of = fun(M, File, IsOfFile) ->
          case erlang:module_loaded(M) andalso not IsOfFile(M) of
            true -> M:module_info(md5);
            false -> {ok, {_, Md5}} = beam_lib:md5(File), Md5
          end
        end,
BeamsOf = fun(Dir) -> lists:sort([list_to_binary(filename:basename(F, ".beam")) || F <- filelib:wildcard(Dir ++ "/*.beam")]) end,
Facts = fun(Owner, Dir, Module, Md5, IsOfFile) ->
          File = Dir ++ "/" ++ binary_to_list(Module),
          M = binary_to_atom(Module, utf8),
          Exports = Info(M, File, exports, IsOfFile),
          Attributes = fun(Keys) -> lists:append([V || {K, V} <- Info(M, File, attributes, IsOfFile), lists:member(K, Keys)]) end,
          Calls = case Chunk(File, imports) of none -> []; Imports -> lists:usort([I || {I, _, _} <- Imports]) end,
          Native = case Chunk(File, imports) of none -> false; Imports1 -> lists:member({erlang, load_nif, 2}, Imports1) end
            orelse lists:keymember(on_load, 1, case Chunk(File, attributes) of none -> []; As -> As end),
          io:format("module ~ts ~ts ~ts ~p ~ts ~ts ~ts ~ts~n",
            [Owner, Module, Hex(Md5), Native,
             Names([atom_to_list(B) || B <- Attributes([behaviour, behavior])]),
             Names([atom_to_list(F) ++ "/" ++ integer_to_list(A) || {F, A} <- Decisive, lists:member({F, A}, Exports)]),
             Names([atom_to_list(C) || C <- Calls]),
             case Attributes([vsn]) of [] -> "-"; [Vsn] -> Text(Vsn); Vsn -> Text(Vsn) end]),
          case Records(File) of none -> ok; Rs -> io:format("records ~ts ~ts ~ts~n", [Owner, Module, Text(Rs)]) end
        end,
%% An application whose modules lie in a directory; of one whose code is known no more than that. Whether the files are what is loaded is
%% looked at only where it matters.
Tell = fun(App, Version, Type, Dir) ->
         Digested = fun(IsMadeHere) ->
                      Md5s = [{M, Md5Of(binary_to_atom(M, utf8), Dir ++ "/" ++ binary_to_list(M), fun(X) -> IsConsolidated(X) orelse IsMadeHere(X) end)}
                              || M <- BeamsOf(Dir)],
                      Digest = lists:flatten(Hex(erlang:md5([[M, $\s, Hex(Md5), $\n] || {M, Md5} <- Md5s]))),
                      {Md5s, Digest, lists:member({atom_to_list(App), Digest}, Known), [M || {M, _} <- Md5s, IsMadeHere(binary_to_atom(M, utf8))]}
                    end,
         {Md5s, Digest, IsKnown, Made} = case Digested(IsUnnamed) of {_, _, true, _} = Same -> Same; _ -> Digested(IsMade) end,
         io:format("application ~ts ~ts ~ts ~ts~n", [App, Version, Type, Digest]),
         [io:format("made ~ts ~ts~n", [App, M]) || M <- Made],
         case IsKnown of
           true -> ok;
           false ->
             {ok, [Resource]} = file:consult(Dir ++ "/" ++ atom_to_list(App) ++ ".app"),
             io:format("resource ~ts ~ts~n", [App, Text(Resource)]),
             case file:consult(Dir ++ "/" ++ atom_to_list(App) ++ ".appup") of
               {ok, [Appup]} -> io:format("appup ~ts ~ts~n", [App, Text(Appup)]);
               _ -> ok
             end,
             [Facts(atom_to_list(App), Dir, M, Md5, lists:member(M, Made)) || {M, Md5} <- Md5s]
         end
       end,
END_OF_ERLANG
}

erl_awake() {
  cat <<'END_OF_ERLANG'
%% How far a node is that can be asked: `starting` while its boot script starts applications, for until then what it has of its own
%% can't be told from what it lacks; then `booted`, and `awake` when what its arguments have it evaluate is evaluated, too, which may
%% never be. One that is stopping is neither.
io:format("~s", [case init:get_status() of {started, _} -> awake; {starting, started} -> booted; _ -> starting end]).
END_OF_ERLANG
}

erl_embed() {
  cat <<'END_OF_ERLANG'
%% Embeds an application. Prints `embedded`; or `refused` or `failed`, and why in words.
%% Bound before: App, Dir, Release, Config, EnvFile, Timeout (ms), IsReturn: what its node brings back at its start leaves alone what an
%% op has put there meanwhile.
Begin = fun() ->
          Parts = PartsOf(Dir, []),
          Env = EnvIn(EnvFile),
          Taken = [E || {taken, _, E} <- Parts],
          [throw({clash, M, F}) || E <- Taken, M <- ModulesIn(E), F <- [code:is_loaded(M)], F =/= false],
          %% Before any effect: what is half done can then be taken back.
          State = #{release => Release, config => Config, dir => Dir, parts => Parts, since => os:system_time(second),
                    base => [], keys => [K || {K, _} <- Env]},
          persistent_term:put({beamline, App}, State),
          [true = code:add_pathz(E) || E <- Taken],
          case Load([M || {_, _, E} <- Parts, M <- ModulesIn(E)]) of [] -> ok; Bad -> throw({not_loaded, Bad}) end,
          [case application:load(A) of ok -> ok; {error, {already_loaded, A}} -> ok; {error, Why} -> throw({start, A, Why}) end || {_, A, _} <- Parts],
          case [P || {K, _} = P <- application:get_all_env(App), K =/= included_applications] of
            [] -> ok;
            Base -> persistent_term:put({beamline, App}, State#{base := Base})
          end,
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          {Starter, Ref} = spawn_monitor(fun() -> exit({answer, application:ensure_all_started(App, temporary)}) end),
          receive
            {'DOWN', Ref, process, Starter, {answer, {ok, _}}} -> ok;
            {'DOWN', Ref, process, Starter, {answer, {error, {A, Why}}}} -> throw({start, A, Why});
            {'DOWN', Ref, process, Starter, Why} -> throw({start, App, Why})
          after Timeout ->
            exit(Starter, kill),
            KillStarting([A || {_, A, _} <- Parts]),
            throw({timeout, Timeout})
          end
        end,
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config} = Is, true} when not is_map_key(changing, Is) -> ok;
            {#{}, _} when IsReturn -> ok;
            {Before, _} -> Unembed(Before), Begin()
          end,
          io:format("embedded~n")
        catch
          Class:Thrown ->
            Failed(case Class of throw -> Thrown; _ -> {Class, Thrown} end),
            Unembed(Embedded(App))
        end
      end).
END_OF_ERLANG
}

erl_embed_env() {
  cat <<'END_OF_ERLANG'
%% Gives an embedded application another environment while it runs, and tells it what changed (config_change/3). Prints
%% `reconfigured`, or `failed` and why in words. Bound before: App, Config, EnvFile.
Alone(fun() ->
        try
          Env = EnvIn(EnvFile),
          #{base := Base, keys := Keys} = State = Embedded(App),
          Wanted = [K || {K, _} <- Env],
          EnvBefore = application_controller:prep_config_change(),
          %% Those of before, too, so that who goes back takes away what was new.
          persistent_term:put({beamline, App}, State#{config := Config, keys := lists:usort(Keys ++ Wanted)}),
          [case lists:keyfind(K, 1, Base) of
             {K, V} -> application:set_env(App, K, V);
             false -> application:unset_env(App, K)
           end || K <- Keys, not lists:member(K, Wanted)],
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          case application_controller:config_change(EnvBefore) of
            ok -> io:format("reconfigured~n");
            {error, NotTold} -> Failed({config_change, NotTold})
          end
        catch
          _:Thrown -> Failed(Thrown)
        end
      end).
END_OF_ERLANG
}

erl_embed_hot() {
  cat <<'END_OF_ERLANG'
%% Has an embedded application become another version while it runs. Prints `upgraded MICROSECONDS`; or `refused` where nothing has
%% changed, else `failed`; and why in words, and why as a term.
%% Bound before: App, Dir, Release, Config, EnvFile, From (the release that it is), Up, Suspended, Supervisors, Timeout (ms).
Refused = fun(Why) ->
            IsAsItWas = case Embedded(App) of #{release := From} = Still -> not is_map_key(changing, Still); _ -> false end,
            io:format("~s~n~ts~n~ts~n", [case IsAsItWas of true -> refused; false -> failed end, InWords(Why), Brief(Why, 500)])
          end,
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config} = Is, true} when not is_map_key(changing, Is) -> io:format("upgraded 0~n");
            {#{release := From, parts := Old} = Was, true} when not is_map_key(changing, Was) ->
              Files = Brought(Dir),
              New = [case Part of
                       {taken, A, _} when is_map_key(A, Files) -> {taken, A, filename:dirname(map_get(A, Files))};
                       {taken, A, _} -> throw({no_such_file, atom_to_list(A) ++ ".app"});
                       _ -> Part
                     end || Part <- Old],
              To = Was#{release := Release, config := Config, dir := Dir, parts := New, before => maps:remove(before, Was)},
              Took = Change(Was, To, EnvIn(EnvFile), {Up, Suspended, Supervisors, Timeout}),
              io:format("upgraded ~b~n", [Took]);
            {#{release := Another}, true} -> throw({runs, Another});
            _ -> throw({runs, "nothing"})
          end
        catch
          throw:Thrown -> Refused(Thrown);
          _:Crashed -> Refused(Crashed)
        end
      end).
END_OF_ERLANG
}

erl_embeddable() {
  cat <<'END_OF_ERLANG'
%% Whether an application could be embedded here. Prints `fits`; or `refused` or `failed`, and why in words.
%% Bound before: App, Dir. Changes nothing.
try
  %% Where one of ours is in the way it goes first, and with it all that it has brought.
  Going = case Embedded(App) of #{parts := Old} -> Old; none -> [] end,
  IsOurs = IsOf([E || {taken, _, E} <- Going]),
  Modules = [{M, E ++ "/" ++ atom_to_list(M)} || {taken, _, E} <- PartsOf(Dir, Going), M <- ModulesIn(E)],
  [throw({clash, M, F}) || {M, _} <- Modules, F <- [code:which(M)], F =/= non_existing, not (is_list(F) andalso IsOurs(M, F))],
  %% Code of a newer OTP, or none at all.
  Loadable = [begin {ok, Beam} = file:read_file(F ++ ".beam"), {M, F ++ ".beam", Beam} end || {M, F} <- Modules],
  case code:prepare_loading(Loadable) of
    {ok, _} -> ok;
    {error, Reasons} ->
      case [R || {_, Why} = R <- Reasons, Why =/= on_load_not_allowed] of [] -> ok; Bad -> throw({not_loaded, Bad}) end
  end,
  io:format("fits~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
END_OF_ERLANG
}

erl_embedded() {
  cat <<'END_OF_ERLANG'
%% What every expression about embedded applications shares. An embedded application brings along those that its node lacks; what
%% it is, is kept in the node itself, for a restart of the node takes both away: {beamline, App} → a map.
%% Bound before: App, and what made_code binds. An expression of its own follows.
Embedded = fun(A) -> persistent_term:get({beamline, A}, none) end,
Others = fun() -> [{B, S} || {{beamline, B}, S} <- persistent_term:get(), B =/= App] end,
%% One at a time: a node that starts, and an op, may both be at it.
Alone = fun(Do) -> global:trans({beamline, self()}, Do, [node()]) end,
IsRunning = fun(A) -> lists:keymember(A, 1, application:which_applications()) end,
KeysIn = fun(File) -> {ok, [{application, _, K}]} = file:consult(File), K end,
FileOf = fun(A) -> case code:where_is_file(atom_to_list(A) ++ ".app") of non_existing -> none; F -> F end end,
Brought = fun(Dir) -> maps:from_list([{list_to_atom(filename:basename(F, ".app")), F} || F <- filelib:wildcard(Dir ++ "/lib/*/ebin/*.app")]) end,
NeedsOf = fun(A) ->
            case {application:get_key(A, applications), application:get_key(A, included_applications)} of
              {{ok, Apps}, {ok, Included}} -> Apps ++ Included;
              _ -> []
            end
          end,
ModulesIn = fun(Ebin) -> [list_to_atom(filename:basename(F, ".beam")) || F <- filelib:wildcard(Ebin ++ "/*.beam")] end,
%% What must be there for an application, itself last, in the order in which it starts: {taken, A, Ebin} of what is brought
%% along; of what the node has and does not run {own, A, Ebin}, or {loaded, A, Ebin}. Going are the parts that will have left by then:
%% what the node has of its own is there still.
PartsOf = fun(Dir, Going) ->
            Runs = fun(A) -> IsRunning(A) andalso not lists:keymember(A, 2, Going) end,
            Has = fun(A) -> case lists:keyfind(A, 2, Going) of {taken, _, _} -> none; _ -> FileOf(A) end end,
            Files = Brought(Dir),
            Visit = fun Visit(A, Parts) ->
                      case lists:keymember(A, 2, Parts) orelse Runs(A) of
                        true -> Parts;
                        false ->
                          {Kind, File} = case {Has(A), Files} of
                                           {none, #{A := F}} -> {taken, F};
                                           {none, _} -> {missing, none};
                                           {F, _} when A =/= App -> {case application:get_key(A, vsn) of {ok, _} -> loaded; _ -> own end, F};
                                           {F, _} -> throw({has, A, F})
                                         end,
                          Kind =/= missing orelse throw({missing, A}),
                          Keys = KeysIn(File),
                          Optional = proplists:get_value(optional_applications, Keys, []),
                          Needed = [N || N <- proplists:get_value(applications, Keys, []) ++ proplists:get_value(included_applications, Keys, []),
                                         not lists:member(N, Optional) orelse Has(N) =/= none orelse maps:is_key(N, Files)],
                          lists:foldl(Visit, Parts, Needed) ++ [{Kind, A, filename:dirname(File)}]
                      end
                    end,
            not Runs(App) orelse throw({has, App, FileOf(App)}),
            Visit(App, [])
          end,
%% Nodes of releases load no code by themselves (-mode embedded), and what acts when it is loaded (-on_load) only by its name.
%% Answers those that do not load, and why.
Load = fun(Modules) ->
         case code:ensure_modules_loaded(Modules) of
           ok -> [];
           {error, Bad} -> [{M, Why} || {M, _} <- Bad, code:is_loaded(M) =:= false, {error, Why} <- [code:load_file(M)]]
         end
       end,
%% A master is the leader of its own processes, and of itself.
KillLed = fun(Master) -> [exit(P, kill) || P <- processes(), P =/= Master, process_info(P, group_leader) =:= {group_leader, Master}] end,
%% The controller hears of what has ended by a signal.
Await = fun(Condition) -> lists:any(fun(_) -> Condition() orelse begin timer:sleep(10), false end end, lists:seq(1, 500)) end,
%% In order, but not for ever: what hangs in its shutdown is killed.
Stop = fun(A) ->
         {Stopper, StopRef} = spawn_monitor(fun() -> application:stop(A) end),
         receive {'DOWN', StopRef, process, Stopper, _} -> ok
         after 30000 ->
           exit(Stopper, kill),
           case application_controller:get_master(A) of
             Master when is_pid(Master) -> KillLed(Master), exit(Master, kill);
             _ -> ok
           end,
           Await(fun() -> not IsRunning(A) end)
         end
       end,
IsMaster = fun(L) -> case proc_lib:translate_initial_call(L) of {application_master, init, _} -> true; _ -> false end end,
%% One whose start hangs has a master that the controller does not know yet. That one lives on to tell the controller of it: else the
%% application is said to be starting for ever. Where other applications of the node are starting, too, ours is left as it is.
KillStarting = fun(Apps) ->
                 Masters = [application_controller:get_master(A) || {A, _, _} <- application:which_applications()],
                 Starting = fun() -> [A || {A, _, _, _} <- proplists:get_value(starting, application:info(), [])] end,
                 case Starting() -- Apps of
                   [] ->
                     Leaders = lists:usort([L || P <- processes(), {group_leader, L} <- [process_info(P, group_leader)], node(L) =:= node(),
                                                 not lists:member(L, Masters), IsMaster(L)]),
                     [KillLed(L) || L <- Leaders],
                     Await(fun() -> Starting() -- Apps =:= Starting() end);
                   _ -> ok
                 end
               end,
%% Whether a module's code is of these directories. What was handed over, or is the same in a later version, was loaded from where
%% it was before, which is in the code path no more; what an application made was loaded from nowhere.
IsOf = fun(Ebins) ->
         {Names, Paths} = {lists:append([ModulesIn(E) || E <- Ebins]), code:get_path()},
         fun(M, File) ->
           In = filename:dirname(File),
           lists:member(In, Ebins) orelse lists:member(M, Names) andalso (not lists:member(In, Paths) orelse IsMade(M))
         end
       end,
Unload = fun(Ebin) ->
           code:del_path(Ebin),
           IsIts = IsOf([Ebin]),
           [begin code:purge(M), code:delete(M), code:purge(M) end || {M, F} <- code:all_loaded(), is_list(F), IsIts(M, F)]
         end,
IsNeeded = fun(A) -> lists:any(fun({B, _, _}) -> B =/= A andalso lists:member(A, NeedsOf(B)) end, application:loaded_applications()) end,
%% What an app leaves that others need is from then on theirs, from their own release where that has the same.
HandOver = fun({taken, A, Ebin} = Part) ->
             Reaches = fun Reaches(B) -> B =:= A orelse lists:any(Reaches, NeedsOf(B)) end,
             case [X || {B, _} = X <- Others(), Reaches(B)] of
               [{B, #{dir := Dir, parts := Parts} = State} | _] ->
                 Same = filename:join([Dir, "lib", filename:basename(filename:dirname(Ebin)), "ebin"]),
                 Kept = case filelib:is_dir(Same) of
                          true -> code:add_pathz(Same), code:del_path(Ebin), {taken, A, Same};
                          false -> Part
                        end,
                 persistent_term:put({beamline, B}, State#{parts := [Kept | Parts]});
               [] -> ok
             end;
           (_) -> ok
           end,
Unembed = fun(#{parts := Parts}) ->
            lists:foreach(fun({Kind, A, Ebin} = Part) ->
                            case A =/= App andalso IsNeeded(A) of
                              true -> HandOver(Part);
                              false ->
                                Stop(A),
                                Kind =:= loaded orelse application:unload(A),
                                case Kind of taken -> Unload(Ebin); _ -> ok end
                            end
                          end, lists:reverse(Parts)),
            persistent_term:erase({beamline, App});
          (none) -> ok
          end,
%% What an env.config says of the application.
EnvIn = fun(EnvFile) -> {ok, [Conf]} = file:consult(EnvFile), proplists:get_value(App, Conf, []) end,
END_OF_ERLANG
}

erl_embedded_hot() {
  cat <<'END_OF_ERLANG'
%% How an embedded application becomes another version while it runs, and how it goes back. Before the script of instructions its
%% state in the node says `changing`: then only a restart leads on. Behind it the state is the new one, with what was `before`.
%% Bound before: App, and what embedded, hot_processes and hot_words bind.
%% {A, Version, Directory} of what came along, as release_handler has it.
LibsOf = fun(Of) -> [{A, proplists:get_value(vsn, KeysIn(E ++ "/" ++ atom_to_list(A) ++ ".app")), filename:dirname(E)} || {taken, A, E} <- Of] end,
Over = fun(One, Two) -> lists:foldl(fun({K, _} = P, Acc) -> lists:keystore(K, 1, Acc, P) end, One, Two) end,
%% The configuration that the node has of all its applications. It goes into each one that is loaded from now on, and who changes
%% an application's data says it anew (release_handler:upgrade_app/2, which does not know it, has it forgotten).
NodeConfig = fun() ->
               case lists:last(tuple_to_list(sys:get_state(application_controller))) of
                 C when is_list(C) -> [P || {_, _} = P <- C];
                 _ -> throw({refused, no_configuration})
               end
             end,
%% Modules whose loaded code is not what their file has, and was not made while they ran.
OtherCode = fun(Of) ->
              Beams = [{M, E ++ "/" ++ atom_to_list(M)} || {taken, _, E} <- Of, M <- ModulesIn(E)],
              _ = Load([M || {M, _} <- Beams]),
              [M || {M, F} <- Beams, {ok, {_, Md5}} <- [beam_lib:md5(F)],
                    not (erlang:module_loaded(M) andalso M:module_info(md5) =:= Md5), not IsMade(M)]
            end,
%% Gives applications that have another .app file, and App an environment; Base is what that is without us. What was set in them while
%% they ran stays, but for what their files say anew, and for what is the spec's (Owned).
Renew = fun(Was, Is, Env, Settings, Owned) ->
          Keys = fun(E, A) -> KeysIn(E ++ "/" ++ atom_to_list(A) ++ ".app") end,
          Before = [{A, Keys(E, A)} || {taken, A, E} <- Was],
          [Own] = [Keys(E, A) || {taken, A, E} <- Is, A =:= App],
          Filed = fun(A, AppKeys) -> Over(proplists:get_value(env, AppKeys, []), proplists:get_value(A, Settings, [])) end,
          Base = Filed(App, Own),
          Set = [{A, K, V} || {A, KeysBefore} <- Before, {taken, B, E} <- Is, A =:= B,
                              Old <- [Filed(A, KeysBefore)], New <- [Filed(A, Keys(E, A))],
                              {K, V} = P <- application:get_all_env(A), K =/= included_applications,
                              not (A =:= App andalso lists:member(K, Owned)),
                              not lists:member(P, Old), lists:keyfind(K, 1, Old) =:= lists:keyfind(K, 1, New)],
          Specs = [{application, App, lists:keystore(env, 1, Own, {env, Over(Base, Env)})}] ++
                  [{application, A, Keys(E, A)} || {taken, A, E} <- Is, A =/= App, not lists:member({A, Keys(E, A)}, Before)],
          ok = application_controller:change_application_data(Specs, Settings),
          _ = [ok = application:set_env(A, K, V) || {A, K, V} <- Set],
          %% What the node's configuration says of it has won.
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          Base
        end,
%% From one state to another, in which base and keys are filled in. Answers how long the script took, in µs.
Change = fun(#{parts := Old, keys := Owned} = From, #{parts := New} = To, Env, {Script, Suspended, Supervisors, Timeout}) ->
           ok = code:ensure_modules_loaded([release_handler_1]),
           Libs = LibsOf(New),
           Settings = NodeConfig(),
           Suspendable(Suspended, Timeout),
           Had = Families(Supervisors),
           Watcher = Watch(Suspended),
           EnvBefore = application_controller:prep_config_change(),
           %% Whoever takes it out of the node in the middle takes out both.
           persistent_term:put({beamline, App}, From#{changing => true, parts := [P || P <- New, not lists:member(P, Old)] ++ Old}),
           Start = erlang:monotonic_time(microsecond),
           case release_handler_1:eval_script(Script, [], Libs, Libs, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
             {ok, _} -> ok;
             %% Before its point of no return.
             {error, Why} -> persistent_term:put({beamline, App}, From), throw(Refusal(Why));
             {'EXIT', {Kind, Why}} when Kind =:= error; Kind =:= 'EXIT' -> throw(Stuck(Why, Waited(Watcher)));
             {'EXIT', Why} -> throw(Stuck(Why, Waited(Watcher)));
             Other -> throw({refused, Other})
           end,
           Took = erlang:monotonic_time(microsecond) - Start,
           _ = [code:del_path(E) || {taken, _, E} = P <- Old, not lists:member(P, New)],
           _ = [true = code:add_pathz(E) || {taken, _, E} <- New, not lists:member(E, code:get_path())],
           Base = Renew(Old, New, Env, Settings, Owned),
           persistent_term:put({beamline, App}, To#{base => Base, keys => [K || {K, _} <- Env]}),
           Told(EnvBefore),
           Settle(Had),
           case OtherCode(New) of [] -> Took; Others1 -> throw({other_code, Others1}) end
         end,
END_OF_ERLANG
}

erl_embedded_words() {
  cat <<'END_OF_ERLANG'
%% Why an application can't be embedded, in words.
InWords = fun({has, A, F}) -> io_lib:format("the node has an application ~p of its own (~ts)", [A, F]);
             ({missing, A}) -> io_lib:format("it needs the application ~p, which neither the node nor the release has", [A]);
             ({clash, M, F}) -> io_lib:format("the node has a module ~p of its own (~0p)", [M, F]);
             ({not_loaded, Modules}) -> io_lib:format("code does not load: ~0p", [lists:sublist(Modules, 3)]);
             ({start, A, Reason}) -> io_lib:format("application ~p: ~0P", [A, Reason, 30]);
             ({timeout, Ms}) -> io_lib:format("application ~p has not started within ~b ms", [App, Ms]);
             (Other) -> io_lib:format("~0P", [Other, 30])
          end,
IsRefusal = fun(Why) -> is_tuple(Why) andalso lists:member(element(1, Why), [has, missing, clash]) end,
Failed = fun(Why) -> io:format("~s~n~ts~n", [case IsRefusal(Why) of true -> refused; false -> failed end, InWords(Why)]) end,
END_OF_ERLANG
}

erl_hot_back() {
  cat <<'END_OF_ERLANG'
%% Has the node be what it was. Prints `back`, and `anew` where it has booted for that; `booting` where it is to be asked again; or
%% `failed`, why in words, and why as a term.
%% Bound before: Op, To ({Label, Root, Version, EnvFile}), Left (the label of what it is not to be), Supervisors (whose children come
%% and go), IsBetween (whether it goes on from there, and is to boot as before), Timeout (ms).
{BackLabel, _, _, _} = To,
Sasl = whereis(release_handler),
Living = fun(App, {Key, _} = Pair) ->
           case IsWritable(Pair) of
             true -> [Pair];
             false -> case application:get_env(App, Key) of {ok, V} -> [{Key, V}]; undefined -> [] end
           end
         end,
try
  %% After a failure that it could not mend release_handler has the VM boot anew; until it is there itself nothing can be said.
  case init:get_status() of {started, _} when is_pid(Sasl) -> ok; Boot -> throw({booting, Boot}) end,
  %% What the op found. Where it has left nothing, it has changed nothing.
  {Was, IsAnew} = case Consult(RelDir ++ "/" ++ BackLabel ++ "/back") of
                    {Op, Found, Lived} -> {Unpacked(Found), Lived =/= Life()};
                    _ -> {none, false}
                  end,
  Ran = Runs(),
  IsUntouched = Was =:= none andalso Ran =:= BackLabel,
  case Ran of
    _ when IsUntouched -> ok;
    BackLabel ->
      %% It came back by itself. What was half done to its environment is mended; a pid of before it booted is nobody's.
      Mended = case IsAnew of true -> [{App, lists:append([Living(App, P) || P <- Env])} || {App, Env} <- Was]; false -> Was end,
      Refresh(To, Mended, case Left of BackLabel -> [list_to_atom(Name)]; _ -> all end);
    Left ->
      Before = Families(Supervisors),
      case release_handler:install_release(BackLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Consolidate(To),
          Settle(Before);
        {error, Refused} -> throw(Refusal(Refused))
      end;
    Another -> throw({runs, Another})
  end,
  IsUntouched orelse IsBetween orelse begin
    Was =:= none orelse WriteConfig(To, Was, false),
    BootsAnew(BackLabel),
    Become(To)
  end,
  io:format("back~s~n", [case IsAnew of true -> " anew"; false -> "" end])
catch
  throw:{booting, _} -> io:format("booting~n");
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
END_OF_ERLANG
}

erl_hot_config() {
  cat <<'END_OF_ERLANG'
%% Gives the running release another environment. Prints `reconfigured`, or `failed`, why in words, and why as a term.
%% Bound before: Op, From and To ({Label, Root, Version, EnvFile}), of one release.
try
  {ConfigLabel, _, _, _} = To,
  Runs() =:= ConfigLabel orelse throw({runs, Runs()}),
  WasConfig = Booted(From),
  Began(From, Kept(WasConfig, From)),
  Config = Kept(WasConfig, To),
  %% For hot_permanent: until then it boots with what it had.
  Write(RelDir ++ "/next", Terms({Op, ConfigLabel, Packed(Config)})),
  Refresh(To, Config, [list_to_atom(Name)]),
  io:format("reconfigured~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
END_OF_ERLANG
}

erl_hot_install() {
  cat <<'END_OF_ERLANG'
%% Has the node become another release. Prints `installed MICROSECONDS`, or `failed`, why in words, and why as a term.
%% Bound before: Op, From and To ({Label, Root, Version, EnvFile}), Up, Down (none where there is no way back), Suspended (modules whose
%% processes the script suspends), Supervisors (whose children come and go), Timeout (ms).
{FromLabel, _, _, _} = From,
{ToLabel, _, _, _} = To,
try
  case Runs() of
    ToLabel -> io:format("installed 0~n");
    FromLabel ->
      WasConfig = Booted(From),
      Was = Kept(WasConfig, From),
      _ = Prepare(From, Was),
      %% On the way back release_handler would rather take what once led up from there to this one (sasl, release_handler: the target's
      %% relup first). What leads back from this one to another stays.
      FromRelup = RelDir ++ "/" ++ FromLabel ++ "/relup",
      LedUp = case file:consult(FromRelup) of
                {ok, [{FromLabel, Ups, _}]} -> lists:keymember(ToLabel, 1, Ups);
                _ -> true
              end,
      _ = [file:delete(FromRelup) || LedUp],
      LibDirs = Prepare(To, Kept(WasConfig, To)),
      Write(RelDir ++ "/" ++ ToLabel ++ "/relup", Terms({ToLabel, [{FromLabel, [], Up}], [{FromLabel, [], Down} || Down =/= none]})),
      %% Of an earlier try.
      case Status(ToLabel) of
        %% Somebody made another one current by hand.
        permanent -> ok;
        Tried ->
          Tried =:= none orelse (ok = release_handler:set_removed(ToLabel)),
          {ok, ToLabel} = release_handler:set_unpacked(RelDir ++ "/" ++ ToLabel ++ "/" ++ Name ++ ".rel", LibDirs)
      end,
      case release_handler:check_install_release(ToLabel) of
        {ok, _, _} -> ok;
        {error, CheckedOut} -> throw(Refusal(CheckedOut))
      end,
      Suspendable(Suspended, Timeout),
      Before = Families(Supervisors),
      Watcher = Watch(Suspended),
      Began(From, Was),
      Start = erlang:monotonic_time(microsecond),
      case release_handler:install_release(ToLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Took = erlang:monotonic_time(microsecond) - Start,
          Goes(),
          Consolidate(To),
          Settle(Before),
          io:format("installed ~b~n", [Took]);
        {error, Refused} -> throw(Stuck(Refused, Waited(Watcher)))
      end;
    Another -> throw({runs, Another})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
END_OF_ERLANG
}

erl_hot_permanent() {
  cat <<'END_OF_ERLANG'
%% From here on the node is this after init:restart/0, too. Bound before: Op, To ({Label, Root, Version, EnvFile}).
{KeptLabel, _, _, _} = To,
try
  Runs() =:= KeptLabel orelse throw({runs, Runs()}),
  case Consult(RelDir ++ "/next") of
    {Op, KeptLabel, Next} -> WriteConfig(To, Unpacked(Next), false);
    _ -> ok
  end,
  BootsAnew(KeptLabel),
  Become(To),
  io:format("permanent~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
END_OF_ERLANG
}

erl_hot_processes() {
  cat <<'END_OF_ERLANG'
%% Processes that change their code: which of them can be suspended, which children come and go with it, what they are told. What
%% changes a node of its own (release_files) and what changes an embedded application share it.
%% Those that can't be suspended: release_handler goes on without them, and their state would not be changed.
Suspendable = fun(Suspended, Timeout) ->
                AskBy = erlang:monotonic_time(millisecond) + 4 * Timeout,
                lists:foreach(fun({_, _, Pid, Modules}) ->
                                erlang:monotonic_time(millisecond) < AskBy orelse throw({slow, 4 * Timeout}),
                                case is_list(Modules) andalso [M || M <- Modules, lists:member(M, Suspended)] of
                                  [M | _] ->
                                    try sys:suspend(Pid, Timeout), sys:resume(Pid, Timeout)
                                    catch _:_ -> catch sys:resume(Pid, 0), case is_process_alive(Pid) of true -> throw({busy, Pid, M}); false -> ok end
                                    end;
                                  _ -> ok
                                end
                              end, release_handler_1:get_supervised_procs())
              end,
%% The children that a supervisor's init/1 names. OTP asks it, too, when a supervisor's code has changed, and in the supervisor's own
%% process, so that it can tell others who it is; module and arguments stand side by side in its state. Of what is no supervisor(3), or
%% names none, nothing is known.
Named = fun(Pid, M) ->
          {Asker, Tag} = {self(), make_ref()},
          Ask = fun(State) ->
                  Asker ! {Tag, try
                                  [M, Args | _] = lists:dropwhile(fun(X) -> X =/= M end, tuple_to_list(State)),
                                  {ok, {_, Specs}} = M:init(Args),
                                  [case Spec of #{id := Id} -> Id; _ -> element(1, Spec) end || Spec <- Specs]
                                catch _:_ -> unknown
                                end},
                  State
                end,
          _ = (catch sys:replace_state(Pid, Ask)),
          receive {Tag, Ids} -> Ids after 0 -> unknown end
        end,
Families = fun(Modules) ->
             [{Pid, M, [Id || {Id, _, _, _} <- supervisor:which_children(Pid)], Named(Pid, M)}
              || {_, _, Pid, Ms} <- release_handler_1:get_supervised_procs(), is_list(Ms), M <- Ms, lists:member(M, Modules)]
           end,
%% While a script runs: who of these modules' processes waits, as it changes its code, for another that stands still meanwhile. The answer
%% is what was seen first; it ends when it has told that, or with its owner. Of many processes some are looked at, for a look takes time.
IsInSys = fun(Pid, Functions) ->
            case process_info(Pid, current_stacktrace) of
              {_, Stack} -> lists:any(fun({sys, F, _, _}) -> lists:member(F, Functions); (_) -> false end, Stack);
              undefined -> false
            end
          end,
Watch = fun(Modules) ->
          All = [P || {_, _, P, Ms} <- release_handler_1:get_supervised_procs(), is_list(Ms), lists:any(fun(M) -> lists:member(M, Modules) end, Ms)],
          Pids = lists:sublist(All, 1000),
          Owner = self(),
          spawn(fun() ->
                  Ended = monitor(process, Owner),
                  (fun Look() ->
                     Seen = [{P, Called} || P <- Pids, IsInSys(P, [do_change_code]), {monitors, Calls} <- [process_info(P, monitors)],
                                            {process, Called} <- Calls, is_pid(Called), node(Called) =:= node(),
                                            IsInSys(Called, [suspend_loop, suspend_loop_hib])],
                     receive
                       tell -> Owner ! {self(), Seen};
                       {'DOWN', Ended, process, Owner, _} -> ok
                     after case Seen of [] -> 100; _ -> infinity end -> Look()
                     end
                   end)()
                end)
        end,
Waited = fun(Watcher) -> Watcher ! tell, receive {Watcher, Waits} -> Waits after 1000 -> [] end end,
%% A supervisor that has changed its code has specifications of new children, which it does not start, and of former ones, which
%% go on (stdlib, supervisor(3)). Children that were added while it ran are left alone: neither version names them.
Settle = fun(Before) ->
           lists:foreach(
             fun({Pid, M, Had, Were}) ->
               Are = Named(Pid, M),
               _ = [{supervisor:terminate_child(Pid, Id), supervisor:delete_child(Pid, Id)}
                    || is_list(Were), is_list(Are), Id <- lists:reverse(Were -- Are)],
               Idle = [Id || {Id, undefined, _, _} <- supervisor:which_children(Pid), not lists:member(Id, Had)],
               lists:foreach(fun(Id) ->
                               case supervisor:restart_child(Pid, Id) of
                                 {error, NotStarted} -> throw({child, M, Id, NotStarted});
                                 _ -> ok
                               end
                             end, case Are of unknown -> Idle; _ -> [Id || Id <- Are, lists:member(Id, Idle)] end)
             end, Before)
         end,
%% Tells applications what has changed in their environments (config_change/3).
Told = fun(EnvBefore) ->
         case application_controller:config_change(EnvBefore) of
           ok -> ok;
           %% One without a callback module can't be told, which is no failure.
           {error, Untold} ->
             case [E || E <- Untold, not (is_tuple(E) andalso element(1, E) =:= module_not_defined)] of
               [] -> ok;
               Refusals -> throw({config_change, Refusals})
             end
         end
       end,
END_OF_ERLANG
}

erl_hot_words() {
  cat <<'END_OF_ERLANG'
%% Why a hot upgrade failed, in words and as a term.
%% Reasons hold what processes were called with and what they held, which may be long, and may be what nobody is to read: of that only
%% the shape is told. All of it is in the node's own log.
Bare = fun Bare({M, F, Args, Where}) when is_atom(M), is_atom(F), length(Args) >= 0 -> {M, F, length(Args), Where};
           Bare(T) when is_tuple(T) -> list_to_tuple([Bare(E) || E <- tuple_to_list(T)]);
           Bare(T) when is_atom(T); is_pid(T); is_reference(T); is_integer(T), abs(T) < 65536 -> T;
           Bare([H | T]) when is_tuple(H) -> [Bare(H) | Bare(T)];
           Bare([]) -> [];
           Bare(_) -> '_'
       end,
Brief = fun(Term, Size) ->
          Words = lists:flatten(io_lib:format("~0tP", [Bare(Term), 30])),
          %% What is cut ends with a mark: the runner must know where the half of a secret may stand.
          case length(Words) > Size of true -> lists:sublist(Words, Size) ++ "..."; false -> Words end
        end,
InWords = fun InWords({code_change_failed, P, M, _, Reason}) ->
               Cause = case Reason of {'EXIT', {R, Stack}} when is_list(Stack) -> R; {'EXIT', R} -> R; R -> R end,
               io_lib:format("code_change of ~p in ~p failed: ~ts", [M, P, Brief(Cause, 200)]);
             InWords({waited, P, Called, Reason}) ->
               Who = case process_info(Called, registered_name) of {registered_name, N} -> io_lib:format("~p (~p)", [Called, N]); _ -> io_lib:format("~p", [Called]) end,
               [InWords(Reason), io_lib:format("; ~p waited for ~ts, which stood still until ~p would have changed", [P, Who, P])];
             InWords({old_processes, M}) -> io_lib:format("processes still run old code of ~p", [M]);
             InWords({no_matching_relup, T, F}) -> io_lib:format("no instructions lead from ~ts to ~ts", [F, T]);
             InWords({busy, P, M}) -> io_lib:format("~p, a process of ~p, can't be suspended: it does not answer", [P, M]);
             InWords({slow, Ms}) -> io_lib:format("its processes were not all asked whether they can be suspended within ~b ms", [Ms]);
             InWords(cancelled) -> "it was taken back before it began";
             InWords({runs, L}) -> io_lib:format("it runs ~ts", [L]);
             InWords({config_change, _}) -> "an application refused what changed in its environment (config_change/3)";
             InWords({child, M, Id, _}) -> io_lib:format("~0p, a new child of ~p, did not start", [Id, M]);
             InWords({other_code, Ms}) -> ["other code is loaded than the release has, of ", lists:join(" ", [atom_to_list(M) || M <- Ms])];
             InWords({unreadable, F, _}) -> io_lib:format("~ts can't be read", [F]);
             InWords({no_such_file, F}) -> io_lib:format("~ts is not there", [F]);
             InWords({refused, Reason}) -> ["release_handler refused it: ", Brief(Reason, 200)];
             InWords(Reason) -> ["it went wrong in the node: ", Brief(Reason, 200)]
          end,
Failed = fun(Why) -> io:format("failed~n~ts~n~ts~n", [InWords(Why), Brief(Why, 500)]) end,
%% A reason of release_handler's own.
Refusal = fun(Reason) ->
            Known = [code_change_failed, old_processes, no_matching_relup, no_such_file],
            case is_tuple(Reason) andalso lists:member(element(1, Reason), Known) of true -> Reason; false -> {refused, Reason} end
          end,
%% The same, and who waited for whom.
Stuck = fun(Reason, Waits) -> case Waits of [{P, Called} | _] -> {waited, P, Called, Refusal(Reason)}; [] -> Refusal(Reason) end end,
END_OF_ERLANG
}

erl_inspect() {
  cat <<'END_OF_ERLANG'
%% What the running release is made of, for whoever plans a hot upgrade: a line a fact, as src/host/inspection.ts reads it.
%% Bound before: Known ([{Application, Digest}]: of those whose code has that digest nothing more is said), Place (where its
%% releases lie).
Releases = release_handler:which_releases(),
[{ReleaseName, Label, _, _} | _] = [R || {_, _, _, current} = R <- Releases] ++ [R || {_, _, _, permanent} = R <- Releases],
io:format("release ~ts ~ts ~ts~n", [ReleaseName, Label, erlang:system_info(version)]),
%% A release may bring former ones along; it boots the one that start_erl.data names: "13.1.5 1.0.0".
{ok, StartErl} = file:read_file(Place ++ "/" ++ Label ++ "/releases/start_erl.data"),
[_, Booted | _] = string:tokens(binary_to_list(StartErl), " \t\r\n"),
VersionDir = Place ++ "/" ++ Label ++ "/releases/" ++ Booted,
{ok, [{release, _, _, Libs}]} = file:consult(VersionDir ++ "/" ++ ReleaseName ++ ".rel"),
case file:consult(VersionDir ++ "/relup") of
  {ok, [Relup]} -> io:format("relup ~ts~n", [Text(Relup)]);
  _ -> ok
end,
%% Some are in a release and not loaded (start type none).
Loaded = application:loaded_applications(),
Lies = fun(App, Version) ->
         case code:lib_dir(App, ebin) of
           {error, bad_name} -> Place ++ "/" ++ Label ++ "/lib/" ++ atom_to_list(App) ++ "-" ++ Version ++ "/ebin";
           Ebin -> Ebin
         end
       end,
lists:foreach(
  fun(Lib) ->
    App = element(1, Lib),
    Version = case lists:keyfind(App, 1, Loaded) of {_, _, V} -> V; false -> element(2, Lib) end,
    Type = hd([T || T <- tl(tuple_to_list(Lib)), is_atom(T)] ++ [permanent]),
    Tell(App, Version, Type, Lies(App, Version))
  end, Libs),
lists:foreach(
  fun(Dir) ->
    [Facts("-", Dir, M, Md5Of(binary_to_atom(M, utf8), Dir ++ "/" ++ binary_to_list(M), fun(_) -> false end), false) || M <- BeamsOf(Dir)]
  end, lists:usort([P || P <- code:get_path(), filename:basename(P) =:= "consolidated"])),
%% All has been said.
io:format("end~n").
END_OF_ERLANG
}

erl_inspect_embedded() {
  cat <<'END_OF_ERLANG'
%% What an embedded application is made of, besides what application_facts says: `shared` are those of its applications that others
%% in its node need, `runs` all that run there, `lies` the directory of each by name. The last line is `end`. Prints nothing where it is not
%% embedded, or an upgrade of it broke off. Bound before: App, Place.
case persistent_term:get({beamline, App}, none) of
  #{release := Label, parts := Parts} = State when not is_map_key(changing, State) ->
    io:format("release ~ts ~ts ~ts~n", [App, Label, erlang:system_info(version)]),
    code:which(release_handler_1) =/= non_existing orelse io:format("lacks sasl~n"),
    Taken = [A || {taken, A, _} <- Parts],
    [io:format("runs ~ts~n", [A]) || {A, _, _} <- application:which_applications()],
    Loaded = application:loaded_applications(),
    NeededBy = fun(B) -> lists:append([L || Key <- [applications, included_applications], {ok, L} <- [application:get_key(B, Key)]]) end,
    Needed = lists:append([NeededBy(B) || {B, _, _} <- Loaded, not lists:member(B, Taken)]),
    [io:format("shared ~ts~n", [A]) || A <- Taken, lists:member(A, Needed)],
    lists:foreach(fun({taken, A, Ebin}) ->
                        {_, _, Version} = lists:keyfind(A, 1, Loaded),
                        io:format("lies ~ts ~ts~n", [A, filename:basename(filename:dirname(Ebin))]),
                        Tell(A, Version, temporary, Ebin);
                     (_) -> ok
                  end, Parts),
    io:format("end~n");
  _ -> ok
end.
END_OF_ERLANG
}

erl_loaded() {
  cat <<'END_OF_ERLANG'
%% Modules whose loaded code is not that of a release, and was not made while it ran: a line each, then `end`.
%% Bound before: Name, Root, Version, and what made_code binds.
Dir = Root ++ "/releases/" ++ Version,
{ok, [{release, _, _, Libs}]} = file:consult(Dir ++ "/" ++ Name ++ ".rel"),
BeamsIn = fun(Ebin) -> [{list_to_atom(filename:basename(F, ".beam")), F} || F <- filelib:wildcard(Ebin ++ "/*.beam")] end,
InPlace = BeamsIn(Dir ++ "/consolidated"),
%% Other versions of an application may lie beside them.
Own = lists:append([BeamsIn(Root ++ "/lib/" ++ atom_to_list(element(1, L)) ++ "-" ++ element(2, L) ++ "/ebin") || L <- Libs]),
_ = [io:format("~p~n", [M]) || {M, F} <- InPlace ++ [X || {M, _} = X <- Own, not lists:keymember(M, 1, InPlace)],
                               erlang:module_loaded(M), {ok, {_, Md5}} <- [beam_lib:md5(F)], M:module_info(md5) =/= Md5, not IsMade(M)],
io:format("end~n").
END_OF_ERLANG
}

erl_made_code() {
  cat <<'END_OF_ERLANG'
%% Code that is in no file: an application compiled it while it ran, and loaded it (code:load_binary/3) by a name that is no file's, or
%% by that of a file which holds other code. Bound before: Place (where releases lie, whose files never change).
LoadedFrom = fun(M) -> case code:is_loaded(M) of {file, F} when is_list(F) -> F; _ -> none end end,
IsUnnamed = fun(M) ->
              case LoadedFrom(M) of none -> false; F -> filename:pathtype(F) =/= absolute orelse filename:extension(F) =/= ".beam" end
            end,
%% It reads that file.
IsMade = fun(M) ->
           IsUnnamed(M) orelse
             case LoadedFrom(M) of
               none -> false;
               F -> lists:prefix(Place ++ "/", F) andalso
                      case beam_lib:md5(F) of {ok, {_, InFile}} -> InFile =/= M:module_info(md5); _ -> false end
             end
         end,
END_OF_ERLANG
}

erl_old_code() {
  cat <<'END_OF_ERLANG'
%% Processes that still run old code of modules, or are in what will be old code twice over: a line each, process, name or first
%% function, module; then `end`.
%% Bound before: Modules, Twice (modules).
Old = [{P, M} || M <- Modules, erlang:check_old_code(M), P <- processes(), erlang:check_process_code(P, M)],
Soon = [{P, M} || Twice =/= [], P <- processes(), {current_stacktrace, Stack} <- [process_info(P, current_stacktrace)],
                  M <- Twice, lists:keymember(M, 1, Stack)],
_ = [case process_info(P, [registered_name, initial_call, dictionary]) of
       [{registered_name, Registered}, {initial_call, Call}, {dictionary, Dictionary}] ->
         {M1, F1, A1} = proplists:get_value('$initial_call', Dictionary, Call),
         io:format("~p ~ts ~p~n", [P, case Registered of [] -> io_lib:format("~p:~p/~p", [M1, F1, A1]); _ -> io_lib:format("~p", [Registered]) end, M]);
       undefined -> ok
     end || {P, M} <- lists:usort(Old ++ Soon)],
io:format("end~n").
END_OF_ERLANG
}

erl_probe() {
  cat <<'END_OF_ERLANG'
%% One look at the node from inside it. Prints five lines: the label of the release that runs (of a VM only where release_handler
%% keeps its files where we put them), its version, the verdict, what was seen, and of an embedded application its configuration
%% and since when it runs.
%% Bound before: what seen_vm or seen_embedded binds, Type, Address (hexadecimal, as in /proc/net/tcp), Port, Path, Status, Body,
%% Timeout.
Ip = case Address of
       "" -> undefined;
       "00000000" -> {127, 0, 0, 1};
       [_, _, _, _, _, _, _, _] ->
         <<D, C, B, A>> = <<(list_to_integer(Address, 16)):32>>, {A, B, C, D};
       "00000000000000000000000000000000" -> {0, 0, 0, 0, 0, 0, 0, 1};
       _ ->
         Words = <<(list_to_integer(Address, 16)):128>>,
         list_to_tuple([W || <<W:16>> <= << <<D6, C6, B6, A6>> || <<A6, B6, C6, D6>> <= Words >>])
     end,
Connect = fun() -> gen_tcp:connect(Ip, Port, [binary, {active, false}, {packet, raw}], Timeout) end,
Receive = fun Receive(S, Acc) when byte_size(Acc) < 65536 ->
                case gen_tcp:recv(S, 0, Timeout) of
                  {ok, More} -> Receive(S, <<Acc/binary, More/binary>>);
                  {error, closed} -> {ok, Acc};
                  {error, Why} when Acc =:= <<>> -> {error, Why};
                  {error, _} -> {ok, Acc}
                end;
              Receive(_, Acc) -> {ok, Acc}
          end,
%% What is cut ends with a mark: the runner must know where the half of a secret may stand.
Words1 = fun(B) ->
           [[case C >= 32 andalso C < 127 of true -> C; false -> $\s end || <<C>> <= binary:part(B, 0, min(200, byte_size(B)))],
            case byte_size(B) > 200 of true -> "..."; false -> "" end]
         end,
{Verdict, Saw} =
  case {Ready, Type} of
    {true, none} ->
      case IsStarted of
        true -> {healthy, WhatRuns};
        false -> {unhealthy, "the application is not started"}
      end;
    {true, tcp} ->
      case Connect() of
        {ok, S} -> gen_tcp:close(S), {healthy, "it accepts connections"};
        {error, Why} -> {unhealthy, io_lib:format("connecting failed: ~p", [Why])}
      end;
    {true, http} ->
      case Connect() of
        {ok, S} ->
          ok = gen_tcp:send(S, ["GET ", Path, " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: beamline\r\nAccept: */*\r\nConnection: close\r\n\r\n"]),
          Answer = Receive(S, <<>>),
          gen_tcp:close(S),
          case Answer of
            {ok, <<"HTTP/1.", _, " ", Code:3/binary, Rest/binary>>} ->
              Content = case binary:split(Rest, <<"\r\n\r\n">>) of [_, Text] -> Text; _ -> <<>> end,
              Has = Body =:= <<>> orelse binary:match(Content, Body) =/= nomatch,
              case {catch binary_to_integer(Code), Has} of
                {Status, true} -> {healthy, io_lib:format("status ~w", [Status])};
                {Status, false} -> {unhealthy, io_lib:format("status ~w, but the body lacks the expected text; it begins: ~s", [Status, Words1(Content)])};
                {Other, _} -> {unhealthy, io_lib:format("status ~p, body: ~s", [Other, Words1(Content)])}
              end;
            {ok, Strange} -> {unhealthy, io_lib:format("no HTTP answer: ~s", [Words1(Strange)])};
            {error, Reason} -> {unhealthy, io_lib:format("no answer: ~p", [Reason])}
          end;
        {error, Why} -> {unhealthy, io_lib:format("connecting failed: ~p", [Why])}
      end;
    {NotYet, _} -> {unhealthy, NotYet}
  end,
io:format("~s~n~s~n~s~n~s~n~s ~b~n", [Label, Version, Verdict, Saw, Config, Since]).
END_OF_ERLANG
}

erl_purge() {
  cat <<'END_OF_ERLANG'
%% Purges what old code of modules there still is, which kills who runs it. Bound before: Modules.
_ = [code:purge(M) || M <- Modules, erlang:check_old_code(M)].
END_OF_ERLANG
}

erl_release_files() {
  cat <<'END_OF_ERLANG'
%% What release_handler reads of a release, written where it looks for it: RELDIR/LABEL with start.boot, sys.config and the .rel
%% file (sasl, release_handler(3)). A release's label is the name of its directory; of one version there may be several.
%% Bound before: Name, Op, and what hot_processes binds. An expression of its own follows.
RelDir = os:getenv("RELDIR"),
Consult = fun(File) ->
            case file:consult(File) of
              {ok, [Consulted]} -> Consulted;
              {error, enoent} -> [];
              {error, Unreadable} -> throw({unreadable, File, Unreadable})
            end
          end,
%% ${VAR} and ${VAR:-default}, as relx's start script fills them in.
Expand = fun Expand(Text) ->
           case re:run(Text, "\\$\\{([A-Za-z0-9_]+)(:-([^}]*))?\\}", [unicode, {capture, all, list}]) of
             nomatch -> Text;
             {match, [Whole, Variable | Default]} ->
               Value = case {os:getenv(Variable), Default} of {false, [_, D]} -> D; {false, []} -> ""; {V, _} -> V end,
               [Before, After] = string:split(Text, Whole),
               Before ++ Value ++ Expand(After)
           end
         end,
SysConfig = fun(Dir) ->
              case file:read_file(Dir ++ "/sys.config.src") of
                {ok, Template} ->
                  {ok, Tokens, _} = erl_scan:string(Expand(unicode:characters_to_list(Template))),
                  {ok, Filled} = erl_parse:parse_term(Tokens),
                  Filled;
                {error, enoent} -> Consult(Dir ++ "/sys.config")
              end
            end,
%% As application_controller merges several files: the later wins, key by key (kernel, config(4)).
Merge = fun(One, Two) ->
          lists:foldl(fun({App, Env}, Acc) ->
                        Known = proplists:get_value(App, Acc, []),
                        lists:keystore(App, 1, Acc, {App, lists:foldl(fun(P, E) -> lists:keystore(element(1, P), 1, E, P) end, Known, Env)})
                      end, One, Two)
        end,
%% A configuration file may name others, each from where it lies.
Included = fun Included(Dir, Config) ->
             lists:foldl(fun({App, Env}, Acc) -> Merge(Acc, [{App, Env}]);
                            (File, Acc) ->
                              Other = filename:absname(File, Dir),
                              Beside = case filename:extension(Other) of ".config" -> Other; _ -> Other ++ ".config" end,
                              Merge(Acc, Included(filename:dirname(Beside), Consult(Beside)))
                         end, [], Config)
           end,
Booted = fun({_, Root, Version, EnvFile}) ->
           Dir = Root ++ "/releases/" ++ Version,
           Merge(Included(Dir, SysConfig(Dir)), Consult(EnvFile))
         end,
%% A pid, a port, a reference or a fun is no term that a text could hold, at whatever depth.
IsWritable = fun(Term) ->
               try
                 {ok, Written, _} = erl_scan:string(lists:flatten(io_lib:format("~tp.", [Term]))),
                 erl_parse:parse_term(Written) =:= {ok, Term}
               catch _:_ -> false
               end
             end,
%% What differs in a running value from what files had said, put over what files say now: key by key in keyword lists, which Elixir
%% merges deeply (Config.Reader).
IsKeywords = fun(L) -> is_list(L) andalso lists:all(fun({K, _}) -> is_atom(K); (_) -> false end, L) end,
Overlaid = fun Overlaid(Old, Value, New) ->
             case Value =/= [] andalso lists:all(IsKeywords, [Old, Value, New]) of
               false -> Value;
               true ->
                 lists:foldl(fun({K, V}, Acc) ->
                               case lists:member({K, V}, Old) of
                                 true -> Acc;
                                 false -> lists:keystore(K, 1, Acc, {K, Overlaid(proplists:get_value(K, Old, []), V, proplists:get_value(K, Acc, []))})
                               end
                             end, New, Value)
             end
           end,
%% What the VM has in its environments and no file had said is kept: an application has set it while it ran, or a provider of a mix
%% release when it booted. The latter wins over the spec's env, as it does at a boot; the former gives way to what files say anew.
Kept = fun(Was, Form) ->
         Wanted = Booted(Form),
         IsProvided = lists:keymember(config_provider_init, 1, proplists:get_value(elixir, Wanted, [])),
         Defaults = fun(App) ->
                      case file:consult(filename:join([code:lib_dir(App), "ebin", atom_to_list(App) ++ ".app"])) of
                        {ok, [{application, _, Keys}]} -> proplists:get_value(env, Keys, []);
                        _ -> []
                      end
                    end,
         In = fun(Env, Key) -> case lists:keyfind(Key, 1, Env) of {_, V} -> [V]; false -> [] end end,
         Set = [{App, [{Key, case IsProvided of true -> Overlaid(lists:append(Old), Value, lists:append(New)); false -> Value end}
                       || {Key, Value} <- application:get_all_env(App), Key =/= included_applications,
                          Old <- [In(proplists:get_value(App, Was, []), Key)], New <- [In(proplists:get_value(App, Wanted, []), Key)],
                          case Old of [] -> In(Default, Key); _ -> Old end =/= [Value], IsProvided orelse Old =:= New]}
                || {App, _, _} <- application:loaded_applications(), App =/= kernel, Default <- [Defaults(App)]],
         Merge(Wanted, Set)
       end,
%% What is there already needs no room, nor does what was there before: a way back is to be had on a full disk, too.
Write = fun(File, Content) ->
          {Former, Tmp} = {File ++ ".was", File ++ ".tmp"},
          Holds = fun(F) -> file:read_file(F) =:= {ok, iolist_to_binary(Content)} end,
          case Holds(File) orelse (Holds(Former) andalso file:rename(Former, File) =:= ok) of
            true -> ok;
            false ->
              ok = filelib:ensure_dir(File),
              ok = file:write_file(Tmp, Content),
              ok = file:change_mode(Tmp, 8#600),
              %% Where it can't be kept, its way back needs room.
              _ = [file:delete(Former), file:make_link(File, Former)],
              ok = file:rename(Tmp, File)
          end
        end,
Terms = fun(Term) -> unicode:characters_to_binary(io_lib:format("%% coding: utf-8~n~tp.~n", [Term])) end,
%% A path of a boot script begins with a variable whose value is another release's: $ROOT/lib/APP/ebin, $RELEASE_LIB/APP/ebin.
Placed = fun(Root, Path) ->
           [Variable | Rest] = filename:split(Path),
           case Variable of
             "$" ++ _ -> hd([P || P <- [filename:join([Root, "lib" | Rest]), filename:join([Root | Rest])], filelib:is_dir(P)] ++ [Path]);
             _ -> Path
           end
         end,
BootScript = fun({_, Root, Version, _}) ->
               Dir = Root ++ "/releases/" ++ Version,
               [BootFile | _] = [F || F <- [Dir ++ "/" ++ Name ++ ".boot", Dir ++ "/start.boot"], filelib:is_file(F)],
               {ok, Boot} = file:read_file(BootFile),
               {script, _, BootCommands} = binary_to_term(Boot),
               BootCommands
             end,
%% What it has when it becomes this, and boots with. What no text can hold stands in its boot file, a binary, as the application's own.
WriteConfig = fun({Label, _, _, _} = Form, Config, IsNew) ->
                Own = RelDir ++ "/" ++ Label,
                Split = [{App, lists:partition(IsWritable, Env)} || {App, Env} <- Config],
                Write(Own ++ "/sys.config", Terms([{App, Texts} || {App, {Texts, _}} <- Split])),
                case IsNew orelse filelib:is_file(Own ++ "/start.boot") of
                  false -> ok;
                  true ->
                    With = fun({application, App, Keys}) ->
                             Env = proplists:get_value(env, Keys, []),
                             [{App, Both}] = Merge([{App, Env}], [{App, Held} || {Of, {_, Held}} <- Split, Of =:= App]),
                             {application, App, lists:keystore(env, 1, Keys, {env, Both})}
                           end,
                    {_, Root, _, _} = Form,
                    Write(Own ++ "/start.boot", term_to_binary({script, {Name, Label}, [
                      case Command of
                        {path, Paths} -> {path, [Placed(Root, P) || P <- Paths]};
                        {apply, {application, load, [Spec]}} -> {apply, {application, load, [With(Spec)]}};
                        _ -> Command
                      end || Command <- BootScript(Form)]}))
                end
              end,
%% A term of any kind as one that a text can hold.
Packed = fun(Term) -> base64:encode(term_to_binary(Term)) end,
Unpacked = fun(Text) -> binary_to_term(base64:decode(Text)) end,
%% Answers where its applications lie.
Prepare = fun({Label, Root, Version, _} = Form, Config) ->
            Own = RelDir ++ "/" ++ Label,
            ok = filelib:ensure_dir(Own ++ "/start.boot"),
            WriteConfig(Form, Config, true),
            {release, {Name, _}, Erts, Libs} = Consult(Root ++ "/releases/" ++ Version ++ "/" ++ Name ++ ".rel"),
            Write(Own ++ "/" ++ Name ++ ".rel", Terms({release, {Name, Label}, Erts, Libs})),
            [{element(1, L), element(2, L), Root ++ "/lib"} || L <- Libs]
          end,
Status = fun(L) -> case [S || {_, V, _, S} <- release_handler:which_releases(), V =:= L] of [S | _] -> S; [] -> none end end,
Runs = fun() ->
         Releases = release_handler:which_releases(),
         hd([V || {_, V, _, current} <- Releases] ++ [V || {_, V, _, permanent} <- Releases])
       end,
%% Gives applications (all: of the release that runs) their environment, and tells them what changed. What was set in them while
%% they ran is gone.
Refresh = fun(Form, Config, Which) ->
            BootCommands = BootScript(Form),
            Specs = [A || {application, App, _} = A <-
                            [A || {apply, {application, load, [A]}} <- BootCommands] ++
                            [A || {kernelProcess, application_controller, {application_controller, start, [A]}} <- BootCommands],
                          Which =:= all orelse lists:member(App, Which)],
            EnvBefore = application_controller:prep_config_change(),
            ok = application_controller:change_application_data(Specs, Config),
            Told(EnvBefore)
          end,
%% What init:restart/0 boots. A release that was never installed boots as it did, with RELDIR/env.config.
BootsAnew = fun(L) ->
              Own = RelDir ++ "/" ++ L,
              case {Status(L), filelib:is_file(Own ++ "/start.boot")} of
                {current, _} -> ok = release_handler:make_permanent(L);
                {permanent, true} -> ok = init:make_permanent(Own ++ "/start", Own ++ "/sys");
                {permanent, false} -> ok
              end
            end,
%% What is another where the node has booted anew within its process.
Life = fun() -> pid_to_list(whereis(application_controller)) end,
%% An op that was taken back meanwhile changes nothing more.
Goes = fun() -> file:read_file(RelDir ++ "/cancelled") =/= {ok, list_to_binary(Op)} orelse throw(cancelled) end,
%% What it says that it is, and the environment that it boots with. That one's file lies in a directory that has the configuration's name.
Shown = fun({Label, _, _, EnvFile}) ->
          {ok, EnvText} = file:read_file(EnvFile),
          Write(RelDir ++ "/env.config", EnvText),
          Write(RelDir ++ "/became", [Label, " ", filename:basename(filename:dirname(EnvFile)), "\n"])
        end,
%% From here on something may have changed, and this is the way back. What that would write lies there before: a disk that is full
%% by then has no room for it. Who takes it back leaves his mark first, then looks for this.
Began = fun({Label, _, _, _} = Form, Was) ->
          Goes(),
          WriteConfig(Form, Was, false),
          %% Another one is not what it boots: one between two others, or one that somebody made current by hand.
          Status(Label) =/= permanent orelse Shown(Form),
          Write(RelDir ++ "/" ++ Label ++ "/back", Terms({Op, Packed(Was), Life()})),
          Goes()
        end,
%% From here on it is this. What start scripts have told it of its release: mix' runtime.exs is found by that, and applications
%% report it.
Become = fun({_, Root, Version, _} = Form) ->
           _ = [os:putenv(Variable, Value) || {Variable, Value} <- [{"RELEASE_ROOT", Root}, {"RELEASE_ROOT_DIR", Root},
                                                                    {"RELEASE_VSN", Version}, {"REL_VSN", Version}],
                                              os:getenv(Variable) =/= false],
           Shown(Form)
         end,
%% Protocols that Elixir has consolidated for a release lie beside its applications, where no relup reaches.
Consolidate = fun({_, Root, Version, _}) ->
                Protocols = Root ++ "/releases/" ++ Version ++ "/consolidated",
                Others = [P || P <- code:get_path(), filename:basename(P) =:= "consolidated", P =/= Protocols],
                _ = [code:del_path(P) || P <- Others],
                case filelib:is_dir(Protocols) of true -> true = code:add_patha(Protocols); false -> ok end,
                Modules = lists:usort([list_to_atom(filename:basename(F, ".beam"))
                                       || P <- [Protocols | Others], F <- filelib:wildcard(P ++ "/*.beam")]),
                lists:foreach(fun(M) ->
                                case code:get_object_code(M) of
                                  {M, Beam, File} ->
                                    {ok, {M, Md5}} = beam_lib:md5(Beam),
                                    case erlang:module_loaded(M) andalso M:module_info(md5) =:= Md5 of
                                      true -> ok;
                                      false ->
                                        code:soft_purge(M) orelse throw({old_processes, M}),
                                        {module, M} = code:load_binary(M, File, Beam)
                                    end;
                                  error -> ok
                                end
                              end, Modules)
              end,
END_OF_ERLANG
}

erl_seen_embedded() {
  cat <<'END_OF_ERLANG'
%% What is known of an embedded application, for a look at it. Bound before: App.
{Label, Config, Since, Version, Ready} =
  case {persistent_term:get({beamline, App}, none), lists:keyfind(App, 1, application:which_applications())} of
    {#{release := ItsRelease, config := ItsConfig, since := ItsStart}, {App, _, Vsn}} -> {ItsRelease, ItsConfig, ItsStart, Vsn, true};
    _ -> {"", "-", 0, "", "the application is not started in its node"}
  end,
IsStarted = Ready =:= true,
WhatRuns = "the application is started",
END_OF_ERLANG
}

erl_seen_vm() {
  cat <<'END_OF_ERLANG'
%% What is known of the release that the VM runs, for a look at it. Bound before: App.
{Name, Version} = case init:script_id() of {N, V} -> {N, V}; _ -> {"", ""} end,
%% While it installs a release it answers nobody else: then the label is `?`.
Releases = case os:getenv("RELDIR") of false -> []; _ -> catch gen_server:call(release_handler, which_releases, 2000) end,
Label = case is_list(Releases) of
          true -> hd([L || {_, L, _, current} <- Releases] ++ [L || {_, L, _, permanent} <- Releases] ++ [""]);
          false -> case Releases of {'EXIT', {timeout, _}} -> "?"; _ -> "" end
        end,
Ready = case init:get_status() of {started, _} -> true; _ -> "the VM is still starting its applications" end,
IsStarted = lists:keymember(App, 1, application:which_applications()) orelse Name =:= atom_to_list(App),
WhatRuns = "the VM runs and its applications are started",
{Config, Since} = {"-", 0},
END_OF_ERLANG
}

erl_stop() {
  cat <<'END_OF_ERLANG'
%% Stops the applications, last started first, each with its own shutdown, and halts: the same order as init:stop/0,
%% without the second that init waits at its end.
_ = [application:stop(A) || {A, _, _} <- application:which_applications(), A =/= kernel, A =/= stdlib],
%% heart(3) takes a halt for a crash, and would start it again.
_ = [heart:set_cmd("true") || whereis(heart) =/= undefined],
halt(0).
END_OF_ERLANG
}

erl_unembed() {
  cat <<'END_OF_ERLANG'
%% Takes an application, and what came with it and nothing else needs, out of the node. Prints `gone`, or `failed` and why.
%% Bound before: App.
Alone(fun() ->
        try
          Unembed(Embedded(App)),
          io:format("gone~n")
        catch
          _:Thrown -> Failed(Thrown)
        end
      end).
END_OF_ERLANG
}

erl_unembed_hot() {
  cat <<'END_OF_ERLANG'
%% Has an embedded application be what it was before its upgrade. Prints `back`, or `anew` where only a restart leads there; else
%% `failed`, why in words, and why as a term. Where the upgrade has changed nothing there is nothing to do.
%% Bound before: App, Release, Config, EnvFile, Left (the release that it is not to be), Down (none where there is no way back),
%% Suspended, Supervisors, Timeout (ms).
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config, parts := Parts} = Is, true} when not is_map_key(changing, Is) ->
              io:format("~s~n", [case OtherCode(Parts) of [] -> back; _ -> anew end]);
            {#{release := Left, before := #{release := Release, config := Config} = Was} = Is, true} when Down =/= none, not is_map_key(changing, Is) ->
              _ = Change(Is, Was, EnvIn(EnvFile), {Down, Suspended, Supervisors, Timeout}),
              io:format("back~n");
            _ -> io:format("anew~n")
          end
        catch
          throw:Thrown -> Failed(Thrown);
          _:Crashed -> Failed(Crashed)
        end
      end).
END_OF_ERLANG
}

erl_which_releases() {
  cat <<'END_OF_ERLANG'
%% The label of the release that runs, and of the one that init:restart/0 would boot.
Releases = release_handler:which_releases(),
Permanent = hd([V || {_, V, _, permanent} <- Releases] ++ [""]),
io:format("~ts ~ts~n", [hd([V || {_, V, _, current} <- Releases] ++ [Permanent]), Permanent]).
END_OF_ERLANG
}

[ $# -eq 0 ] || main "$@"
