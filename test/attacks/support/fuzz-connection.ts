// Sends many requests down one connection, pipelined, and reads the answers one by one.
import { connect } from 'node:net';

/** An answer of the service. */
export interface FuzzAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

/** One request in bytes. */
export interface WireRequest {
  /** Whether the answer comes without its body, as to HEAD. */
  head: boolean;
  bytes: Buffer;
}

const SILENCE_MS = 10_000;
const ATTEMPTS_ALONE = 3;

/**
 * Sends well-framed requests, each until it is answered: a server that closes the connection after a refusal leaves the
 * rest unanswered, and they are sent on another one.
 * @throws Error when a request gets no answer though it was sent alone
 */
export async function answersTo(url: string, requests: readonly WireRequest[]): Promise<FuzzAnswer[]> {
  const answers: FuzzAnswer[] = [];
  let alone = 0;
  while (answers.length < requests.length) {
    const rest = requests.slice(answers.length, alone === 0 ? undefined : answers.length + 1);
    const got = await onOneConnection(url, rest, { enough: rest.length, idleMs: SILENCE_MS });
    // A reset may overtake answers that were on their way.
    alone = got.length === 0 ? alone + 1 : 0;
    if (alone > ATTEMPTS_ALONE) throw new Error(`no answer to ${JSON.stringify(rest[0]?.bytes.toString('latin1'))}`);
    answers.push(...got);
  }
  return answers;
}

/** Sends bytes that need not be a request, and answers with what came until the service closed or had no more to say. */
export function answersToBytes(url: string, bytes: Buffer): Promise<FuzzAnswer[]> {
  const head = bytes.subarray(0, 5).toString('latin1') === 'HEAD ';
  return onOneConnection(url, [{ head, bytes }], { enough: Infinity, idleMs: SILENCE_MS, idleAfterAnswerMs: 50 });
}

interface Patience {
  /** Closes after that many answers. */
  enough: number;
  /** Closes after that long without a byte. */
  idleMs: number;
  idleAfterAnswerMs?: number;
}

function onOneConnection(url: string, requests: readonly WireRequest[], patience: Patience): Promise<FuzzAnswer[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader(requests.map(({ head }) => head));
    const socket = connect(Number(port), hostname, () =>
      socket.write(Buffer.concat(requests.map(({ bytes }) => bytes))),
    );
    socket.setTimeout(patience.idleMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        reader.read(chunk);
      } catch (error) {
        socket.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (reader.answers.length >= patience.enough) socket.destroy();
      else if (reader.answers.length > 0) socket.setTimeout(patience.idleAfterAnswerMs ?? patience.idleMs);
    });
    // A server that gives up on a connection may reset it.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(reader.answers));
  });
}

/** Cuts what arrives into answers. */
class AnswerReader {
  readonly answers: FuzzAnswer[] = [];
  #text = '';

  /** @param heads for each request whether its answer has no body */
  constructor(private readonly heads: readonly boolean[]) {}

  /** @throws Error when it is no answer of HTTP/1.1 */
  read(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
    while (this.#next());
  }

  #next(): boolean {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const [first = '', ...lines] = this.#text.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    if (!Number.isInteger(status)) throw new Error(`not an answer: ${this.#text.slice(0, 200)}`);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const rest = this.#text.slice(end + 4);
    if (status < 200) {
      this.#text = rest;
      return true;
    }
    const body = this.#bodyOf(status, headers, rest);
    if (body === undefined) return false;
    this.#text = rest.slice(body.length);
    this.answers.push({ status, headers, body });
    return true;
  }

  /** Undefined while it has not all come. */
  #bodyOf(status: number, headers: Record<string, string>, rest: string): string | undefined {
    if (status === 204) return '';
    // What cannot be read as a request is answered with a body, whatever method it seemed to have.
    if (this.heads[this.answers.length] === true && !rest.startsWith('{')) return '';
    if (headers['transfer-encoding'] === 'chunked') return /^.*?(?:^|\r\n)0\r\n\r\n/s.exec(rest)?.[0];
    const length = Number(headers['content-length']);
    if (!Number.isInteger(length)) throw new Error(`an answer without a length: ${status}`);
    return rest.length < length ? undefined : rest.slice(0, length);
  }
}
