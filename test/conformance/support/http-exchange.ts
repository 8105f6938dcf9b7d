// One HTTP exchange without a client's corrections: any method, any target, any headers, any body.
import { Agent, METHODS, request } from 'node:http';

/** What is sent. `path` is put on the wire as it is, in Latin-1. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whether the body is sent in chunks instead of with its length. */
  readonly chunked?: boolean;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** The methods that Node knows; CONNECT is no request for a resource, and nobody listens for tunnels. */
export const HTTP_METHODS: readonly string[] = METHODS.filter((method) => method !== 'CONNECT');

/** A sender to one server. Close it. */
export class RawSender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(private readonly url: string) {}

  /** Sends and reads the whole answer. Rejects when the connection is dropped, or nothing comes for 10 seconds. */
  send({ method, path, headers, body, chunked = false }: RawRequest): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      // Said in so many words: for methods that seldom have a body Node would send it without either.
      const framing: Record<string, string> = chunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(body.length) };
      const options = { agent: this.#agent, hostname, port, method, path, timeout: 10_000 };
      const outgoing = request({ ...options, headers: { ...headers, ...(body.length > 0 && framing) } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 10 seconds')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
