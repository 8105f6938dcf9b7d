// Speaks to a server in bytes, for what no HTTP client would send.
import { connect } from 'node:net';

/** An answer as it came. */
export interface RawAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

/** What to send, and when. */
export interface RawExchange {
  /** Sent one after the other, each when the server has taken the one before. */
  parts: readonly (string | Buffer)[];
  /** Sent again and again for as long as the server listens, each as soon as the one before is on its way. */
  dripping?: string;
}

/** Sends bytes and answers with what came back until the server closed the connection. */
export function exchange(url: string, { parts, dripping }: RawExchange): Promise<RawAnswer[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
      if (dripping !== undefined) drip();
    });
    const drip = () => {
      if (socket.writable) socket.write(dripping ?? '', () => setImmediate(drip));
    };
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that gives up on a connection may reset it.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('latin1'))));
  });
}

/** Text of a request, with CRLF between its lines. */
export function raw(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function parse(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`not an answer: ${rest.slice(0, 100)}`);
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
    const length = status === 100 || status === 204 ? 0 : Number(headers['content-length']);
    if (!Number.isInteger(length)) throw new Error(`an answer without a length: ${first}`);
    rest = rest.slice(end + 4);
    answers.push({ status, headers, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
  return answers;
}
