// What an operation is given and what it gives back; shared by the files that model GitHub.
import type { Json } from "./sample.ts";
import type { Repository } from "./state.ts";

/** One request that has passed the description and the hand checks. */
export type Call = {
  repository: Repository;
  path: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  token: string;
  /** Where the double listens; addresses in answers begin with it. */
  url: string;
  now: string;
  nextId(): number;
};

/** What goes back. `refused` says that GitHub would not have taken the request: a violation of the caller's. */
export type Answer = { status: number; body?: unknown; headers?: Record<string, string>; refused?: string };

/** A modelled operation. */
export type Model = (call: Call) => Answer;

/** The address of something in the call's repository. */
export function addressIn({ url, repository }: Call, rest: string): string {
  return `${url}/repos/${repository.owner}/${repository.name}${rest}`;
}

/** GitHub's 404, which says no more than that. */
export function notFound(): Answer {
  return { status: 404, body: { message: "Not Found", documentation_url: docs, status: "404" } };
}

/** GitHub's 422, for what its description cannot know. */
export function refusal(...messages: string[]): Answer {
  const errors = messages.map((message) => ({ resource: "Request", code: "custom", message }));
  const body = { message: "Validation Failed", errors, documentation_url: docs, status: "422" };
  return { status: 422, body, refused: messages.join("; ") };
}

/** The asked page of a list, with GitHub's Link header; more than 100 a page are never given. */
export function pageOf(call: Call, where: string, all: Json[]): { items: Json[]; headers: Record<string, string> } {
  const size = Math.min(Number(call.query.per_page ?? 30), 100);
  const page = Number(call.query.page ?? 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (to: number, rel: string) => {
    const query = new URLSearchParams({ ...call.query, per_page: String(size), page: String(to) });
    return `<${where}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  const items = all.slice((page - 1) * size, page * size);
  return { items, headers: links.length === 0 ? {} : { link: links.join(", ") } };
}

/** The answer that carries one page of a bare list. */
export function listAnswer(call: Call, where: string, all: Json[]): Answer {
  const { items, headers } = pageOf(call, where, all);
  return { status: 200, body: items, headers };
}

export const docs = "https://docs.github.com/rest";
