// Runs after main, also when main was killed: the private directories, one with the key, must not outlive the job. The runner hands
// over what main saved as STATE_… (GitHub docs, "Workflow commands"); @actions/core would make this file 1 MB for one variable.
import { rm } from "node:fs/promises";

for (const directory of [process.env.STATE_sockets, process.env.STATE_directory])
  if (directory) await rm(directory, { recursive: true, force: true });
