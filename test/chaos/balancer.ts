// A small load balancer that does as ingress-nginx does: requests go in turn to replicas that are ready, over connections that are kept.
// A replica that refuses the connection is passed over; what may have reached one is never sent again.
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';

const LOOK_EVERY_MS = 500;
const LOOK_FOR_MS = 4000;

export class Balancer {
  /** By their addresses, whether each was ready when it was looked at last. */
  readonly replicas = new Map<string, boolean>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((asked, answer) => void this.#serve(asked, answer)).listen(0, '127.0.0.1');
  readonly #looking = setInterval(() => [...this.replicas.keys()].map((url) => this.#look(url)), LOOK_EVERY_MS);

  #turn = 0;

  /** Where it listens. */
  async url(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Takes a replica in, and waits until it is ready. */
  async add(url: string): Promise<void> {
    for (this.replicas.set(url, false); this.replicas.get(url) === false;) await this.#look(url);
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#server.close();
  }

  async #look(url: string): Promise<void> {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(LOOK_FOR_MS) }).catch(
      () => undefined,
    );
    // One that is too busy to answer is left as it was.
    if (answer !== undefined && this.replicas.has(url)) this.replicas.set(url, answer.ok);
    await answer?.body?.cancel();
  }

  async #serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(asked);
    const ready = [...this.replicas].flatMap(([url, isReady]) => (isReady ? [url] : []));
    const turn = (this.#turn += 1) % ready.length;
    for (const url of [...ready.slice(turn), ...ready.slice(0, turn)]) {
      if (await this.#pass(url, asked, body, answer)) return;
    }
    answer.writeHead(503).end();
  }

  /** @returns false when the connection was refused */
  #pass(to: string, asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<boolean> {
    const { method, url, headers } = asked;
    return new Promise((resolve) => {
      const passed = request(`${to}${url}`, { method, headers, agent: this.#agent }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers);
        pipeline(answered, answer, () => resolve(true));
      });
      passed.on('error', ({ code }: NodeJS.ErrnoException) => {
        if (code !== 'ECONNREFUSED') answer.writeHead(502).end();
        resolve(code !== 'ECONNREFUSED');
      });
      passed.end(body);
    });
  }
}
