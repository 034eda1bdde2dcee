// Which files of a commit are specs, and which are laid over them.

/** bc_gitops' order of lookup; the first that exists in an app's folder is its spec. */
const SPEC_FILES = [
  "app.config",
  "app.yaml",
  "app.yml",
  "app.json",
  "config.yaml",
  "config.yml",
  "config.json",
  "config",
] as const;

/** Whether a file of this name is read as a spec. */
export const isSpecName = (name: string): boolean => SPEC_FILES.some((each) => each === name);

/** What an overlay's name ends with; app.ENV.yaml is one of the environment ENV. */
const OVERLAY = /^app\.(.+)\.(config|yaml|yml|json)$/;

/** The spec file of each app folder below `folder` that has one: folder → path. */
export function specFiles(paths: readonly string[], folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [app, names] of appFolders(paths, folder)) {
    const file = SPEC_FILES.find((name) => names.has(name));
    if (file !== undefined) files.set(app, `${app}/${file}`);
  }
  return files;
}

/** The overlays of an app folder for an environment. More than one is a mistake. */
export const overlaysOf = (present: ReadonlySet<string>, app: string, environment: string): string[] =>
  ["config", "yaml", "yml", "json"]
    .map((ending) => `${app}/app.${environment}.${ending}`)
    .filter((it) => present.has(it));

/** All files of a commit that must be read for an environment. */
export function specFilesOf(paths: readonly string[], folder: string, environment: string): string[] {
  const present = new Set(paths);
  return [...specFiles(paths, folder)].flatMap(([app, file]) => [file, ...overlaysOf(present, app, environment)]);
}

/** Overlays of app folders, with the environment that each is of. */
export function allOverlays(paths: readonly string[], folder: string): { file: string; environment: string }[] {
  return [...appFolders(paths, folder)].flatMap(([app, names]) =>
    [...names].flatMap((name) => {
      const environment = OVERLAY.exec(name)?.[1];
      return environment === undefined ? [] : [{ file: `${app}/${name}`, environment }];
    }),
  );
}

/** The folders right below `folder`, each with the names of the files right in it. */
function appFolders(paths: readonly string[], folder: string): Map<string, Set<string>> {
  const below = folder === "" ? "" : `${folder}/`;
  const folders = new Map<string, Set<string>>();
  for (const path of paths) {
    if (!path.startsWith(below)) continue;
    const [app, file, ...deeper] = path.slice(below.length).split("/");
    if (app === undefined || file === undefined) continue;
    const names = folders.get(below + app) ?? new Set();
    folders.set(below + app, names);
    if (deeper.length === 0) names.add(file);
  }
  return folders;
}
