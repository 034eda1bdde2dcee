// From a request to its answer: token, description, hand checks, model, and the description again for what we say.
import { type Answer, type Call, docs, type Model, refusal } from "./call.ts";
import { checks } from "./checks.ts";
import { comments } from "./comments.ts";
import { deployments } from "./deployments.ts";
import { handProblems } from "./hand-checks.ts";
import { type Operation, routeOf } from "./openapi.ts";
import { reads } from "./reads.ts";
import { sampleOf } from "./sample.ts";

/** What a request carries, besides the connection. */
export type Asked = {
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  authorization: string;
};

/** What the double knows that a request does not say. */
export type Scene = {
  used: number;
  callOf(known: Pick<Call, "path" | "query" | "body" | "token">): Call;
};

/** An answer, with what was wrong with the request (`problems`) or with the answer itself (`ourProblems`). */
export type Judged = { answer: Answer; problems: string[]; ourProblems: string[] };

const models: Record<string, Model> = { ...checks, ...deployments, ...comments, ...reads };

/** The operation a request addresses, or null. */
export function operationIdOf(method: string, path: string): string | null {
  return routeOf(method, path)?.operation.id ?? null;
}

/** What GitHub would refuse or silently misread in a request, whatever becomes of it. */
export function requestProblems({ method, path, query, body }: Asked): string[] {
  const route = routeOf(method, path);
  if (route === undefined) return [`${method} ${path} is no operation the double knows`];
  const { operation, parameters } = route;
  return [
    ...operation.requestProblems(parameters, query, body),
    ...handProblems(operation.id, operation.bodySchema, body),
  ];
}

/** Answers a request as GitHub would. Only a request without problems changes anything. */
export function answerTo(asked: Asked, scene: Scene): Judged {
  const route = routeOf(asked.method, asked.path);
  if (route === undefined) return refused(requestProblems(asked), 404, "Not Found");
  const token = /^(?:bearer|token) +(\S+)$/i.exec(asked.authorization)?.[1];
  if (token === undefined) return refused([], 401, "Requires authentication");

  const { operation, parameters } = route;
  const problems = requestProblems(asked);
  if (problems.length > 0) return { answer: refusal(...problems), problems, ourProblems: [] };

  const answer = modelled(operation, scene, { path: parameters, query: asked.query, body: asked.body, token });
  const ourProblems = operation.answerProblems(answer.status, answer.body);
  return { answer, problems: answer.refused === undefined ? [] : [answer.refused], ourProblems };
}

function modelled(operation: Operation, scene: Scene, known: Pick<Call, "path" | "query" | "body" | "token">): Answer {
  if (operation.id === "rate-limit/get") return rateLimit(scene.used);
  const model = models[operation.id];
  if (model === undefined) throw new Error(`the double describes ${operation.id} but does not model it`);
  return model(scene.callOf(known));
}

function refused(problems: string[], status: number, message: string): Judged {
  return {
    answer: { status, body: { message, documentation_url: docs, status: String(status) } },
    problems,
    ourProblems: [],
  };
}

// A workflow's own token has 1,000 requests an hour and repository.
function rateLimit(used: number): Answer {
  const core = { limit: 1000, remaining: Math.max(0, 1000 - used), reset: 4102444800, used };
  const search = { limit: 30, remaining: 30, reset: 4102444800, used: 0 };
  return { status: 200, body: sampleOf("rate-limit-overview", { resources: { core, search }, rate: core }) };
}
