// A stateful stand-in for api.github.com. Faults aside it answers as GitHub does, and it keeps everything it was asked:
// a test reads `state` for what came of it, `requests` for the transcript, and expects `violations` to be empty.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answerTo, type Judged, operationIdOf, requestProblems, type Scene } from "./answers.ts";
import { type Answer, docs } from "./call.ts";
import { type Fault, makeFaults } from "./faults.ts";
import { type Repository, repositoryIn, type State } from "./state.ts";

/** One request, in order of arrival; its status is null until answered. */
export type SeenRequest = {
  method: string;
  path: string;
  query: Record<string, string>;
  operationId: string | null;
  body: unknown;
  status: number | "reset" | null;
};

/** Something that must not be: a request GitHub would refuse or silently misread, or an answer of ours it never gives. */
export type Violation = {
  side: "request" | "answer";
  method: string;
  path: string;
  operationId: string | null;
  problems: string[];
};

/** Where to listen (default 127.0.0.1, any free port) and what time it is. */
export type DoubleOptions = { host?: string; port?: number; now?: () => Date };

/** A running double. */
export type GitHubDouble = {
  url: string;
  state: State;
  requests: SeenRequest[];
  violations: Violation[];
  /** The record of "owner/name", made if nobody touched it yet: to fill in before a run, and to read after. */
  repository(fullName: string): Repository;
  /** Injects a fault into requests to come. */
  fail(fault: Fault): void;
  /** Forgets the faults that have not struck yet. */
  heal(): void;
  close(): Promise<void>;
};

/** Starts a double. */
export async function startDouble(options: DoubleOptions = {}): Promise<GitHubDouble> {
  const state: State = { repositories: {} };
  const requests: SeenRequest[] = [];
  const violations: Violation[] = [];
  const faults = makeFaults();
  const closing = new AbortController();
  const now = options.now ?? (() => new Date());
  let lastId = 1000;
  let url = "";

  const scene: Scene = {
    get used() {
      return requests.length;
    },
    callOf: (known) => ({
      ...known,
      url,
      repository: repositoryIn(state, known.path.owner ?? "", known.path.repo ?? ""),
      now: now()
        .toISOString()
        .replace(/\.\d+Z$/, "Z"),
      nextId: () => ++lastId,
    }),
  };

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(incoming);
    const method = incoming.method ?? "GET";
    const { pathname: path, searchParams } = new URL(incoming.url ?? "/", "http://double");
    const query = Object.fromEntries(searchParams);
    const body = parsed(text);
    const seen: SeenRequest = { method, path, query, operationId: operationIdOf(method, path), body, status: null };
    requests.push(seen);
    const record = (side: Violation["side"], problems: string[]) => {
      if (problems.length > 0) violations.push({ side, method, path, operationId: seen.operationId, problems });
    };
    const reset = () => {
      seen.status = "reset";
      incoming.socket.resetAndDestroy();
    };
    const reply = (answer: Answer) => {
      seen.status = answer.status;
      send(response, answer);
    };

    const asked = { method, path, query, body, authorization: incoming.headers.authorization ?? "" };
    const harm = faults.strike(seen);
    if (harm?.kind === "reset" || harm?.kind === "status") {
      record("request", requestProblems(asked));
      if (harm.kind === "reset") return reset();
      const said = harm.body ?? { message: `injected ${harm.status}`, documentation_url: docs };
      return reply({ status: harm.status, headers: harm.headers ?? {}, body: said });
    }
    const judged = judgedOrBroken(() => answerTo(asked, scene));
    record("request", judged.problems);
    record("answer", judged.ourProblems);
    if (harm?.kind === "store-then-reset") return reset();
    if (harm?.kind === "slow") await sleep(harm.ms, undefined, { signal: closing.signal });
    reply(judged.ourProblems.length === 0 ? judged.answer : brokenAnswer(judged.ourProblems));
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      // A client may go away while it speaks, and close() cuts a slow answer short; all else is our bug.
      const { method = "", url: path = "" } = incoming;
      const isOurs = incoming.complete && !closing.signal.aborted;
      if (isOurs) violations.push({ side: "answer", method, path, operationId: null, problems: [String(error)] });
      response.destroy();
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", listening);
  });
  const { address, port } = server.address() as AddressInfo;
  url = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;

  return {
    url,
    state,
    requests,
    violations,
    repository: (fullName) => {
      const [owner = "", name = ""] = fullName.split("/");
      return repositoryIn(state, owner, name);
    },
    fail: faults.add,
    heal: faults.clear,
    close: async () => {
      closing.abort();
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(body === undefined || status === 204 ? undefined : JSON.stringify(body));
}

// A fault in the double itself must be seen as one, not as GitHub's answer.
function judgedOrBroken(judge: () => Judged): Judged {
  try {
    return judge();
  } catch (error) {
    return { answer: { status: 500 }, problems: [], ourProblems: [String(error)] };
  }
}

function brokenAnswer(problems: string[]): Answer {
  return {
    status: 500,
    body: { message: `the double's own answer is wrong: ${problems.join("; ")}`, documentation_url: docs },
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

// What is no JSON stays the text it is, and the description refuses it for not being an object.
function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
