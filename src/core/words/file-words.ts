// What is wrong with what the repository holds: spec and fleet files, inputs, commits, artifacts.

const suggested = (suggestion: string | undefined): string => (suggestion ? `; did you mean ${suggestion}?` : "");

export const fileWords = {
  // Spec and fleet files
  invalid_syntax: (f: { detail: string }) => ({
    message: f.detail,
    remedy: "Correct the file; a YAML-aware editor shows the same place.",
  }),
  missing_field: (f: { field: string }) => ({
    message: `${f.field} is missing`,
    remedy: `Add ${f.field}; docs/spec.md lists every field.`,
  }),
  invalid_value: (f: { field: string; expected: string; got: string }) => ({
    message: `${f.field} must be ${f.expected}, got ${f.got}`,
    remedy: "Correct the value; docs/spec.md lists what each field takes.",
  }),
  unknown_field: (f: { field: string; suggestion?: string | undefined }) => ({
    message: `${f.field} is not a field Beamline knows${f.suggestion ? "" : ", it has no effect"}${suggested(f.suggestion)}`,
    remedy: f.suggestion ? `Rename it to ${f.suggestion}.` : "Remove it, or leave it if another tool reads it.",
  }),
  not_supported: (f: { what: string; instead: string }) => ({
    message: `${f.what} is not supported by this version of Beamline`,
    remedy: f.instead,
  }),
  unsupported_source: (f: { type: string; instead: string }) => ({
    message: `source.type ${f.type} is not supported by this version of Beamline`,
    remedy: f.instead,
  }),
  duplicate_app: (f: { app: string; other: string }) => ({
    message: `app ${f.app} is also named by ${f.other}`,
    remedy: "Give each app one folder.",
  }),
  duplicate_overlay: (f: { other: string }) => ({
    message: `this app and environment already have the overlay ${f.other}`,
    remedy: "Keep one of the two files.",
  }),
  unknown_overlay: (f: { environment: string; suggestion?: string | undefined }) => ({
    message: `the fleet file has no environment ${f.environment}: this file has no effect${suggested(f.suggestion)}`,
    remedy: "Rename the file after an environment, or remove it.",
  }),
  unknown_proxy: (f: { proxy: string; suggestion?: string | undefined }) => ({
    message: `the fleet file has no proxy ${f.proxy}${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add the proxy to the fleet file.",
  }),
  unknown_dependency: (f: { app: string; dependency: string; suggestion?: string | undefined }) => ({
    message: `${f.app} depends on ${f.dependency}, which no spec names${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add that app's spec.",
  }),
  dependency_cycle: (f: { cycle: readonly string[] }) => ({
    message: `depends_on forms a cycle: ${f.cycle.join(" → ")}`,
    remedy: "Remove one of these dependencies.",
  }),
  unknown_host: (f: { host: string; suggestion?: string | undefined }) => ({
    message: `no host of this environment is named ${f.host}${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add the host to the fleet file.",
  }),
  no_host_matches: (f: { app: string; selector: string }) => ({
    message: `no host of this environment matches ${f.selector} for ${f.app}`,
    remedy: "Correct the labels here or in the fleet file.",
  }),
  no_node: (f: { host: string; why?: string | undefined }) => ({
    message: `${f.host} has no node for embedded apps${f.why === undefined ? "" : `; ${f.why}`}`,
    remedy: "Name one in the fleet file (node: shop), choose other hosts, or use isolation: vm.",
  }),
  duplicate_host: (f: { host: string; other: string; address: string; what: string }) => ({
    message: `hosts ${f.host} and ${f.other} are both ${f.address} with ${f.what}`,
    remedy: "Keep one of the two entries, or give it another root, and other nodes.",
  }),
  twice_on_machine: (f: { app: string; hosts: readonly [string, string]; address: string }) => ({
    message: `${f.app} is for ${f.hosts[0]} and ${f.hosts[1]}, which are both ${f.address}: two VMs of one node name and port`,
    remedy: "Choose one of them in hosts, or put them into two environments.",
  }),
  removed_dependency: (f: { app: string; dependent: string; place: string }) => ({
    message: `${f.app} was removed with this spec, and ${f.dependent} depends on it in ${f.place}`,
    remedy: "Take it out of depends_on there, or restore this spec.",
  }),
  port_conflict: (f: { port: number; apps: readonly [string, string]; host: string }) => ({
    message: `${f.apps[0]} and ${f.apps[1]} both want port ${f.port} on ${f.host}`,
    remedy: "Give one of them another port, or other hosts.",
  }),
  missing_secret: (f: { secret: string; suggestion?: string | undefined }) => ({
    message: `secret ${f.secret} is not in the input secrets${suggested(f.suggestion)}`,
    remedy: `Pass it in the JSON object of the input secrets: "${f.secret}": \${{ toJSON(secrets.${f.secret}) }}.`,
  }),
  secret_withheld: (f: { secret: string; input: string }) => ({
    message: `secret ${f.secret} is, or holds, what the input ${f.input} is given: no app may have it`,
    remedy: "Name another secret here. In the workflow, pass only the secrets that apps need, each by its name.",
  }),
  no_specs: (f: { folder: string; commit: string }) => ({
    message: `${f.folder}/ holds no app spec at commit ${f.commit}`,
    remedy:
      "Nothing is removed because a folder is empty. Check the input specs and the commit. To remove the last apps, delete their folders and set the input max-removals: 100% for that run.",
  }),
  spec_vanished: (f: { app: string; folder: string }) => ({
    message: `${f.folder}/ still exists, but no longer holds a spec file for ${f.app}`,
    remedy: "Restore the spec file, or delete the whole folder to remove the app.",
  }),
  spec_too_deep: (f: { folder: string; expected: string }) => ({
    message: `a spec must be in a folder of its own right below ${f.folder}/, this one is not looked at`,
    remedy: `Move it to ${f.expected}.`,
  }),
  not_in_git: (f: { what: string }) => ({
    message: `a spec's folder and file must be in this repository itself, this is ${f.what}`,
    remedy: "Put the folder and its files there; nothing is removed because it can't be followed.",
  }),
  spec_misplaced: (f: { app: string; expected: string }) => ({
    message: `no spec names ${f.app} any more, and this file looks like its spec`,
    remedy: `Move it to ${f.expected}, or delete it as well to remove the app.`,
  }),
  no_fleet: (f: { file: string; commit: string }) => ({
    message: `fleet file ${f.file} does not exist at commit ${f.commit}`,
    remedy: "Commit it, or name another in the input fleet.",
  }),

  // Inputs and git
  missing_input: (f: { input: string; why: string }) => ({
    message: `input ${f.input} is required ${f.why}`,
    remedy: `Set it under with: in the workflow.`,
  }),
  invalid_input: (f: { input: string; expected: string; got: string }) => ({
    message: `input ${f.input} must be ${f.expected}, got ${f.got}`,
    remedy: "Correct it under with: in the workflow.",
  }),
  ssh_key_unusable: (f: { what: string; instead: string }) => ({
    message: `the input ssh-key ${f.what}`,
    remedy: f.instead,
  }),
  runner_lacks: (f: { tool: string; pack: string }) => ({
    message: `the runner has no ${f.tool}`,
    remedy: `Install ${f.pack} in a step before, or in the image of the job's container.`,
  }),
  runner_user_unknown: (f: { uid: number }) => ({
    message: `user id ${f.uid} of this job is not in /etc/passwd, and ssh does not start for a user it can't look up`,
    remedy: "Add that user to the container's image, or run the container as one it has: options: --user root.",
  }),
  unknown_commit: (f: { commit: string; detail: string }) => ({
    message: `commit ${f.commit} can't be read: ${f.detail}`,
    remedy: "Use actions/checkout in the job before Beamline; fetch-depth: 0 helps with rewritten histories.",
  }),

  // Artifacts
  fetch_failed: (f: { url: string; detail: string }) => ({
    message: `${f.url} can't be fetched: ${f.detail}`,
    remedy: "Check that the artifact exists at this url and can be read from the runner.",
  }),
  source_not_allowed: (f: { url: string; why: string; line: string }) => ({
    message: `${f.url} is not fetched: ${f.why}`,
    remedy: `If a release may come from there, give the workflow's input allow-sources this line: ${f.line}`,
  }),
  checksum_mismatch: (f: { url: string; expected: string; actual: string }) => ({
    message: `${f.url} has sha256 ${f.actual}, the spec says ${f.expected}`,
    remedy: "If the artifact is right, put its sha256 into the spec; if not, someone changed it: find out who.",
  }),
  invalid_artifact: (f: { url: string; detail: string }) => ({
    message: `${f.url} is no usable release: ${f.detail}`,
    remedy: "Build it again with rebar3 tar or mix release, and check the upload.",
  }),
};
