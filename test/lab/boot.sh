#!/bin/sh
# boot.sh ROOT NAME ADDRESS LOG PID1... : runs in a host's new namespaces and becomes its PID 1.
# Says its pid on stdout, waits for a line on stdin (eth0 is there now), then boots. LOG, outside of ROOT,
# gets what it and PID 1 write.
set -eu
root=$1 name=$2 address=$3 log=$4
shift 4
exec 2>>"$log"

# /proc is still the lab's: this is our pid as the lab sees it.
read -r pid _ </proc/self/stat
echo "$pid"
read -r _
exec </dev/null >&2

echo "$name" >/proc/sys/kernel/hostname
ip -batch - <<.
link set lo up
addr add $address/16 dev eth0
link set eth0 up
.

# The disks of other hosts, of other labs too: while they are mounted here, nobody could repair them.
for disk in "${root%/*/*/*}"/*/*/root/opt; do
  case $disk in "$root"/*) ;; *) ! mountpoint -q "$disk" || umount "$disk" ;; esac
done

cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755 dev dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=0755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -m 0755 run/sshd
mkdir -m 1777 run/lock

# systemd tells services apart by control groups; this one is the root of our own namespace of them.
case $1 in */systemd) mount -t cgroup2 cgroup sys/fs/cgroup ;; esac

# The kernel's boot_id is the machine's: give every boot of every host its own.
cat /proc/sys/kernel/random/uuid >run/boot_id
mount -o bind,ro run/boot_id proc/sys/kernel/random/boot_id

exec chroot . "$@"
