// What stands between what is rehearsed and this machine: the root that it sees, built from a short list, and how a command gets in
// there without a single right. Whoever it runs as, it is no user that owns anything here.

/** Of nobody on a usual machine: below those that systemd hands out, and no service's. */
const STRANGER = 65_533;

/** As hosts have it: no tool of the job is found by what runs there. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A way into namespaces: how they are made, and how a command enters them; after `enter` it gives up what it has. */
export type Way = { make: readonly string[]; enter: readonly string[]; owner: number };

const STRANGERS = [`--reuid=${STRANGER}`, `--regid=${STRANGER}`, "--clear-groups"];

/** No way back to any right: none is kept, none can be had by a file's mode or capabilities. */
const NO_RIGHTS = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"];

const ENVIRONMENT = [`PATH=${PATH}`, "HOME=/tmp/home", "SHELL=/bin/sh", "LANG=C.UTF-8"];

/** The ways that a user may have, the best first. */
export function waysFor(uid: number): Way[] {
  // By a user namespace of one's own, which takes no rights. What is root in it is us outside.
  const own = {
    make: ["unshare", "--user", "--map-root-user"],
    enter: ["nsenter", "--user", "--preserve-credentials"],
    owner: 0,
  };
  const asRoot = { make: ["unshare"], enter: ["nsenter"], owner: STRANGER };
  if (uid !== 0) {
    const sudo = ["sudo", "-n"];
    return [own, { ...asRoot, make: [...sudo, ...asRoot.make], enter: [...sudo, ...asRoot.enter] }];
  }
  // Root without any capability still writes what root owns, such as /proc/sys. So it is nobody before it begins.
  const stranger = ["setpriv", ...STRANGERS];
  return [{ ...own, make: [...stranger, ...own.make], enter: [...stranger, ...own.enter] }, asRoot];
}

/** What a command is run by once it is in the namespaces. Names are looked up where nothing but the system's own tools are. */
export const withoutRights = ({ owner }: Way): readonly string[] => [
  "/usr/bin/env",
  "-i",
  ...ENVIRONMENT,
  "setpriv",
  ...(owner === 0 ? [] : STRANGERS),
  ...NO_RIGHTS,
];

// PID 1 of the namespaces. Its number outside is in /proc as long as that is the old one. It keeps its rights, so that nobody in
// there can look into it or hold on to its pipe; it does nothing but wait for that pipe's end.
//
// Nothing of the machine is there but its programs, read-only: no home, no job, no key, no socket of a service. The old root is let
// go of, not covered. /proc/sys is closed, since part of it goes by the user's number alone. In a user namespace of ours nobody
// makes another one; where root has made these, one that is made in them can't undo any mount of theirs (mount_namespaces(7)).
//
// A background command has no standard input of its own (POSIX sh), so the pipe is handed over; sh meanwhile buries those that die.
export const INIT = `set -eu
read -r pid _ </proc/self/stat
owner=$1 size=$2 name=$3 hosts=$4
shift 4
umask 022
ip link set lo up
for address in "$@"; do ip address add "$address/32" dev lo 2>/dev/null || true; done
hostname "$name" 2>/dev/null || true
mount -t tmpfs -o nosuid,nodev,mode=755,size=16m rehearsal /tmp
cd /tmp
mkdir -p dev etc old proc run tmp var
show() {
  [ ! -e ".$1" ] && [ ! -L ".$1" ] || return 0
  if [ -L "$1" ]; then
    mkdir -p ".\${1%/*}"
    ln -s "$(readlink "$1")" ".$1"
  elif [ -d "$1" ]; then
    mkdir -p ".$1"
    mount --rbind "$1" ".$1"
  fi
}
for path in /usr /bin /sbin /lib /lib32 /lib64 /libx32 /nix/store /gnu/store; do show "$path"; done
for path in alternatives ca-certificates erlang ld.so.conf.d pki/ca-trust pki/tls/certs ssl/certs; do show "/etc/$path"; done
# An Erlang that was installed by itself, and is linked to from where the system's tools are.
for tool in /usr/local/bin/erl /usr/local/bin/erl_call /usr/bin/erl /usr/bin/erl_call; do
  [ -L "$tool" ] || continue
  for there in "$(readlink "$tool")" "$(readlink -f "$tool")"; do
    case $there in /opt/*/bin/*) show "\${there%/bin/*}" ;; esac
  done
done
# All of that is closed, each with what it must keep.
while read -r _ _ _ _ at options _; do
  # What was mounted below the old /tmp is listed, and not to be reached.
  [ -e "$at" ] || continue
  case $at in /tmp/*) mount -o "remount,bind,$options,ro,nosuid,nodev" "$at" ;; esac
done <<MOUNTS
$(cat /proc/self/mountinfo)
MOUNTS
for file in ld.so.cache ld.so.conf host.conf localtime mime.types nsswitch.conf os-release protocols services timezone; do
  [ ! -e "/etc/$file" ] || cp -RP "/etc/$file" etc/ 2>/dev/null || true
done
printf '%s\\n' 'root:x:0:0::/tmp/home:/bin/sh' 'app:x:${STRANGER}:${STRANGER}::/tmp/home:/bin/sh' >etc/passwd
printf '%s\\n' 'root:x:0:' 'app:x:${STRANGER}:' >etc/group
printf '%s\\n' "$hosts" >etc/hosts
for device in null zero full random urandom; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${stream%:*}" "dev/\${stream#*:}"; done
mkdir dev/shm
own="nosuid,nodev,uid=$owner,gid=$owner"
mount -t tmpfs -o "$own,mode=1777,size=64m" rehearsal dev/shm
mount -t tmpfs -o "$own,mode=755,size=16m" rehearsal run
mount -t tmpfs -o "$own,mode=1777,size=\${size}k" rehearsal tmp
mkdir tmp/home
chown "$owner:$owner" tmp/home
ln -s /run var/run
ln -s /tmp var/tmp
mount -t proc -o nosuid,nodev,noexec proc proc
# A host may have let the app listen on port 80.
echo 0 2>/dev/null >proc/sys/net/ipv4/ip_unprivileged_port_start || true
[ "$owner" != 0 ] || echo 0 >proc/sys/user/max_user_namespaces
mount --bind proc/sys proc/sys
mount -o remount,bind,ro,nosuid,nodev,noexec proc/sys
for secret in kcore keys kmsg sysrq-trigger; do
  [ ! -e "proc/$secret" ] || mount --bind dev/null "proc/$secret"
done
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,bind,ro,nosuid,nodev /
setpriv ${NO_RIGHTS.join(" ")} true
echo "ready $pid"
exec 3<&0
cat <&3 >/dev/null &
wait $!`;
