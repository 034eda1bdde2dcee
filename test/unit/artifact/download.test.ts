// Downloads from real servers on this machine, which is a private network as well: what is tested here is allowed, but where it says so.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AllowedSources, allowedSources } from "../../../src/artifact/allowed-sources.ts";
import { DiskRoom } from "../../../src/artifact/disk-room.ts";
import { type Downloading, download, USUAL_LIMITS } from "../../../src/artifact/download.ts";
import type { Got } from "../../../src/artifact/got.ts";
import { sourcesOf } from "../../../src/artifact/sources.ts";
import { serve, serveRaw, type TestServer } from "./servers.ts";

const LIMITS = { bytes: 100_000, connectMs: 400, stallMs: 400, wholeMs: 20_000, pausesMs: [1, 1] };
const BODY = "x".repeat(50_000);

let directory: string;
let said: string[];
const servers: TestServer[] = [];
const file = (): string => join(directory, "counter.tar.gz");
const allow = (...lines: string[]): AllowedSources => {
  const read = allowedSources(lines);
  if ("wrong" in read) throw new Error(read.wrong);
  return read;
};
const given = (change: Partial<Downloading> = {}): Downloading => ({
  allowed: allow("http://127.0.0.1:*/", "https://127.0.0.1:*/"),
  limits: LIMITS,
  room: new DiskRoom(1_000_000),
  say: (line) => said.push(line),
  signal: new AbortController().signal,
  ...change,
});
const get = (url: string, change: Partial<Downloading> = {}): Promise<Got> => download(url, file(), given(change));
const running = async (server: Promise<TestServer>): Promise<TestServer> => {
  servers.push(await server);
  return server;
};
const serving = (answer: (number: number, response: ServerResponse, url: string) => void): Promise<TestServer> =>
  running(serve((number, { url = "" }, response) => answer(number, response, url)));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "download-"));
  said = [];
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  for (const server of servers.splice(0)) server.close();
});

