// A wire that can be cut: stands between a client and a server, so that the server can seem stopped and come back.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #hanging = false;
  #onForward: (() => Promise<void>) | undefined;

  constructor(private readonly target: { host: string; port: number }) {}

  /** The port to connect to, the same after each `start`. */
  get port(): number {
    return this.#port;
  }

  /** Listens (again). */
  async start(): Promise<void> {
    this.#hanging = false;
    this.#server = createServer((client) => this.#forward(client)).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection and refuses new ones, as a stopped server does. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Breaks every connection, and takes new ones without ever answering. */
  async hang(): Promise<void> {
    await this.stop();
    await this.start();
    this.#hanging = true;
  }

  /** Runs `work` when the next bytes are on their way to the server, before they are sent on. */
  onceForwarded(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onForward = () => work().then(resolve, reject);
    });
  }

  #forward(client: Socket): void {
    if (this.#hanging) {
      this.#sockets.add(client);
      client.on('error', () => undefined).resume();
      return;
    }
    const upstream = connect(this.target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    upstream.pipe(client);
    client.on('data', (chunk) => void this.#send(chunk, upstream));
    client.on('end', () => upstream.end());
  }

  async #send(chunk: Buffer, upstream: Socket): Promise<void> {
    const work = this.#onForward;
    this.#onForward = undefined;
    if (work !== undefined) await work();
    upstream.write(chunk);
  }
}
