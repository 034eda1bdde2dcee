/** One host of the fleet, defaults filled in. `root` and `user` are plain words: they may stand in a command line. */
export type Host = {
  name: string;
  address: string;
  port: number;
  user: string;
  root: string;
  /** What the fleet file asks for; absent: the best the host has. */
  supervisor?: "systemd" | "daemon";
  /** Who apps run as, `{name}` in it for the app's own name; absent: `user`. Only where that is root. */
  runAs?: string;
  /** The node that embedded apps go into: `shop`, or `shop@web1`. */
  node?: string;
  labels: Readonly<Record<string, string>>;
  /** `TYPE BASE64`, as in known_hosts; absent: the input known-hosts must have it. */
  hostKey?: string;
};

/** Where its sshd is: entries that agree in it are one machine. */
export const addressOf = ({ address, port }: Pick<Host, "address" | "port">): string => `${address}:${port}`;
