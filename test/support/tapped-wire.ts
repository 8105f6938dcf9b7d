// A wire between a client and a server that a test listens in on, and where it can hold or drop what is sent.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where some bytes are going. */
export interface Passage {
  direction: 'to-server' | 'to-client';
  /** Which connection they are on, numbered from 1. */
  connection: number;
}

/**
 * Sees all bytes of a connection in order; what comes after them in the same direction waits until it has decided.
 * @returns whether they are sent on; if not, they are lost
 */
export type Tap = (bytes: Buffer, passage: Passage) => Promise<boolean>;

export class TappedWire {
  /** Who listens in; everything passes while it is undefined. */
  tap: Tap | undefined;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on('connection', (client) => this.#connect(client));
  }

  /** @param url the server's; its host and port count */
  static async to(url: string | URL): Promise<TappedWire> {
    const { hostname: host, port } = new URL(url);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TappedWire(server, { host, port: Number(port || 5432) });
  }

  /** The port to connect to. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Breaks every connection and takes no more. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #connect(client: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    const server = connect(this.target);
    this.#lead(client, server, { direction: 'to-server', connection });
    this.#lead(server, client, { direction: 'to-client', connection });
  }

  #lead(from: Socket, to: Socket, passage: Passage): void {
    let sent = Promise.resolve();
    this.#sockets.add(from);
    from.on('error', () => undefined);
    from.on('data', (bytes: Buffer) => {
      sent = this.#send(sent, bytes, to, passage);
    });
    from.on('end', () => void sent.then(() => to.end()));
    from.on('close', () => {
      this.#sockets.delete(from);
      void sent.then(() => to.destroySoon());
    });
  }

  async #send(before: Promise<void>, bytes: Buffer, to: Socket, passage: Passage): Promise<void> {
    await before;
    const passes = this.tap === undefined || (await this.tap(bytes, passage));
    if (passes && !to.destroyed) to.write(bytes);
  }
}
