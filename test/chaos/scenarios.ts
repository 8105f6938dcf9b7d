// What goes wrong alone, and what may become of requests meanwhile. What always holds: the records agree, no more tokens are bought for
// nobody than requests for one fail, each is answered within its budget and a second, and it recovers by itself.
import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from './dice.js';
import { DISTURBANCES, type Disturbance, type Roughness } from './disturbances.js';
import { faketimeLibrary, SteppedClock } from './stepped-clock.js';
import type { World } from './world.js';

export interface Scenario {
  readonly name: string;
  /** Disturbs for about so long, in milliseconds; when it settles the disturbance has ended. */
  readonly disturb: (world: World, dice: Dice, forMs: number, roughness: Roughness) => Promise<void>;
  /** What may become of requests: any may be lost, any may fail with a 5xx, or none fails but for a deadline on a slow machine. */
  readonly worst: 'lost' | 'failed' | 'served';
  /** What the machine lacks for it. */
  readonly lacks?: string | undefined;
}

const LEAST_AWAY_MS = 200;
const LONGEST_AWAY_MS = 1500;
/** Less than bearer tokens and purchases last, in seconds, in both directions. */
const STEPS = [-3600, -60, 60, 3600];
const STEP_EVERY_MS = 1500;

/** These disturbances, in turn. */
function each(
  ...disturbances: readonly ((...with_: Parameters<Disturbance>) => Promise<unknown>)[]
): Scenario['disturb'] {
  return async (world, dice, forMs, roughness) => {
    const endsAt = performance.now() + forMs;
    do {
      for (const disturbance of dice.shuffled(disturbances)) {
        await delay(dice.between(0, LEAST_AWAY_MS));
        await disturbance(world, dice, roughness);
      }
    } while (performance.now() < endsAt);
  };
}

/** Postgres goes, is away for a moment, and is started. */
function postgresGoes(go: (world: World, dice: Dice) => Promise<void>): Scenario['disturb'] {
  return each(async (world, dice) => {
    await go(world, dice);
    await delay(dice.between(LEAST_AWAY_MS, LONGEST_AWAY_MS));
    await world.postgres.start();
  });
}

const library = faketimeLibrary();

export const SCENARIOS: readonly Scenario[] = [
  { name: 'ExpressPlay refuses', disturb: each(DISTURBANCES['ExpressPlay fails']), worst: 'lost' },
  { name: 'ExpressPlay answers late', disturb: each(DISTURBANCES['ExpressPlay answers late']), worst: 'lost' },
  {
    name: 'ExpressPlay breaks its answers',
    disturb: each(DISTURBANCES['ExpressPlay breaks its answers']),
    worst: 'lost',
  },
  {
    name: 'sockets are cut',
    disturb: each(DISTURBANCES['wire cut'], DISTURBANCES['players cut'], DISTURBANCES['backends terminated']),
    worst: 'lost',
  },
  {
    name: 'locks are held',
    disturb: each(DISTURBANCES['purchases locked'], DISTURBANCES['title locked'], DISTURBANCES['ledger locked']),
    worst: 'lost',
  },
  {
    name: 'Postgres is paused by SIGSTOP',
    disturb: each(async ({ postgres }, dice, { longestStallMs }) => {
      await postgres.signal('SIGSTOP', 'all');
      await delay(dice.between(longestStallMs / 2, longestStallMs));
      await postgres.signal('SIGCONT', 'all');
    }),
    worst: 'lost',
  },
  {
    name: 'Postgres is stopped',
    disturb: postgresGoes(({ postgres }, dice) => postgres.stop(dice.pick(['fast', 'immediate']))),
    worst: 'lost',
  },
  {
    name: 'Postgres is restarted',
    disturb: each(async ({ postgres }) => {
      await postgres.stop('fast');
      await postgres.start();
    }),
    worst: 'lost',
  },
  {
    name: 'Postgres is killed by SIGKILL',
    disturb: postgresGoes(({ postgres }) => postgres.signal('SIGKILL', 'first')),
    worst: 'lost',
  },
  {
    name: 'a session of Postgres is killed by SIGKILL',
    disturb: each(({ postgres }, dice) => postgres.killSession(dice)),
    worst: 'lost',
  },
  {
    name: 'the clock of a replica jumps',
    lacks: library === undefined ? 'libfaketime' : undefined,
    disturb: async (world, dice, forMs) => {
      const clock = new SteppedClock(library ?? '');
      await world.withOneMore(clock.environment, async () => {
        for (const endsAt = performance.now() + forMs; performance.now() < endsAt;) {
          clock.step(dice.pick(STEPS));
          await delay(STEP_EVERY_MS);
        }
      });
      clock.remove();
    },
    // A jump in the middle of a request may end its token before it is delivered.
    worst: 'failed',
  },
  {
    name: 'replicas are killed by SIGKILL',
    disturb: each(async (world, dice) => {
      await delay(dice.between(0, LONGEST_AWAY_MS));
      return DISTURBANCES['killed'](world, dice);
    }),
    worst: 'lost',
  },
  {
    name: 'all replicas are restarted in turn',
    disturb: (world) => world.restartInTurn(),
    worst: 'served',
  },
];