describe("a download", () => {
  test("is what the server has, byte by byte, though it calls a tarball's gzip an encoding", async () => {
    const { url } = await serving((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(BODY));
    expect(await get(url)).toEqual({ file: file() });
    expect(readFileSync(file(), "utf8")).toBe(BODY);
    expect(said).toEqual([]);
  });

  test.each([503, 500, 429, 408])("is tried again after a %i, and the log says so", async (status) => {
    const { url, asked } = await serving((number, response) =>
      number === 1 ? response.writeHead(status).end() : response.end(BODY),
    );
    expect(await get(url)).toEqual({ file: file() });
    expect(asked).toHaveLength(2);
    expect(said).toEqual([expect.stringMatching(new RegExp(`the server answers ${status} .*; it is tried again in`))]);
  });

  test.each([404, 403, 410])("is not tried again after a %i, which will be so the next time", async (status) => {
    const { url, asked } = await serving((_, response) => response.writeHead(status).end());
    expect(await get(url)).toEqual({ failed: expect.stringContaining(`the server answers ${status}`) });
    expect(asked).toHaveLength(1);
  });

  test("waits as long as a busy server asks for", async () => {
    const { url } = await serving((number, response) =>
      number === 1 ? response.writeHead(503, { "retry-after": "1" }).end() : response.end(BODY),
    );
    expect(await get(url)).toEqual({ file: file() });
    expect(said[0]).toContain("it is tried again in 1.0 s");
  });

  test("waits until the time that a busy server names, by that server's clock", async () => {
    const date = "Thu, 01 Jan 2015 00:00:00 GMT";
    const until = "Thu, 01 Jan 2015 00:00:01 GMT";
    const { url } = await serving((number, response) =>
      number === 1 ? response.writeHead(429, { date, "retry-after": until }).end() : response.end(BODY),
    );
    expect(await get(url)).toEqual({ file: file() });
    expect(said[0]).toContain("it is tried again in 1.0 s");
  });

  test("is given up after as many tries as there are, with how many there were", async () => {
    const { url, asked } = await serving((_, response) => response.writeHead(503).end());
    expect(await get(url)).toEqual({ failed: "the server answers 503 Service Unavailable (tried 3 times)" });
    expect(asked).toHaveLength(3);
  });

  test("that breaks off is tried again, and only the whole one counts", async () => {
    const { url } = await serving((number, response) => {
      response.writeHead(200, { "content-length": BODY.length });
      if (number > 1) response.end(BODY);
      else response.write(BODY.slice(0, 20_000), () => response.destroy());
    });
    expect(await get(url)).toEqual({ file: file() });
    expect(readFileSync(file(), "utf8")).toBe(BODY);
    expect(said).toEqual([expect.stringMatching(/it broke off after \d+ kB of 50 kB/)]);
  });

  test("that always breaks off, or ends before its content-length, leaves nothing behind", async () => {
    const { url } = await serving((_, response) => {
      response.writeHead(200, { "content-length": BODY.length + 7 });
      response.write(BODY, () => response.destroy());
    });
    expect(await get(url)).toEqual({ failed: "it broke off after 50 kB of 50 kB (tried 3 times)" });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("that stalls is given up, whenever it does", async () => {
    const silent = await running(serveRaw(() => undefined));
    expect(await get(silent.url)).toEqual({ failed: "no answer came in 400 ms (tried 3 times)" });
    const midway = await serving((_, response) => response.write(BODY));
    expect(await get(midway.url)).toEqual({ failed: "no byte came for 400 ms (tried 3 times)" });
    // TCP connects, TLS does not.
    const noTls = await running(serveRaw(() => undefined));
    expect(await get(noTls.url.replace("http:", "https:"))).toEqual({
      failed: "no connection could be made in 400 ms (tried 3 times)",
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of a server that sends a byte now and then ends as well", async () => {
    const { url } = await serving((_, response) => {
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    });
    const limits = { ...LIMITS, wholeMs: 600 };
    expect(await get(url, { limits })).toEqual({ failed: "it took longer than 600 ms" });
  });

  test("that is too large is refused: by what it says first, else by what comes", async () => {
    let sent = 0;
    const { url, asked } = await serving((_, response, path) => {
      if (path === "/said") return response.writeHead(200, { "content-length": 100_001 }).flushHeaders();
      const more = (): boolean => {
        sent += BODY.length;
        return response.write(BODY);
      };
      // A body without an end.
      response.on("drain", more);
      while (more());
    });
    expect(await get(`${url}/said`)).toEqual({ failed: "it is larger than 100 kB" });
    expect(await get(`${url}/endless`)).toEqual({ failed: "it is larger than 100 kB" });
    expect(asked).toEqual(["/said", "/endless"]);
    // What lies in buffers on the way.
    expect(sent).toBeLessThan(20_000_000);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of a shorter content-length than its body is cut there, for its sha256 to tell", async () => {
    const { url } = await running(
      serveRaw((socket) =>
        socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${BODY}`)),
      ),
    );
    expect(await get(url)).toEqual({ file: file() });
    expect(readFileSync(file(), "utf8")).toBe("xxxxx");
  });

  test("of a server that nobody runs is tried again, and its error is the system's", async () => {
    const { url, close } = await serving(() => undefined);
    close();
    expect(await get(url)).toEqual({ failed: expect.stringMatching(/^connect ECONNREFUSED .* \(tried 3 times\)$/) });
  });

  test("of a name that does not exist is not tried again", async () => {
    expect(await get("http://releases.invalid/a.tar.gz")).toEqual({
      failed: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });

  test("ends with the run", async () => {
    const run = new AbortController();
    const { url } = await serving((_, response) => {
      response.write(BODY);
      run.abort();
    });
    expect(await get(url, { signal: run.signal })).toEqual({ failed: "the run has ended" });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("is made once for several apps of one url", async () => {
    const { url, asked } = await serving((_, response) => response.end(BODY));
    const sources = sourcesOf({ ...given(), workspace: directory });
    const got = await Promise.all(["one", "two"].map((app) => sources.file(url, join(directory, app))));
    expect(got).toEqual([{ file: join(directory, "one") }, { file: join(directory, "one") }]);
    expect(asked).toHaveLength(1);
  });

  test("takes up room of all that the run may put on the disk, and gives back what it does not keep", async () => {
    const { url } = await serving((number, response) => {
      response.writeHead(200, { "content-length": BODY.length });
      if (number === 1) response.write(BODY.slice(0, 40_000), () => response.destroy());
      else response.end(BODY);
    });
    const room = new DiskRoom(120_000);
    const sources = sourcesOf({ ...given({ room }), workspace: directory });
    const fetched = (name: string) => sources.file(`${url}/${name}`, join(directory, name));
    expect(await fetched("one")).toEqual({ file: join(directory, "one") });
    expect(await fetched("two")).toEqual({ file: join(directory, "two") });
    const full = "all that this run puts on the runner's disk would be more than 120 kB";
    expect(await fetched("three")).toEqual({ failed: full });
    expect(readdirSync(directory).sort()).toEqual(["one", "two"]);
    await sources.drop(join(directory, "one"));
    expect(await fetched("four")).toEqual({ file: join(directory, "four") });
    expect(readdirSync(directory).sort()).toEqual(["four", "two"]);
  });

  test("of one url stays until all who asked for it refuse it, and no file of the checkout is ever removed", async () => {
    const { url, asked } = await serving((_, response) => response.end(BODY));
    const sources = sourcesOf({ ...given(), workspace: directory });
    const one = join(directory, "one");
    await Promise.all(["one", "two"].map((app) => sources.file(url, join(directory, app))));
    await sources.drop(one);
    expect(readdirSync(directory)).toEqual(["one"]);
    await sources.drop(one);
    expect(readdirSync(directory)).toEqual([]);
    await sources.file(url, one);
    expect(asked).toHaveLength(2);
    writeFileSync(join(directory, "own"), BODY);
    const own = await sources.file("file:own", "");
    await sources.drop("file" in own ? own.file : "");
    expect(readdirSync(directory).sort()).toEqual(["one", "own"]);
  });

  test("is one of four at a time, whatever the run needs", async () => {
    const open: ServerResponse[] = [];
    let most = 0;
    const { url } = await serving((_, response) => {
      open.push(response);
      most = Math.max(most, open.length);
      // The fifth would come while these four wait.
      if (open.length === 4)
        setImmediate(() => {
          for (const it of open.splice(0)) it.end(BODY);
        });
    });
    const sources = sourcesOf({ ...given(), workspace: directory });
    const names = Array.from({ length: 12 }, (_, index) => `app${index}`);
    const got = await Promise.all(names.map((it) => sources.file(`${url}/${it}`, join(directory, it))));
    expect(got).toEqual(names.map((it) => ({ file: join(directory, it) })));
    expect(most).toBe(4);
  });

  test("has limits that real releases and networks keep", () => {
    expect(USUAL_LIMITS).toMatchObject({ bytes: 2_147_483_648, connectMs: 20_000, stallMs: 60_000 });
    expect(USUAL_LIMITS.pausesMs).toHaveLength(3);
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("(%i) is followed, relative ones too", async (status) => {
    const { url, asked } = await serving((_, response, path) =>
      path === "/a" ? response.writeHead(status, { location: "b" }).end() : response.end(BODY),
    );
    expect(await get(`${url}/a`)).toEqual({ file: file() });
    expect(asked).toEqual(["/a", "/b"]);
  });

  test("in a circle is followed five times", async () => {
    const { url, asked } = await serving((_, response) => response.writeHead(302, { location: "/" }).end());
    expect(await get(url)).toEqual({ failed: "it redirects more than 5 times" });
    expect(asked).toHaveLength(6);
  });

  test("to a file is not followed, whatever is allowed", async () => {
    const { url } = await serving((_, response) => response.writeHead(302, { location: "file:///etc/passwd" }).end());
    const allowed = allow("http://127.0.0.1:*/", "file:///");
    expect(await get(url, { allowed })).toEqual({ failed: "it redirects to a file: url, which is not followed" });
  });

  test("into a private network is refused where that is not allowed, and names the line that allows it", async () => {
    const target = await serving((_, response) => response.end(BODY));
    const there = target.url.replace("127.0.0.1", "127.0.0.2");
    const { url } = await serving((_, response) => response.writeHead(302, { location: `${there}/x?token=t0p` }).end());
    const allowed = allow(url);
    const refused = `it redirects to ${there}/x: 127.0.0.2 is no address of the public internet`;
    expect(await get(url, { allowed })).toEqual({ refused, line: `${there}/` });
    expect(target.asked).toEqual([]);
  });

  test("does not show the query that it leads to, which may hold a signature", async () => {
    const { url } = await serving((_, response, path) =>
      path === "/" ? response.writeHead(302, { location: "/x?signature=t0p" }).end() : response.writeHead(404).end(),
    );
    expect(await get(url)).toEqual({ failed: `it redirects to ${url}/x: the server answers 404 Not Found` });
  });
});

describe("a source that is not allowed", () => {
  test("is never connected to, in whatever form its address is written", async () => {
    const { url, asked } = await serving((_, response) => response.end(BODY));
    const { port } = new URL(url);
    const forms = ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]"];
    for (const host of [...forms, "[::ffff:7f00:1]", "localhost"])
      expect(await get(`http://${host}:${port}/`, { allowed: allow() }), host).toEqual({
        refused: expect.stringContaining("no address of the public internet"),
        line: expect.stringMatching(/^http:.*\/$/),
      });
    expect(asked).toEqual([]);
  });

  test("is allowed by the very line that its refusal names", async () => {
    const { url } = await serving((_, response) => response.end(BODY));
    const at = url.replace("127.0.0.1", "localhost");
    const refused = await get(at, { allowed: allow() });
    if (!("line" in refused)) throw new Error("it is refused");
    expect(await get(at, { allowed: allow(refused.line) })).toEqual({ file: file() });
  });
});
