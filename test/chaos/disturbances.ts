// What goes wrong: each begins, lasts for its time, and ends by itself.
import { setTimeout as delay } from 'node:timers/promises';
import { PLAIN_FAULT_KINDS } from '../../apps/expressplay-emulator/src/faults/faults.js';
import type { Happening } from './book.js';
import type { Dice } from './dice.js';
import type { Done, World } from './world.js';

/** How rough it gets. */
export interface Roughness {
  readonly longestStallMs: number;
  readonly longestLockMs: number;
  /** Longest time between the beginnings of two disturbances. */
  readonly longestPauseMs: number;
}

export type Disturbance = (world: World, dice: Dice, roughness: Roughness) => Promise<Done>;

const SHORTEST_MS = 500;
const TITLES = ['sintel', 'tears-of-steel', 'big-buck-bunny'];

/** What the mixed run is made of. */
export const DISTURBANCES = {
  'Postgres stalls': async (world, dice, { longestStallMs }) => {
    const { name, replica } = dice.pick(world.replicas);
    const wire = replica.wires.postgres;
    const ms = dice.between(SHORTEST_MS, longestStallMs);
    const held = dice.pick(['to-server', 'to-client', 'both']);
    if (wire.tap !== undefined) return [`${name} is stalled already`, 0];
    const over = delay(ms);
    let met = 0;
    wire.tap = async (bytes, { direction }) => {
      if (held !== 'both' && direction !== held) return true;
      met += bytes.length;
      await over;
      return true;
    };
    await over;
    wire.tap = undefined;
    return [`${name}, ${held}, ${ms} ms`, met];
  },
  'wire cut': async (world, dice) => {
    const { name, replica } = dice.pick(world.replicas);
    const wire = dice.pick(['postgres', 'emulator'] as const);
    return [`${wire} of ${name}`, replica.wires[wire].cut()];
  },
  'players cut': async (world, dice) => {
    const { name, replica } = dice.pick(world.replicas);
    return [name, replica.wires.player.cut()];
  },
  'backends terminated': (world, dice) =>
    world.session(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'entitlement'`,
      );
      const pids = rows.map(({ pid }) => pid).filter(() => dice.is(0.5));
      const ended = await client.query('SELECT FROM unnest($1::int[]) AS pid WHERE pg_terminate_backend(pid)', [pids]);
      return [`${pids.length} of ${rows.length}`, ended.rowCount ?? 0];
    }),
  killed: (world, dice) => world.replace(dice, (replica) => replica.kill()),
  'ended by SIGTERM': (world, dice) =>
    world.replace(dice, (replica) => world.terminate(replica), delay(dice.between(0, SHORTEST_MS))),
  'purchases locked': (world, dice, { longestLockMs }) =>
    locked(
      world,
      dice.between(SHORTEST_MS, longestLockMs),
      `SELECT FROM purchase WHERE id IN (SELECT id FROM purchase ORDER BY updated_at DESC LIMIT ${dice.between(1, 40)})
       ORDER BY external_id COLLATE "C" FOR UPDATE`,
    ),
  'title locked': (world, dice, { longestLockMs }) =>
    locked(
      world,
      dice.between(SHORTEST_MS, longestLockMs),
      `SELECT FROM content WHERE id = '${dice.pick(TITLES)}' FOR UPDATE`,
    ),
  'ledger locked': (world, dice, { longestLockMs }) =>
    locked(world, dice.between(SHORTEST_MS / 2, longestLockMs / 2), 'LOCK TABLE issuance IN ACCESS EXCLUSIVE MODE'),
  'ExpressPlay fails': (world, dice) => failing(world, dice, dice.pick(FAILURES)(dice)),
  'ExpressPlay answers late': (world, dice) =>
    failing(world, dice, { kind: 'latency', milliseconds: dice.between(100, 4000) }),
  'ExpressPlay breaks its answers': (world, dice) => failing(world, dice, { kind: dice.pick(PLAIN_FAULT_KINDS) }),
} satisfies Record<string, Disturbance>;

/** Refusals by event code, for this request and for all, and answers that are none of ExpressPlay's. */
const FAILURES = [
  (dice: Dice) => ({ kind: 'event', code: dice.pick([-2018, -2019, -2002, -9999]) }),
  (dice: Dice) => ({ kind: 'status', status: dice.pick([500, 502, 503, 429]) }),
];

const WAITERS = 'SELECT count(*)::int AS waiting FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))';
const LOOK_EVERY_MS = 50;
/** One that disturbs nobody goes on, or is tried again, for so long. */
const LONGEST_VAIN_MS = 30_000;

/** Another session takes locks, and does nothing with them for some time, and until somebody waits for them. */
function locked(world: World, ms: number, statement: string): Promise<Done> {
  return world.session(async (client) => {
    await client.query('BEGIN');
    await client.query(statement);
    let met = 0;
    const until = performance.now() + ms;
    const isVain = () => met === 0 && performance.now() < until + LONGEST_VAIN_MS;
    for (; performance.now() < until || isVain(); await delay(LOOK_EVERY_MS)) {
      const { rows } = await client.query<{ waiting: number }>(WAITERS);
      met = Math.max(met, rows[0]?.waiting ?? 0);
    }
    await client.query('ROLLBACK');
    return [`${statement}, ${ms} ms`.replace(/\s+/g, ' '), met];
  });
}

async function failing(world: World, dice: Dice, fault: object): Promise<Done> {
  const service = dice.pick(['playready', 'fairplay', 'widevine', 'any'] as const);
  const ms = dice.between(SHORTEST_MS, 3000);
  const before = await world.faultsMet();
  await world.setFault({ service, fault });
  await delay(ms);
  await world.setFault(undefined);
  return [`${service}, ${JSON.stringify(fault)}, ${ms} ms`, (await world.faultsMet()) - before];
}

/**
 * Disturbs for so long, each kind once before any comes again, and waits until all have ended.
 * @param happenings where they are noted
 */
export async function disturbAtOnce(
  world: World,
  dice: Dice,
  roughness: Roughness,
  forMs: number,
  happenings: Happening[],
): Promise<void> {
  const endsAt = performance.now() + forMs;
  const underWay: Promise<void>[] = [];
  const kinds = Object.entries(DISTURBANCES);
  for (let round = dice.shuffled(kinds); ; round = dice.shuffled(kinds)) {
    for (const [kind, disturbance] of round) {
      await delay(dice.between(0, roughness.longestPauseMs));
      if (performance.now() >= endsAt) {
        await Promise.all(underWay);
        return;
      }
      const noted = note(kind, disturbance(world, dice.fork(), roughness), happenings);
      // One that fails is told of when all have ended.
      noted.catch(() => undefined);
      underWay.push(noted);
    }
  }
}

/** Longest between two disturbances in turn. */
const LONGEST_REST_MS = 200;
/** Disturbs for so long, in turn, and until each kind has disturbed somebody. @param happenings where they are noted */
export async function disturbInTurn(
  kinds: Readonly<Record<string, Disturbance>>,
  world: World,
  dice: Dice,
  roughness: Roughness,
  forMs: number,
  happenings: Happening[],
): Promise<void> {
  const from = performance.now();
  const first = happenings.length;
  const isInVain = () => inVain(happenings.slice(first)).length > 0 && performance.now() < from + LONGEST_VAIN_MS;
  do {
    for (const [kind, disturbance] of dice.shuffled(Object.entries(kinds))) {
      await delay(dice.between(0, LONGEST_REST_MS));
      await note(kind, disturbance(world, dice, roughness), happenings);
    }
  } while (performance.now() < from + forMs || isInVain());
}

/** Kinds that have disturbed nobody. */
export function inVain(happenings: readonly Happening[]): string[] {
  const met = happenings.filter((happening) => happening.met > 0).map(({ kind }) => kind);
  return [...new Set(happenings.map(({ kind }) => kind))].filter((kind) => !met.includes(kind));
}

async function note(kind: string, disturbance: Promise<Done>, happenings: Happening[]): Promise<void> {
  const from = performance.now();
  const [detail, met] = await disturbance;
  happenings.push({ kind, detail, met, from, until: performance.now() });
}
