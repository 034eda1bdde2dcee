/** The one place that says what runs as PID 1 of a host. Its stdin is /dev/null, its stdout and stderr the host's log. */

export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** systemd takes kernel arguments from its own command line in a container (systemd(1)). */
export const SYSTEMD: readonly string[] = [
  "/lib/systemd/systemd",
  "systemd.unified_cgroup_hierarchy=1",
  "--unit=multi-user.target",
  "--show-status=no",
];

/**
 * A shell waiting in its foreground reaps whatever is reparented to it (tried with dash and bash), and outlives sshd, as
 * an init would. Without `env` sshd, a background job, would be born with SIGINT and SIGQUIT ignored.
 */
export const SSHD_ALONE: readonly string[] = [
  "/bin/sh",
  "-c",
  "env --default-signal=INT,QUIT /usr/sbin/sshd -D -e & while :; do sleep 3600; done",
];
