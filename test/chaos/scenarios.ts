// What goes wrong alone, and what may become of requests meanwhile. What always holds: somebody is disturbed, the records agree, no more
// tokens are bought for nobody than requests for one fail, each is answered within its budget and a second, and it recovers by itself.
import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../replicas/replica.js';
import type { Dice } from './dice.js';
import { DISTURBANCES, type Disturbance } from './disturbances.js';
import { faketimeLibrary, SteppedClock } from './stepped-clock.js';
import type { World } from './world.js';

export interface Scenario {
  readonly name: string;
  /** In turn, by their kinds. */
  readonly disturbances: Readonly<Record<string, Disturbance>>;
  /** What may become of requests: any may be lost, any may fail with a 5xx, or none fails but for a deadline on a slow machine. */
  readonly worst: 'lost' | 'failed' | 'served';
  /** What the machine lacks for it. */
  readonly lacks?: string | undefined;
}

const LEAST_AWAY_MS = 200;
const LONGEST_AWAY_MS = 1500;
/** Less than bearer tokens and purchases last, in seconds, in both directions. */
const STEPS = [-3600, -60, 60, 3600];
/** What is less than a step, and more than the clock's own delay. */
const CLOCK_TOLERANCE_MS = 20_000;
const LONGEST_STEP_MS = 10_000;

type Kind = keyof typeof DISTURBANCES;

/** One of the mixed run's, or several. */
function scenario(name: string, ...kinds: readonly Kind[]): Scenario {
  return { name, disturbances: Object.fromEntries(kinds.map((kind) => [kind, DISTURBANCES[kind]])), worst: 'lost' };
}

/** Postgres goes, and is away for a moment until it comes back. */
function postgresGoes(
  name: string,
  go: (world: World, dice: Dice) => Promise<void>,
  awayMs: (...[dice, roughness]: Parameters<Disturbance> extends [World, ...infer Rest] ? Rest : never) => number,
  comes = ({ postgres }: World) => postgres.start(),
): Scenario {
  const disturbance: Disturbance = async (world, dice, roughness) => {
    await go(world, dice);
    const [isAway] = await Promise.all([world.postgres.isAway(), delay(awayMs(dice, roughness))]);
    await comes(world);
    return ['', isAway ? 1 : 0];
  };
  return { name, disturbances: { [name]: disturbance }, worst: 'lost' };
}

const aMoment = (dice: Dice) => dice.between(LEAST_AWAY_MS, LONGEST_AWAY_MS);

/** Waits until a process has the clock that it is given. @returns whether it had it in time */
async function hasClock({ url }: Replica, seconds: number): Promise<boolean> {
  for (const until = performance.now() + LONGEST_STEP_MS; performance.now() < until; await delay(100)) {
    const said = Date.parse((await fetch(`${url}/health/live`)).headers.get('date') ?? '');
    if (Math.abs(said - Date.now() - seconds * 1000) < CLOCK_TOLERANCE_MS) return true;
  }
  return false;
}

const library = faketimeLibrary();

const clockJumps: Disturbance = async (world, dice) => {
  const clock = new SteppedClock(library ?? '');
  const steps = dice.shuffled(STEPS).slice(0, 2);
  let met = 0;
  await world.withOneMore(clock.environment, async (replica) => {
    for (const seconds of steps) {
      clock.step(seconds);
      if (await hasClock(replica, seconds)) met += 1;
      await delay(dice.between(0, LONGEST_AWAY_MS));
    }
  });
  clock.remove();
  return [`by ${steps.join(' s, ')} s`, met === steps.length ? met : 0];
};

export const SCENARIOS: readonly Scenario[] = [
  scenario('ExpressPlay refuses', 'ExpressPlay fails'),
  scenario('ExpressPlay answers late', 'ExpressPlay answers late'),
  scenario('ExpressPlay breaks its answers', 'ExpressPlay breaks its answers'),
  scenario('sockets are cut', 'wire cut', 'players cut', 'backends terminated'),
  scenario('locks are held', 'purchases locked', 'title locked', 'ledger locked'),
  postgresGoes(
    'Postgres is paused by SIGSTOP',
    ({ postgres }) => postgres.signal('SIGSTOP', 'all'),
    (dice, { longestStallMs }) => dice.between(longestStallMs / 2, longestStallMs),
    ({ postgres }) => postgres.signal('SIGCONT', 'all'),
  ),
  postgresGoes('Postgres is stopped', ({ postgres }, dice) => postgres.stop(dice.pick(['fast', 'immediate'])), aMoment),
  postgresGoes(
    'Postgres is restarted',
    ({ postgres }) => postgres.stop('fast'),
    () => 0,
  ),
  postgresGoes('Postgres is killed by SIGKILL', ({ postgres }) => postgres.signal('SIGKILL', 'first'), aMoment),
  {
    name: 'a session of Postgres is killed by SIGKILL',
    disturbances: {
      'session killed': async ({ postgres }, dice) => {
        await postgres.killSession(dice);
        return ['', 1];
      },
    },
    worst: 'lost',
  },
  {
    name: 'the clock of a replica jumps',
    lacks: library === undefined ? 'libfaketime' : undefined,
    disturbances: { 'clock jumps': clockJumps },
    // A jump in the middle of a request may end its token before it is delivered.
    worst: 'failed',
  },
  scenario('replicas are killed by SIGKILL', 'killed'),
  {
    name: 'all replicas are restarted in turn',
    disturbances: { 'restarted in turn': (world) => world.restartInTurn() },
    worst: 'served',
  },
];
