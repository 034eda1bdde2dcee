// A shop's spec repository, commit by commit: what each changes in the files, and what the run for it says that it will do.
import type { Origin } from "./history-origin.ts";
import { counter, counterConfig, counterJson, greeter, herald, SECRETS } from "./history-specs.ts";

/** A file's new text, null where it goes, or what stands in the place of what; "" is the end of the file. */
export type Edit = string | null | readonly [was: string, is: string];
export type Edits = Readonly<Record<string, Edit>>;

export type Commit = {
  title: string;
  /** What it changes, or what git is asked to do. */
  make: Edits | ((origin: Origin) => void);
  /** What its plan is asked for by, before the push; a pull request when absent. */
  plannedBy?: "push" | "workflow_dispatch";
  /** Commits nothing: the run of this earlier commit is started once more. */
  again?: string;
  /** The plan as the log has it: hosts of which the same is said in one line, without columns, sizes, numbers of steps. */
  plan?: string;
  /** Instead of a plan: what is wrong, and where. */
  refused?: readonly string[];
  warning?: string;
  /** Which of two must have ended before the other began. */
  order?: readonly [string, string];
  /** What apps answer afterwards: host:port/path. */
  answers?: Readonly<Record<string, string>>;
};

const COUNTER = "apps/counter/app.yaml";
const VISITS = "apps/visits";
const GREETER = "apps/greeter/app.yaml";

const RELEASE = "releases/counter-1.2.0.tar.gz";

