// Real servers on a free local port for the client's tests.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a server received. */
export interface ReceivedRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A running server: its base URL, what it received, how many connections were made. */
export interface LocalServer {
  url: string;
  port: number;
  requests: ReceivedRequest[];
  connections: () => number;
}

type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

/** Runs `use` against an HTTP server that reads each request to its end and then answers with `answer`. */
export async function withHttpServer<T>(answer: Answer, use: (server: LocalServer) => Promise<T>): Promise<T> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) {
      body += String(chunk);
    }
    const request = { method: incoming.method, url: incoming.url, headers: incoming.headers, body };
    requests.push(request);
    answer(response, request);
  });
  return run(server, requests, use);
}

/** Runs `use` against a TCP server that does with each connection what `accept` says: for answers that HTTP would not give. */
export function withTcpServer<T>(
  accept: (socket: Socket) => void,
  use: (server: LocalServer) => Promise<T>,
): Promise<T> {
  return run(createTcpServer(accept), [], use);
}

async function run<T>(
  server: Server,
  requests: ReceivedRequest[],
  use: (server: LocalServer) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: `http://127.0.0.1:${port}`, port, requests, connections: () => connections });
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => server.close(resolve));
  }
}
