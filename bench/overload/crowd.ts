// Players who ask at a constant rate, whether answers come or not, over connections that a balancer has. Plain sockets, so that
// asking takes less of the machine than refusing does.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer, Ask } from '../side-by-side/evening.js';
import { REQUESTS } from '../side-by-side/load.js';

/** An answer, and when it came, in milliseconds after the request was due. */
export interface TimedAnswer extends Answer {
  ms: number;
  /** Milliseconds after the first request was due. */
  dueMs: number;
  headers: string;
}

/** What came of a crowd. */
export interface CrowdRun {
  answers: TimedAnswer[];
  /** Requests whose connection ended without an answer. */
  lost: number;
  seconds: number;
}

interface Due {
  ask: Ask;
  dueAt: number;
}

const TICK_MS = 1;
const HEAD_END = '\r\n\r\n';

/**
 * @param rate requests a second
 * @param connections that there are, as a balancer keeps them; what is due when none is free waits, and its time runs
 */
export async function crowd(url: string, asks: readonly Ask[], rate: number, connections: number): Promise<CrowdRun> {
  const answers: TimedAnswer[] = [];
  const waiting: Due[] = [];
  let lost = 0;
  let settle = (): void => undefined;
  const listener: Listener = {
    answered(connection, { ask, dueAt }, answer) {
      const ms = performance.now() - dueAt;
      answers.push({ ...answer, ask, answeredAt: Date.now(), ms, dueMs: dueAt - begun });
      const due = waiting.shift();
      if (due === undefined) idle.push(connection);
      else connection.send(due);
      settle();
    },
    lost() {
      lost += 1;
      settle();
    },
  };
  const idle: Connection[] = [];
  while (idle.length < connections) idle.push(await Connection.open(url, listener));
  const begun = performance.now();

  return new Promise((resolve) => {
    let next = 0;
    const timer = setInterval(() => {
      const dueNow = Math.min(asks.length, Math.floor(((performance.now() - begun) * rate) / 1000));
      for (; next < dueNow; next += 1) {
        const ask = asks[next];
        const connection = idle.pop();
        if (ask === undefined) continue;
        const due = { ask, dueAt: begun + (next * 1000) / rate };
        if (connection === undefined) waiting.push(due);
        else connection.send(due);
      }
    }, TICK_MS);
    settle = () => {
      if (answers.length + lost < asks.length) return;
      clearInterval(timer);
      for (const connection of idle) connection.close();
      resolve({ answers, lost, seconds: (performance.now() - begun) / 1000 });
    };
  });
}

interface Listener {
  answered(
    connection: Connection,
    due: Due,
    answer: Pick<TimedAnswer, 'status' | 'headers' | 'text' | 'askedAt'>,
  ): void;
  lost(): void;
}

/** One request at a time; answers with a Content-Length. */
class Connection {
  #due: Due | undefined;
  #askedAt = 0;
  #received = '';

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
    private readonly listener: Listener,
  ) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#due !== undefined) this.listener.lost();
    });
  }

  static async open(url: string, listener: Listener): Promise<Connection> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket, host, listener);
  }

  send(due: Due): void {
    this.#due = due;
    this.#askedAt = Date.now();
    const { method, path, body } = REQUESTS.token(due.ask);
    this.socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: ${this.host}\r\nAuthorization: Bearer ${due.ask.bearer}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}${HEAD_END}${body}`,
    );
  }

  close(): void {
    this.socket.destroy();
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0 || this.#due === undefined) return;
    const headers = this.#received.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1] ?? 0);
    const whole = end + HEAD_END.length + length;
    if (this.#received.length < whole) return;
    const answer = {
      status: Number(headers.slice(9, 12)),
      headers,
      text: this.#received.slice(end + HEAD_END.length, whole),
    };
    const due = this.#due;
    this.#received = '';
    this.#due = undefined;
    this.listener.answered(this, due, { ...answer, askedAt: this.#askedAt });
  }
}
