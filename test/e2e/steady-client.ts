// A client that keeps one TCP connection open and asks again and again: it notices what a deployment does to connections.
import { connect, type Socket } from "node:net";

export type SteadyClient = {
  /** What it got so far, in order. */
  readonly answers: readonly string[];
  /** What went wrong: each broken connection, each answer other than 200. */
  readonly failures: readonly string[];
  /** ms that the slowest answer took. */
  readonly slowestMs: number;
  stop(): Promise<void>;
};

/** Asks for `path` without pause, over one connection; a connection that breaks is a failure, and made anew. */
export function startSteadyClient(host: string, port: number, path: string): SteadyClient {
  const answers: string[] = [];
  const failures: string[] = [];
  let slowestMs = 0;
  let isStopped = false;
  const asking = (async () => {
    while (!isStopped) {
      const socket = connect({ host, port });
      try {
        for await (const { answer, tookMs } of asks(socket, path, () => isStopped)) {
          answers.push(answer);
          slowestMs = Math.max(slowestMs, tookMs);
        }
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
        await new Promise((resolve) => setTimeout(resolve, 20));
      } finally {
        socket.destroy();
      }
    }
  })();
  return {
    answers,
    failures,
    get slowestMs() {
      return slowestMs;
    },
    stop: async () => {
      isStopped = true;
      await asking;
    },
  };
}

/** One request after the other on a connection. The answers have a content-length and fit a packet. */
async function* asks(
  socket: Socket,
  path: string,
  isOver: () => boolean,
): AsyncGenerator<{ answer: string; tookMs: number }> {
  let text = "";
  const chunks = socket[Symbol.asyncIterator]();
  while (!isOver()) {
    const begin = performance.now();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: counter\r\n\r\n`);
    let body: string | null = null;
    while (body === null) {
      const { value, done } = await chunks.next();
      if (done) throw new Error("the connection was closed");
      text += String(value);
      const [, status, length, rest] =
        /^HTTP\/1\.1 (\d+)[\s\S]*?content-length: (\d+)[\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
      if (rest === undefined || rest.length < Number(length)) continue;
      if (status !== "200") throw new Error(`status ${status}`);
      body = rest.slice(0, Number(length));
      text = rest.slice(Number(length));
    }
    yield { answer: body, tookMs: performance.now() - begin };
  }
}
