import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTimeoutMs } from '../../apps/entitlement/src/deadlines.js';
import { postgresFolder } from '../support/machine-postgres.js';
import { inContinuousIntegration } from '../support/tools.js';
import { Book, isOpen } from './book.js';
import { Callers } from './callers.js';
import { Dice } from './dice.js';
import { disturbAtOnce, disturbInTurn, inVain } from './disturbances.js';
import { type Evidence, gather } from './evidence.js';
import { reckon } from './reckoning.js';
import { countsOf, Figures, FIGURES_HEAD, shownViolations } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { World } from './world.js';

const programs = postgresFolder();
if (programs === undefined && inContinuousIntegration()) throw new Error('CI needs a PostgreSQL with its programs.');

const { CHAOS_SECONDS, CHAOS_SEED = '1' } = process.env;
const isShort = CHAOS_SECONDS === undefined;
const mixedMs = Number(CHAOS_SECONDS ?? 6) * 1000;
/** How long a scenario disturbs, about. */
const scenarioMs = mixedMs / 6;
/** Starting, ending, and what is still waited for. */
const AROUND_MS = 300_000;
const LOOK_EVERY_MS = 2000;
const QUIET_MS = 1000;
/** By itself, on a machine that may be ten times slower. */
const RECOVERS_WITHIN_MS = 60_000;

const ROUGHNESS = isShort
  ? { longestStallMs: 3000, longestLockMs: 2000, longestPauseMs: 1500 }
  : { longestStallMs: 15_000, longestLockMs: 5000, longestPauseMs: 4000 };
// Some stalls are to be longer than these, and some locks.
const TIMEOUTS = { DATABASE_TIMEOUT_MS: 2000, EXPRESSPLAY_TIMEOUT_MS: 2000 };
/** Of a request's headers to its answer, and the second that a caller's own clock may differ by. */
const longestAnswerMs = answerTimeoutMs({ ...TIMEOUTS, AUTH_JWKS_URL: 'file:///keys' }) + 1000;

/** The command that repeats a run. */
function sayAgain(name: string): void {
  const length = isShort ? '' : `CHAOS_SECONDS=${CHAOS_SECONDS} `;
  process.stdout.write(`\n${length}CHAOS_SEED=${CHAOS_SEED} npx vitest run --project soak test/chaos -t '${name}'\n`);
}

