/**
 * Installs what the tests and the demo need, on Debian or Ubuntu: the npm packages of package-lock.json (Node 24 is one of them), and as
 * root or with sudo the Debian packages. What is there stays untouched; a second call does nothing. Plain Node 20, no package.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

/** Folder of the tools that npm installed; its `node` is Node 24 whatever the machine's own is. */
export const bin = join(root, "node_modules/.bin");

/** One command each that tells whether a Debian package is there. */
const DEBIAN = {
  sshd: "openssh-server",
  ssh: "openssh-client",
  rebar3: "rebar3",
  erlc: "erlang-base",
  mix: "elixir",
  shellcheck: "shellcheck",
  busybox: "busybox",
  ip: "iproute2",
  ps: "procps",
  curl: "curl",
  socat: "socat",
  sudo: "sudo",
  systemctl: "systemd",
  openssl: "openssl",
};

/** What rebar3 needs to build a release, beside erlang-base. */
const ERLANG = [
  "crypto",
  "syntax-tools",
  "parsetools",
  "tools",
  "inets",
  "ssl",
  "public-key",
  "asn1",
  "runtime-tools",
  "eunit",
];

const run = (file, argv, environment = {}) =>
  execFileSync(file, argv, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...environment },
  });

function isTool(name) {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** node_modules as package-lock.json says. */
function installNpmPackages() {
  const installed = join(root, "node_modules/.package-lock.json");
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
  if (isCurrent) return;
  console.log("setup: npm ci");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

/** Answers what could not be installed: nothing, or the missing tools where there is neither root nor sudo. */
function installDebianPackages() {
  const missing = Object.keys(DEBIAN).filter((tool) => !isTool(tool));
  if (missing.length === 0) return [];
  const isRoot = process.getuid?.() === 0;
  if (!isTool("apt-get") || !(isRoot || canSudo())) return missing;
  const packages = missing.map((tool) => DEBIAN[tool]);
  if (packages.some((name) => name === "rebar3" || name === "erlang-base"))
    packages.push(...ERLANG.map((name) => `erlang-${name}`));
  console.log(`setup: apt-get install ${packages.join(" ")}`);
  const apt = (...argv) => {
    const words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", ...argv];
    run(isRoot ? "env" : "sudo", isRoot ? words.slice(1) : words);
  };
  apt("update");
  apt("install", "--yes", "--no-install-recommends", ...packages);
  return [];
}

function canSudo() {
  try {
    execFileSync("sudo", ["--non-interactive", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Installs all; answers the tools that are still missing. */
export function setUp() {
  installNpmPackages();
  process.env.PATH = [bin, process.env.PATH, dirname(process.execPath), "/usr/sbin", "/sbin"].join(delimiter);
  return installDebianPackages();
}
