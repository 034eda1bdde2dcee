// Servers of this machine that answer as a test says.
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";

export type TestServer = { url: string; asked: string[]; close(): void };

const portOf = async (server: Server | TcpServer): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** An HTTP server; `asked` has the paths of all requests. */
export async function serve(
  answer: (number: number, ...request: Parameters<RequestListener>) => void,
): Promise<TestServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(asked.length, request, response);
  });
  const port = await portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A server that does with each connection what it is told. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<TestServer> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    answer(socket);
  });
  const port = await portOf(server);
  return {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
