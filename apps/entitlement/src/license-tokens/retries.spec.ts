import { readFileSync } from 'node:fs';
import { Budget } from '@app/platform/clock';
import { problemDocument } from '@app/platform/problems';
import {
  EVENT_CLASSES,
  type EventClass,
  type ExpressPlayError,
  RefusedError,
  TransportError,
  type TransportFailureReason,
  UnreadableAnswerError,
  type UnreadableReason,
} from '@app/expressplay';
import { describe, expect, it, vi } from 'vitest';
import { NotAskedError, UpstreamError } from './license-tokens.errors.js';
import { mayBeAskedAgain, Retries, RetryBudget, type RetryOutcome } from './retries.js';

const refusal = (code: number | undefined, status = 400) => new RefusedError(status, code, '');
const transport = (reason: TransportFailureReason) => new TransportError(reason);
const unreadable = (reason: UnreadableReason) => new UnreadableAnswerError(200, reason);

const documented = (wanted: EventClass): ExpressPlayError[] =>
  Object.entries(EVENT_CLASSES)
    .filter(([, { class: found }]) => found === wanted)
    .map(([code]) => refusal(Number(code)));

/** Every kind of failure there is, by the word that the table has for it. The compiler wants them all. */
const FAILURES: Record<TransportFailureReason | EventClass | 'unreadable', ExpressPlayError[]> = {
  connect: [transport('connect')],
  'connect-timeout': [transport('connect-timeout')],
  timeout: [transport('timeout')],
  reset: [transport('reset')],
  protocol: [transport('protocol')],
  other: [transport('other')],
  closed: [transport('closed')],
  unreadable: Object.keys({
    'too-large': true,
    'unexpected-status': true,
    'no-token': true,
    'bad-url': true,
    'foreign-host': true,
    'bad-token': true,
    'no-record': true,
  } satisfies Record<UnreadableReason, true>).map((reason) => unreadable(reason as UnreadableReason)),
  transient: documented('transient'),
  balance: documented('balance'),
  operator: documented('operator'),
  ours: documented('ours'),
  content: documented('content'),
  unknown: [-9999, undefined].flatMap((code) => [200, 400, 429, 500, 503].map((status) => refusal(code, status))),
};

/** The documented rows: what came, whether a token may have been bought, whether it is asked again, what the player gets. */
const rows = readFileSync('docs/resilience.md', 'utf8')
  .split(/^## /m)
  .filter((section) => section.startsWith('Retries'))
  .flatMap((section) => section.split('\n').filter((line) => line.startsWith('|')))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the table in docs/resilience.md', () => {
  it.each(Object.entries(FAILURES))('says what happens after %s', (word, failures) => {
    const [row, ...others] = rows.filter(([what = '']) => what.split(':')[0]?.includes(`\`${word}\``));
    expect([row === undefined, others]).toEqual([false, []]);
    const [, bought = '', again = '', player = ''] = row ?? [];
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) {
      expect(mayBeAskedAgain(failure)).toBe(again === 'once');
      const { status, code } = problemDocument(new UpstreamError(failure));
      expect(player).toContain(`${status} \`${code}\``);
    }
    // Never where a token may have been bought.
    if (again === 'once') expect(bought).toMatch(/^no\b/);
  });

  it('is not about what is no failure of ExpressPlay', () => {
    expect(mayBeAskedAgain(new Error('x'))).toBe(false);
    expect(mayBeAskedAgain(new NotAskedError('breaker', 1))).toBe(false);
  });
});

describe('the retry budget of a process', () => {
  it('is ten at first, and afterwards a tenth of the requests but the one that came when it was full', () => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let requests = 0; requests < 1000; requests += 1) {
      budget.earn();
      if (budget.spend()) retries += 1;
    }
    expect(retries).toBe(109);
  });

  it('saves up no more than ten', () => {
    const budget = new RetryBudget();
    for (let requests = 0; requests < 1000; requests += 1) budget.earn();
    expect(Array.from({ length: 12 }, () => budget.spend()).filter(Boolean)).toHaveLength(10);
  });
});