export const HISTORY: readonly Commit[] = [
  {
    title: "counter comes to the web hosts",
    make: { [COUNTER]: counter },
    plan: `
      web1,web2/counter deploy 1.0.0 (cause: spec; connections: none yet; sends)`,
    answers: { "web1:8080/version": "1.0.0", "web2:8080/version": "1.0.0", "web3:8080/version": "down" },
  },
  {
    title: "greeter comes, which depends on counter",
    make: { [GREETER]: greeter },
    plan: `
      web1,web2/counter unchanged 1.0.0
      web3/greeter deploy 1.0.0 (cause: spec; connections: none yet; sends)`,
    answers: { "web3:8090/": "hello world\n" },
  },
  {
    title: "counter 1.1.0",
    make: { [COUNTER]: ['"1.0.0"', '"1.1.0"'] },
    plan: `
      web1,web2/counter upgrade 1.0.0 → 1.1.0 (cause: spec; connections: cut, it restarts; sends)
        version 1.0.0 → 1.1.0 apps/counter/app.yaml:2
      web3/greeter unchanged 1.0.0`,
    answers: { "web1:8080/version": "1.1.0", "web2:8080/version": "1.1.0" },
  },
  {
    title: "only READMEs",
    make: { "README.md": "# Our shop\n", "apps/counter/README.md": "Counts.\n" },
    plan: `
      web1,web2/counter unchanged 1.1.0
      web3/greeter unchanged 1.0.0`,
  },
  {
    title: 'Revert "counter 1.1.0"',
    make: ({ git }) => git("revert", "--no-edit", "HEAD~1"),
    plan: `
      web1,web2/counter upgrade 1.1.0 → 1.0.0 (cause: spec; connections: cut, it restarts)
        version 1.1.0 → 1.0.0 apps/counter/app.yaml:2
        warning: downgrade from 1.1.0
      web3/greeter unchanged 1.0.0`,
    answers: { "web1:8080/version": "1.0.0", "web2:8080/version": "1.0.0" },
  },
  {
    title: "three commits pushed at once: counter 1.1.0, greeter 1.1.0, counter 1.2.0",
    make: ({ commit }) => {
      commit({ [COUNTER]: ['"1.0.0"', '"1.1.0"'] });
      commit({ [GREETER]: ['"1.0.0"', '"1.1.0"'] });
      commit({ [COUNTER]: ['"1.1.0"', '"1.2.0"'] });
    },
    plan: `
      web1,web2/counter upgrade 1.0.0 → 1.2.0 (cause: spec; connections: cut, it restarts; sends)
        version 1.0.0 → 1.2.0 apps/counter/app.yaml:2
      web3/greeter upgrade 1.0.0 → 1.1.0 (cause: spec; connections: cut, it restarts; sends)
        version 1.0.0 → 1.1.0 apps/greeter/app.yaml:2`,
    order: ["web2/counter", "web3/greeter"],
    answers: { "web1:8080/version": "1.2.0", "web3:8090/version": "1.1.0" },
  },
  {
    title: "only env",
    make: { [COUNTER]: ["", "env: {greeting: hello, pool: {size: 10}}\n"] },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: cut, it restarts)
        env.greeting (none) → <<"hello"/utf8>> apps/counter/app.yaml:6
        env.pool (none) → #{size => 10} apps/counter/app.yaml:6
      web3/greeter unchanged 1.1.0`,
    answers: { "web1:8080/env/greeting": '{ok,<<"hello">>}', "web2:8080/env/pool": "{ok,#{size => 10}}" },
  },
  {
    title: "only os_env, a secret in it",
    make: { [COUNTER]: ["", "os_env: {SHOP_MODE: loud, SHOP_KEY: {secret: SHOP_KEY}}\n"] },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: cut, it restarts)
        os_env.SHOP_MODE (none) → "loud" apps/counter/app.yaml:7
        os_env.SHOP_KEY (none) → secret SHOP_KEY apps/counter/app.yaml:7
      web3/greeter unchanged 1.1.0`,
    answers: { "web1:8080/os-env/SHOP_MODE": "loud", "web2:8080/os-env/SHOP_KEY": SECRETS.SHOP_KEY },
  },
  {
    title: "only vm_config",
    make: { [COUNTER]: ["", "vm_config: {scheduler_limit: 1}\n"] },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: cut, it restarts)
        vm_config.scheduler_limit (none) → 1 apps/counter/app.yaml:8
      web3/greeter unchanged 1.1.0`,
    answers: { "web1:8080/vm/schedulers": "1", "web2:8080/vm/schedulers": "1" },
  },
  {
    title: "only health",
    make: { [COUNTER]: ["port: 8080}", "port: 8080, timeout: 4000}"] },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: kept)
        health.timeout 5000 → 4000 apps/counter/app.yaml:5
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "only what changes nothing on a host: description, retain, rollout",
    make: { [COUNTER]: ["", "description: counts visits\nretain: 2\nrollout: {max_failures: 1}\n"] },
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "only sha256, of what runs",
    make: ({ commit, sha256 }) => commit({ [COUNTER]: ['tar.gz"}', `tar.gz", sha256: ${sha256(RELEASE)}}`] }),
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: kept)
        source.sha256 (none) → SHA apps/counter/app.yaml:3
        rollout.max_failures 0 → 1 apps/counter/app.yaml:11
        retain 3 → 2 apps/counter/app.yaml:10
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "only sha256, of the same version built anew",
    make: ({ commit, sha256, rebuild }) => {
      const was = sha256(RELEASE);
      rebuild(RELEASE);
      commit({ [COUNTER]: [was, sha256(RELEASE)] });
    },
    plan: `
      web1,web2/counter upgrade 1.2.0 (cause: spec; connections: cut, it restarts; sends)
        source.sha256 SHA → SHA apps/counter/app.yaml:3
        warning: same version 1.2.0, other contents
      web3/greeter unchanged 1.1.0`,
    answers: { "web1:8080/env/greeting": '{ok,<<"hello">>}', "web2:8080/version": "1.2.0" },
  },
  {
    title: "only url, of the same bytes",
    make: { [COUNTER]: ["file:releases/", "file:mirror/"] },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: kept)
        source.url file:releases/counter-1.2.0.tar.gz → file:mirror/counter-1.2.0.tar.gz apps/counter/app.yaml:3
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "the folder has another name, and a README stays behind",
    make: ({ move }) => move(COUNTER, `${VISITS}/app.yaml`),
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "app.yaml becomes app.config, Erlang terms of the same meaning",
    make: ({ commit, sha256 }) =>
      commit({ [`${VISITS}/app.yaml`]: null, [`${VISITS}/app.config`]: counterConfig(sha256(RELEASE)) }),
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "two specs are broken",
    make: {
      [`${VISITS}/app.config`]: ["{port, 8080}", "{port, 80800}"],
      [GREETER]: ["health: {type: http", "env: {name: shop}\nhealth: {type: htp"],
    },
    refused: [
      'apps/greeter/app.yaml:7:16: invalid_value: health.type must be one of none, http, tcp, custom, got "htp"',
      "apps/visits/app.config:8:37: invalid_value: health.port must be 1..65535, got the number 80800",
    ],
  },
  {
    title: "in haste the one is mended, and the other deleted, which greeter depends on",
    make: { [VISITS]: null, [GREETER]: ["htp", "http"] },
    refused: ["apps/greeter/app.yaml:5:14: unknown_dependency: greeter depends on counter, which no spec names"],
  },
  {
    // What it wants of greeter, the commit before wanted, too: its run did not get there.
    title: "both are mended",
    make: ({ commit, git }) => {
      git("revert", "--no-edit", "HEAD");
      commit({ [`${VISITS}/app.config`]: ["80800", "8080"], [GREETER]: ["htp", "http"] });
    },
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter reconfigure 1.1.0 (cause: retry; connections: cut, it restarts)
        env.name (none) → <<"shop"/utf8>> apps/greeter/app.yaml:6`,
    answers: { "web3:8090/": "hello shop\n" },
  },
  {
    title: "app.config becomes app.json",
    make: ({ commit, sha256 }) =>
      commit({ [`${VISITS}/app.config`]: null, [`${VISITS}/app.json`]: counterJson(sha256(RELEASE)) }),
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter unchanged 1.1.0`,
  },
  {
    title: "overlays for production and staging",
    make: {
      [`${VISITS}/app.production.yaml`]: "env: {greeting: welcome}\n",
      "apps/greeter/app.staging.yaml": "env: {name: staging}\n",
    },
    plan: `
      web1,web2/counter reconfigure 1.2.0 (cause: spec; connections: cut, it restarts)
        env.greeting <<"hello"/utf8>> → <<"welcome"/utf8>> apps/visits/app.production.yaml:1
      web3/greeter unchanged 1.1.0`,
    answers: { "web1:8080/env/greeting": '{ok,<<"welcome">>}', "web2:8080/env/pool": "{ok,#{size => 10}}" },
  },
  {
    title: "a branch that began two commits ago is merged",
    make: ({ commit, git }) => {
      git("checkout", "--quiet", "-b", "guests", "HEAD~2");
      commit({ [GREETER]: ["name: shop", "name: guest"] });
      git("checkout", "--quiet", "main");
      git("merge", "--quiet", "--no-ff", "--message", "Merge guests", "guests");
      git("branch", "--quiet", "--delete", "guests");
    },
    plan: `
      web1,web2/counter unchanged 1.2.0
      web3/greeter reconfigure 1.1.0 (cause: spec; connections: cut, it restarts)
        env.name <<"shop"/utf8>> → <<"guest"/utf8>> apps/greeter/app.yaml:6`,
    answers: { "web3:8090/": "hello guest\n" },
  },
  {
    title: "the run before the overlays is started once more: it comes late",
    make: {},
    again: "app.config becomes app.json",
    plannedBy: "push",
    plan: `
      web1,web2/counter blocked: what runs here is of commit ID, which is newer than ID
        Nothing to do: this run is late. To go back on purpose, revert the commit.
      web3/greeter blocked: what runs here is of commit ID, which is newer than ID
        Nothing to do: this run is late. To go back on purpose, revert the commit.`,
    answers: { "web1:8080/env/greeting": '{ok,<<"welcome">>}', "web3:8090/": "hello guest\n" },
  },
  {
    title: "greeter moves to the web hosts",
    make: { [GREETER]: ["{role: batch}", "{role: web}"] },
    plan: `
      web1,web2/counter unchanged 1.2.0
      web1,web2/greeter deploy 1.1.0 (cause: spec; connections: none yet; sends)
      web3/greeter remove 1.1.0 (cause: spec; connections: cut, it stops)
        warning: moved to other hosts: removed here`,
    order: ["web2/greeter", "web3/greeter"],
    answers: { "web1:8090/": "hello guest\n", "web2:8090/": "hello guest\n", "web3:8090/": "down" },
  },
  {
    title: "web2 is no web host any more",
    make: { "fleet.yaml": ["{role: web, rack: two}", "{role: batch, rack: two}"] },
    plan: `
      web1/counter unchanged 1.2.0
      web1/greeter unchanged 1.1.0
      web2/greeter remove 1.1.0 (cause: spec; connections: cut, it stops)
        warning: moved to other hosts: removed here
      web2/counter remove 1.2.0 (cause: spec; connections: cut, it stops)
        warning: moved to other hosts: removed here`,
    order: ["web2/greeter", "web2/counter"],
    answers: { "web2:8080/": "down", "web2:8090/": "down" },
  },
  {
    title: "greeter goes",
    make: { "apps/greeter": null },
    plan: `
      web1/greeter remove 1.1.0 (cause: spec; connections: cut, it stops)
      web1/counter unchanged 1.2.0`,
    answers: { "web1:8090/": "down" },
  },
  {
    title: 'Revert "greeter goes"',
    make: ({ git }) => git("revert", "--no-edit", "HEAD"),
    plan: `
      web1/counter unchanged 1.2.0
      web1/greeter deploy 1.1.0 (cause: spec; connections: none yet; sends)`,
    answers: { "web1:8090/": "hello guest\n" },
  },
  {
    title: "the run that took greeter away is started once more: it comes late",
    make: {},
    again: "greeter goes",
    plannedBy: "push",
    plan: `
      web1/greeter blocked: what runs here is of commit ID, which is newer than ID
        Nothing to do: this run is late. To go back on purpose, revert the commit.
      web1/counter unchanged 1.2.0`,
    answers: { "web1:8090/": "hello guest\n" },
  },
  {
    title: "greeter is called herald now, and is another release, on the same port",
    make: { [GREETER]: herald },
    plan: `
      web1/greeter remove 1.1.0 (cause: spec; connections: cut, it stops)
      web1/counter unchanged 1.2.0
      web1/herald deploy 1.0.0 (cause: spec; connections: none yet; sends)`,
    order: ["web1/greeter", "web1/herald"],
    answers: { "web1:8090/": "1.0.0 hear ye Springfield" },
  },
  {
    title: "a force push: herald has never been",
    make: ({ commit, git }) => {
      git("reset", "--quiet", "--hard", "HEAD~1");
      commit({ "README.md": "# The shop\n" });
      // As GitHub does in its own time: nothing leads to the commit that was there before the push.
      git("reflog", "expire", "--expire=now", "--all");
      git("gc", "--quiet", "--prune=now");
    },
    plannedBy: "push",
    warning: "input base: unknown_commit: ",
    plan: `
      web1/herald remove 1.0.0 (cause: retry; connections: cut, it stops)
      web1/counter unchanged 1.2.0
      web1/greeter deploy 1.1.0 (cause: spec; connections: none yet; sends)`,
    order: ["web1/herald", "web1/greeter"],
    answers: { "web1:8090/": "hello guest\n", "web1:8080/env/greeting": '{ok,<<"welcome">>}' },
  },
  {
    title: "a run by hand, which knows of no commit before",
    make: {},
    plannedBy: "workflow_dispatch",
    plan: `
      web1/counter unchanged 1.2.0
      web1/greeter unchanged 1.1.0`,
  },
];
