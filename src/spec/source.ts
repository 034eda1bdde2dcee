// source: where an app's code comes from. What is wrong with it, and what it is with its defaults.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { isVisible, visible } from "../core/visible.ts";
import type { AppFields } from "./app-fields.ts";
import type { Source } from "./app-spec.ts";
import type { SpecDocument } from "./document.ts";
import { expanded, unknownVariable } from "./variables.ts";

/** What may stand in braces in a url. Not {host}: every host gets the same bytes. */
const VARIABLES = ["name", "version", "environment"];

/** Where a git source names no ref: the repository's own branch, as a clone takes it. */
const DEFAULT_REF = "HEAD";

export function sourceProblems(document: SpecDocument, { source }: AppFields): Problem[] {
  const problems: Problem[] = [];
  const { type = "hex", url, sha256, ref } = source ?? {};
  // Refused as a whole.
  if (type === "mesh") return [];
  const missing = (field: "type" | "url" | "sha256"): void => {
    problems.push(problem("missing_field", document.at(["source"]), { field: `source.${field}` }));
  };
  const refuse = (field: "url" | "sha256" | "ref", expected: string, got: string): void => {
    problems.push(
      problem("invalid_value", document.at(["source", field]), { field: `source.${field}`, expected, got }),
    );
  };
  if (url === undefined && type !== "hex") missing("url");
  // A forgotten type would mean hex, and a package where a release is meant.
  if (url !== undefined && source?.type === undefined) missing("type");
  // bc_gitops does not look at the url of a hex package either.
  else if (url !== undefined && type !== "hex") {
    const expected = urlExpected(type, url);
    const unknown = unknownVariable(url, VARIABLES);
    if (hasPassword(url)) refuse("url", "a url without a password in it", "one with");
    else if (expected !== null) refuse("url", expected, shownUrl(url));
    else if (!isPlain(url))
      refuse(
        "url",
        "a url without unseen characters; of http and https without blanks and backslashes, too, its host behind two slashes",
        shownUrl(url),
      );
    else if (unknown !== undefined) {
      const meant = unknown.suggestion === undefined ? "" : `; did you mean {${unknown.suggestion}}?`;
      refuse("url", `a url with no other variables than {${VARIABLES.join("}, {")}}${meant}`, `{${unknown.name}}`);
    }
    if (type === "release" && /^https?:/.test(url) && sha256 === undefined) missing("sha256");
  }
  if (ref !== undefined && type === "release") refuse("ref", "left out with source.type release", JSON.stringify(ref));
  if (ref !== undefined && (ref.startsWith("-") || !isVisible(ref)))
    refuse("ref", "a tag, a branch, a commit or a version", JSON.stringify(ref));
  if (sha256 !== undefined && sha256Of(sha256) === undefined)
    refuse("sha256", "a sha256 as 64 hex digits or 44 base64 characters", JSON.stringify(sha256));
  return problems;
}

/**
 * A user before the host: of http a token as well (RFC 3986, 3.2.1). git@ of ssh names nobody's secret. Asked of what the url means,
 * which is more than what it looks like: to http, `https:/\\u:p@host` has one as well (WHATWG URL). What is no url may look like one
 * that has.
 */
function hasPassword(url: string): boolean {
  const [, scheme = "", authority = ""] = /^([a-z+-]{1,20}):\/\/([^/?#]*)/i.exec(url) ?? [];
  const [username = "", password = ""] = authority.slice(0, Math.max(0, authority.lastIndexOf("@"))).split(":");
  const meant = URL.parse(url.replace(/\{\w+\}/g, "x")) ?? { protocol: `${scheme.toLowerCase()}:`, username, password };
  return meant.password !== "" || (meant.username !== "" && /^https?:$/.test(meant.protocol));
}

/** Whether a url is written as it is meant: nothing in it is seen by nobody, and its host stands where hosts stand. */
const isPlain = (url: string): boolean =>
  isVisible(url) && (!/^https?:/i.test(url) || /^https?:\/\/[^/?#\s\\][^\s\\]*$/i.test(url));

const shownUrl = (url: string): string => visible(JSON.stringify(url.slice(0, 100))) + (url.length > 100 ? "…" : "");

/** What a url must be, where it is not. */
function urlExpected(type: "release" | "git", url: string): string | null {
  if (type === "git")
    return /^(https?|ssh|git|file):|^[\w.-]+@[\w.-]+:/.test(url)
      ? null
      : "a git url such as https://example.org/app.git";
  return /^(https?|file|artifact):|^github-release:\/\/[^/]+\/[^/]+\/[^/]+\/[^/]+$/.test(url)
    ? null
    : "an https:, file:, artifact: or github-release://OWNER/REPO/TAG/ASSET url";
}

/** The source of well-formed fields. A mesh source never comes here. */
export function sourceOf({ source, name, version }: AppFields, environment: string): Source {
  const { type = "hex", url = "", ref, sha256: written } = source ?? {};
  const sha256 = written === undefined ? {} : { sha256: sha256Of(written) ?? "" };
  const at = expanded(url, { name, version, environment });
  if (type === "git") return { type, url: at, ref: ref ?? DEFAULT_REF, ...sha256 };
  if (type === "release") return { type, url: at, ...sha256 };
  return { type: "hex", ref: ref ?? version, ...sha256 };
}

/** A sha256 given in hex or base64, as lower-case hex; undefined where it is neither. */
function sha256Of(text: string): string | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  return Array.from(atob(text), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
