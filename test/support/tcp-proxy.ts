// A wire between a client and a server: it can be cut and come back, hang, be listened in on, and hold or drop what is sent.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Signal } from './deadline.js';

/** Where some bytes are going. */
export interface Passage {
  direction: 'to-server' | 'to-client';
  /** Which connection they are on, numbered from 1. */
  connection: number;
}

/**
 * Sees all bytes of a connection in order; what comes after them in the same direction waits until it has decided.
 * @returns whether they are sent on, or what is sent instead of them; otherwise they are lost
 */
export type Tap = (bytes: Buffer, passage: Passage) => Promise<boolean | Buffer>;

/** What a wire holds. */
export interface Held {
  /** Settles when something is held. */
  readonly met: Promise<void>;
  /** Whether something is, or was. */
  isMet: boolean;
  readonly letGo: () => void;
}

export class TcpProxy {
  /** Who listens in; everything passes while it is undefined. */
  tap: Tap | undefined;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #hanging = false;
  #connections = 0;

  constructor(private target: { host: string; port: number }) {}

  /** A wire that listens. @param url the server's; its host and port count */
  static async to(url: string | URL): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url);
    const proxy = new TcpProxy({ host, port: Number(port || 5432) });
    await proxy.start();
    return proxy;
  }

  /** The port to connect to, the same after each `start`. */
  get port(): number {
    return this.#port;
  }

  /** Listens (again). */
  async start(): Promise<void> {
    this.#hanging = false;
    this.#server = createServer((client) => this.#connect(client)).listen(this.#port, '127.0.0.1');
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
    this.cut();
    await closed;
  }

  /** Breaks every connection. @returns how many of their ends have gone */
  cut(): number {
    const ends = [...this.#sockets];
    for (const socket of ends) socket.resetAndDestroy();
    return ends.filter(({ destroyed }) => destroyed).length;
  }

  /**
   * Holds what passes in one direction until it is let go, and with it what follows it on its connection.
   * @param nth only the n-th message from now on; by default each
   */
  hold(direction: Passage['direction'], nth?: number): Held {
    const [met, letGo] = [new Signal(), new Signal()];
    let seen = 0;
    const held: Held = {
      met: met.raised,
      isMet: false,
      letGo: () => {
        this.tap = undefined;
        letGo.raise();
      },
    };
    this.tap = async (_bytes, passage) => {
      if (passage.direction === direction && ((seen += 1) === nth || nth === undefined)) {
        held.isMet = true;
        met.raise();
        await letGo.raised;
      }
      return true;
    };
    return held;
  }

  /** Breaks every connection, and leads new ones to another server. */
  leadTo(url: string): void {
    const { hostname: host, port } = new URL(url);
    this.target = { host, port: Number(port) };
    this.cut();
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
      this.tap = async (_bytes, { direction }) => {
        if (direction === 'to-client') return true;
        this.tap = undefined;
        await work().then(resolve, reject);
        return true;
      };
    });
  }

  #connect(client: Socket): void {
    if (this.#hanging) {
      this.#sockets.add(client);
      client.on('error', () => undefined).resume();
      return;
    }
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
    const passed = this.tap === undefined || (await this.tap(bytes, passage));
    if (passed !== false && !to.destroyed) to.write(passed === true ? bytes : passed);
  }
}
