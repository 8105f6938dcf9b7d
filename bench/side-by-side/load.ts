// The load: over so many connections kept alive, one request at a time on each, back to back or at a constant rate.
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, type Dispatcher } from 'undici';
import type { Answer, Ask } from './evening.js';

/** What was asked, and how long it took. */
export interface Run {
  answers: Answer[];
  /** Milliseconds of each; at a constant rate counted from when it was due, so that what waits for a connection waits. */
  times: number[];
  seconds: number;
}

/** What can be asked. */
export const REQUESTS = {
  token: ({ body }: Ask) => ({
    method: 'POST',
    path: '/v1/license-tokens',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }),
  title: ({ body }: Ask) => ({ method: 'GET', path: `/v1/entitlements/${body.contentId}` }),
  list: () => ({ method: 'GET', path: '/v1/entitlements' }),
} satisfies Record<string, (ask: Ask) => Dispatcher.RequestOptions>;

export type Kind = keyof typeof REQUESTS;

/** How long, in ms, before a request that was refused as too many is sent again. */
const REFUSED_MS = 50;

/** @param rate requests a second, whether answers come or not; without it each connection asks when it has been answered */
export async function run(
  url: string,
  asks: readonly Ask[],
  connections: number,
  rate?: number,
  kind: Kind = 'token',
): Promise<Run> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const answers: Answer[] = [];
  const times: number[] = [];
  const begun = performance.now();
  const send = async (ask: Ask, dueAt: number) => {
    const askedAt = Date.now();
    const request: Dispatcher.RequestOptions = REQUESTS[kind](ask);
    const headers = { ...request.headers, authorization: `Bearer ${ask.bearer}` };
    const post = async () => {
      const answer = await pool.request({ ...request, headers });
      return { status: answer.statusCode, text: await answer.body.text() };
    };
    let answer = await post();
    // More connections than the service lets in: it says so, and is asked again until it has answered.
    while (answer.status === 503 && answer.text.includes('"overloaded"')) {
      await pause(REFUSED_MS);
      answer = await post();
    }
    times.push(performance.now() - dueAt);
    answers.push({ ask, ...answer, askedAt, answeredAt: Date.now() });
  };
  const left = asks.values();
  const connection = async () => {
    for (const ask of left) await send(ask, performance.now());
  };
  const onTime = async (ask: Ask, number: number, perMs: number) => {
    const dueAt = begun + number / perMs;
    await pause(dueAt - performance.now());
    await send(ask, dueAt);
  };
  await (rate === undefined
    ? Promise.all(Array.from({ length: connections }, connection))
    : Promise.all(asks.map((ask, number) => onTime(ask, number, rate / 1000))));
  const seconds = (performance.now() - begun) / 1000;
  await pool.close();
  return { answers, times, seconds };
}