describe.skipIf(programs === undefined)(`three replicas in trouble, seed ${CHAOS_SEED} (needs PostgreSQL)`, () => {
  const book = new Book();
  const table: string[] = [];
  /** The callers', which begin anew with each scenario, so that one alone rolls what it rolls after others. */
  const dice = new Dice(Number(CHAOS_SEED));
  let world: World;
  let callers: Callers;
  let looking: NodeJS.Timeout;
  beforeAll(async () => {
    world = await World.start(programs ?? '', {
      DATABASE_TIMEOUT_MS: String(TIMEOUTS.DATABASE_TIMEOUT_MS),
      EXPRESSPLAY_TIMEOUT_MS: String(TIMEOUTS.EXPRESSPLAY_TIMEOUT_MS),
      RATE_LIMIT_MANAGEMENT_PER_MINUTE: '0',
      TOKEN_LIMIT_PER_USER: '100000',
      TOKEN_LIMIT_PER_TITLE: '100000',
      SHUTDOWN_DRAIN_SECONDS: '2',
    });
    callers = new Callers(world, book, dice);
    await callers.open();
    looking = setInterval(() => void world.look(), LOOK_EVERY_MS);
  }, AROUND_MS);
  afterAll(async () => {
    clearInterval(looking);
    process.stdout.write(`\n${[...FIGURES_HEAD, ...table].join('\n')}\n`);
    await world.stop();
  }, AROUND_MS);

  /** Has callers call while it is disturbed and until it has recovered; then the records have to agree. */
  async function play(name: string, seed: number, disturbing: (seeded: Dice) => Promise<void>): Promise<Figures> {
    dice.restart(seed);
    const before = { calls: book.calls.length, issued: new Set(await world.issued()) };
    let isOver = false;
    const calling = callers.call(() => isOver);
    let recoveryMs: number;
    try {
      await disturbing(new Dice(seed));
      recoveryMs = await recovery(before.calls);
    } finally {
      isOver = true;
      await calling;
    }
    const rests = await world.comesToRest();
    const evidence = await gather(world, book);
    const figures = new Figures(name, evidence, before, recoveryMs);
    table.push(figures.row);
    expect({ rests, ...found(evidence) }).toEqual({ rests: true, violations: [] });
    expect(figures.answered).toBeGreaterThan(0);
    expect(figures.forNobody).toBeLessThanOrEqual(figures.tokensFailed);
    expect(figures.slowestMs).toBeLessThan(longestAnswerMs);
    expect(recoveryMs).toBeLessThan(RECOVERS_WITHIN_MS);
    return figures;
  }

  /** What does not agree; said at length where there is any. */
  function found(evidence: Evidence): { violations: string[] } {
    const violations = reckon(evidence);
    if (violations.length > 0) process.stdout.write(`\n${shownViolations(violations, book.happenings)}\n`);
    return { violations: violations.map(({ rule, what }) => `rule ${rule}: ${what}`) };
  }

  /** From now to the first second without a failed request, in ms. */
  async function recovery(fromCall: number): Promise<number> {
    const from = performance.now();
    for (;;) {
      const failedAt = book.calls
        .slice(fromCall)
        .filter(isOpen)
        .map(({ answeredAt }) => answeredAt);
      const lastAt = Math.max(from, ...failedAt);
      const now = performance.now();
      if (now - lastAt >= QUIET_MS || now - from > RECOVERS_WITHIN_MS) return lastAt - from;
      await delay(100);
    }
  }

  for (const [index, { name, disturbances, worst, lacks }] of SCENARIOS.entries()) {
    it.skipIf(lacks !== undefined)(
      `${name}${lacks === undefined ? '' : ` (needs ${lacks})`}`,
      async ({ onTestFailed }) => {
        onTestFailed(() => sayAgain(name));
        const first = book.happenings.length;
        const { failures, slowestMs } = await play(name, Number(CHAOS_SEED) + index, (seeded) =>
          disturbInTurn(disturbances, world, seeded, ROUGHNESS, scenarioMs, book.happenings),
        );
        expect(inVain(book.happenings.slice(first))).toEqual([]);
        if (worst === 'lost') return;
        expect(failures['unanswered']).toBeUndefined();
        // What takes that long may have met a deadline.
        if (worst === 'served' && slowestMs < TIMEOUTS.DATABASE_TIMEOUT_MS) expect(failures).toEqual({});
      },
      scenarioMs + AROUND_MS,
    );
  }

  it(
    'all of it at once',
    async ({ onTestFailed }) => {
      onTestFailed(() => sayAgain('all of it'));
      const first = book.happenings.length;
      await play('all of it at once', Number(CHAOS_SEED), (seeded) =>
        disturbAtOnce(world, seeded, ROUGHNESS, mixedMs, book.happenings),
      );
      // Where all come at once, some find nobody.
      const happenings = book.happenings.slice(first);
      const kinds = new Set(happenings.map(({ kind }) => kind)).size;
      expect(inVain(happenings).length).toBeLessThan(kinds / 2);
      const serves = await callers.probe();
      const rests = await world.comesToRest();
      await world.look();
      const evidence = await gather(world, book);
      process.stdout.write(`\nseed ${CHAOS_SEED}\n${countsOf(evidence, world.destroyed)}\n`);
      const { overdue } = world;
      expect({ serves, rests, overdue, ...found(evidence) }).toEqual({
        serves: true,
        rests: true,
        overdue: 0,
        violations: [],
      });
    },
    mixedMs + AROUND_MS,
  );
});
