import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Book } from './book.js';
import { Callers } from './callers.js';
import { Dice } from './dice.js';
import { disturb } from './disturbances.js';
import { gather } from './evidence.js';
import { reckon } from './reckoning.js';
import { countsOf, shownViolations } from './report.js';
import { World } from './world.js';

const { CHAOS_SECONDS, CHAOS_SEED = '1' } = process.env;
const isShort = CHAOS_SECONDS === undefined;
const forMs = Number(CHAOS_SECONDS ?? 20) * 1000;
/** Starting, ending, and what is still waited for. */
const AROUND_MS = 300_000;
const LOOK_EVERY_MS = 2000;

const ROUGHNESS = isShort
  ? { longestStallMs: 3000, longestLockMs: 2000, longestPauseMs: 1500 }
  : { longestStallMs: 15_000, longestLockMs: 5000, longestPauseMs: 4000 };

describe(`three replicas in trouble for ${forMs / 1000} s, seed ${CHAOS_SEED}`, () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      // Some stalls are to be longer than this, and some locks.
      DATABASE_TIMEOUT_MS: isShort ? '1000' : '2000',
      EXPRESSPLAY_TIMEOUT_MS: '2000',
      RATE_LIMIT_MANAGEMENT_PER_MINUTE: '0',
      TOKEN_LIMIT_PER_USER: '100000',
      TOKEN_LIMIT_PER_TITLE: '100000',
      SHUTDOWN_DRAIN_SECONDS: '1',
    });
  }, AROUND_MS);
  afterAll(() => world.stop(), AROUND_MS);

  it(
    'players, store, ExpressPlay and ledger agree in the end',
    async () => {
      const dice = new Dice(Number(CHAOS_SEED));
      const book = new Book();
      const callers = new Callers(world, book, dice.fork());
      await callers.open();
      const looking = setInterval(() => void world.look(), LOOK_EVERY_MS);
      try {
        await Promise.all([disturb(world, dice.fork(), ROUGHNESS, forMs, book.happenings), callers.call(forMs)]);
      } finally {
        clearInterval(looking);
      }

      const serves = await callers.probe();
      const rests = await world.comesToRest();
      await world.look();
      const evidence = await gather(world, book);
      const violations = reckon(evidence);
      process.stdout.write(`\nseed ${CHAOS_SEED}\n${countsOf(evidence, world.destroyed)}\n`);
      process.stdout.write(`${shownViolations(violations, book.happenings)}\n`);
      expect({ serves, rests, overdue: world.overdue }).toEqual({ serves: true, rests: true, overdue: 0 });
      expect(violations.map(({ rule, what }) => `rule ${rule}: ${what}`)).toEqual([]);
    },
    forMs + AROUND_MS,
  );
});
