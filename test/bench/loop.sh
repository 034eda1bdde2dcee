#!/bin/sh
# The deployment that people write by hand, as good as it gets without becoming a program: all hosts at once, one connection a
# host, and it waits until each answers in the new version.
#   loop.sh KEY KNOWN_HOSTS TARBALL VERSION ADDRESS...        deploys
#   loop.sh KEY KNOWN_HOSTS - - ADDRESS...                    only logs in
set -eu
key=$1 known_hosts=$2 tarball=$3 version=$4
shift 4

if [ "$tarball" = - ]; then
  tarball=/dev/null remote=true
else
  remote="set -e
cd /srv/loop
mkdir $version
tar -xzf - -C $version
ln -s $version next
mv -T next current
systemctl restart loop-counter
tries=0
until [ \"\$(curl -fs http://127.0.0.1:8180/version)\" = $version ]; do
  tries=\$((tries + 1))
  [ \$tries -lt 600 ]
  sleep 0.05
done"
fi

pids=
for address; do
  ssh -F none -o IdentityFile="$key" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes -o LogLevel=ERROR \
    -o UserKnownHostsFile="$known_hosts" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
    -o PreferredAuthentications=publickey -o UpdateHostKeys=no "root@$address" "$remote" <"$tarball" &
  pids="$pids $!"
done
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit "$failed"