const REFUSED = transport('connect');

/** Asks, answered with one after the other. */
async function asked(
  answers: unknown[],
  { budget = new Budget(60_000), neededMs = 1000, retries = new Retries(1) } = {},
) {
  const outcomes: RetryOutcome[] = [];
  let calls = 0;
  const ask = async () => {
    const answer = answers[calls];
    calls += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const retried = (outcome: RetryOutcome) => outcomes.push(outcome);
  const result = await retries.run(ask, { budget, neededMs, retried }).catch((error: unknown) => error);
  return { result, calls, outcomes };
}

describe('a request that bought nothing', () => {
  it('is sent once more', async () => {
    expect(await asked([REFUSED, 'token'])).toEqual({ result: 'token', calls: 2, outcomes: ['accepted'] });
  });

  it('is sent twice at most, and ends as it did last', async () => {
    const last = refusal(-2030);
    expect(await asked([REFUSED, last, 'token'])).toEqual({ result: last, calls: 2, outcomes: ['failed'] });
  });

  it('ends as it did first when nobody is let through any more', async () => {
    const answers = [REFUSED, new NotAskedError('breaker', 5)];
    expect(await asked(answers)).toEqual({ result: REFUSED, calls: 2, outcomes: ['withheld'] });
  });

  it('is not sent again when an answer could come too late', async () => {
    const late = await asked([REFUSED, 'token'], { budget: new Budget(900), neededMs: 1000 });
    expect(late).toEqual({ result: REFUSED, calls: 1, outcomes: [] });
  });

  it('waits for a fifth of the pause at least and for all of it at most, by chance', async () => {
    const chance = vi.spyOn(Math, 'random');
    /** Whether there is time for the pause that chance makes, of 100 s at most. */
    const waits = async (random: number, seconds: number) => {
      chance.mockReturnValue(random);
      const budget = new Budget(seconds * 1000);
      let isOver = false;
      const asking = asked([REFUSED, 'token'], { budget, neededMs: 0, retries: new Retries(100_000) });
      void asking.finally(() => (isOver = true));
      await new Promise((resolve) => setImmediate(resolve));
      const isWaiting = !isOver;
      budget.abandon();
      await asking;
      return isWaiting;
    };
    expect([await waits(0, 30), await waits(0, 15)]).toEqual([true, false]);
    expect([await waits(0.5, 70), await waits(0.5, 50)]).toEqual([true, false]);
    expect([await waits(1, 110), await waits(1, 90)]).toEqual([true, false]);
    chance.mockRestore();
  });

  it('is not sent again when nobody waits any more, also when the player leaves in between', async () => {
    const gone = new Budget(60_000);
    gone.abandon();
    expect(await asked([REFUSED, 'token'], { budget: gone })).toEqual({ result: REFUSED, calls: 1, outcomes: [] });

    const leaving = new Budget(60_000);
    const asking = asked([REFUSED, 'token'], { budget: leaving, retries: new Retries(30_000) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abandon();
    expect(await asking).toEqual({ result: REFUSED, calls: 1, outcomes: [] });
  });

  it('is not sent again when the process has used up its retries', async () => {
    const retries = new Retries(1);
    const all = await Promise.all(Array.from({ length: 100 }, () => asked([REFUSED, REFUSED], { retries })));
    const outcomes = all.flatMap((one) => one.outcomes);
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === 'withheld')).toHaveLength(90);
  });
});

it('a request that was answered, or may have bought a token, is sent once', async () => {
  expect(await asked(['token'])).toEqual({ result: 'token', calls: 1, outcomes: [] });
  const broken = transport('reset');
  expect(await asked([broken, 'token'])).toEqual({ result: broken, calls: 1, outcomes: [] });
});
