// Words for what is wrong with a directory in which, or on the way to which, a host keeps what is executed.

type Place = { path: string; owner: string; mode: string; user: string };

const words = {
  owner: ({ path, owner, mode, user }: Place) => ({
    message: `${path} is ${owner}'s (${mode}): others than root and ${user} could put code there`,
    remedy: `Look at what lies there. If it is to be ${user}'s: chown ${user} ${path}. Else choose another root.`,
  }),
  mode: ({ path, owner, mode, user }: Place) => ({
    message: `${path} (${owner}, ${mode}) can be written by others than root and ${user}`,
    remedy: `Look at what lies there. On the host: chmod go-w ${path}. Or choose another root.`,
  }),
  closed: ({ path, owner, mode, user }: Place) => ({
    message: `${path} (${owner}, ${mode}) is not closed to others than ${user}`,
    remedy: `Look at what lies there. On the host: chmod 700 ${path}`,
  }),
  link: ({ path, owner }: Place) => ({
    message: `${path} is a link (of ${owner}), where a directory must be`,
    remedy:
      "Look where it leads. Put a directory there: a bind mount keeps it on another disk. Or name what it leads to as root in the fleet file.",
  }),
};

export type UnsafeDirectory = Place & { fault: keyof typeof words };

/** Of a fault that is none of ours what can be said of each. */
export const unsafeDirectory = (f: UnsafeDirectory): { message: string; remedy: string } =>
  (words[f.fault] ?? words.mode)(f);
