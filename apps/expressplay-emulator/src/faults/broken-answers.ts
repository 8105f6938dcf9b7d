// The answers that break HTTP or what is said over it, written past the web framework, and those that never come.
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { PLAIN_FAULT_KINDS } from './faults.js';

/** The kinds of answer that are written here. */
type BrokenAnswer = Exclude<(typeof PLAIN_FAULT_KINDS)[number], 'wrong-content-type'>;

const OVERSIZE_BYTES = 10 * 1024 * 1024;

/** Bytes of every value, in an order that is neither text nor a picture of one: no UTF-8, and the same every time. */
const GARBAGE = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 151 + 0xff) & 0xff));

@Injectable()
export class BrokenAnswers implements OnModuleDestroy {
  readonly #shutdown = new AbortController();
  readonly #sockets = new Set<Socket>();

  constructor() {
    // Any number of answers may wait.
    setMaxListeners(0, this.#shutdown.signal);
  }

  /** Waits; less long when the process ends. */
  async delay(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#shutdown.signal }).catch(() => undefined);
  }

  /** Answers a request wrongly. @param answer what a right answer looks like, to be cut */
  send(kind: BrokenAnswer, response: ServerResponse, answer: string): void {
    const socket = response.socket;
    if (socket === null) return;
    const begin = (length: number) =>
      response.writeHead(200, { 'content-type': 'text/uri-list', 'content-length': length });
    const waysToBreak: Record<BrokenAnswer, () => void> = {
      reset: () => socket.resetAndDestroy(),
      hang: () => this.#hold(socket),
      'headers-only': () => {
        begin(answer.length).flushHeaders();
        this.#hold(socket);
      },
      truncated: () => begin(answer.length).write(answer.slice(0, answer.length / 2), () => socket.destroy()),
      empty: () => begin(0).end(),
      garbage: () => begin(GARBAGE.length).end(GARBAGE),
      oversize: () => begin(OVERSIZE_BYTES).end(Buffer.alloc(OVERSIZE_BYTES, 'A')),
    };
    waysToBreak[kind]();
  }

  /** Keeps a connection that gets no more of an answer from keeping the process. */
  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  onModuleDestroy(): void {
    this.#shutdown.abort();
    for (const socket of this.#sockets) socket.destroy();
  }
}
