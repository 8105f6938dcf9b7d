// What goes wrong: each begins, lasts for its time, and ends by itself.
import { setTimeout as delay } from 'node:timers/promises';
import { FAULT_SERVICES, PLAIN_FAULT_KINDS } from '../../apps/expressplay-emulator/src/faults/faults.js';
import type { Happening } from './book.js';
import type { Dice } from './dice.js';
import type { World } from './world.js';

/** How rough it gets. */
export interface Roughness {
  readonly longestStallMs: number;
  readonly longestLockMs: number;
  /** Longest time between the beginnings of two disturbances. */
  readonly longestPauseMs: number;
}

/** @returns what it was done to */
export type Disturbance = (world: World, dice: Dice, roughness: Roughness) => Promise<string>;

const SHORTEST_MS = 500;
const TITLES = ['sintel', 'tears-of-steel', 'big-buck-bunny'];

/** What the mixed run is made of. */
export const DISTURBANCES = {
  'Postgres stalls': async (world, dice, { longestStallMs }) => {
    const { name, replica } = dice.pick(world.replicas);
    const wire = replica.wires.postgres;
    const ms = dice.between(SHORTEST_MS, longestStallMs);
    const held = dice.pick(['to-server', 'to-client', 'both']);
    if (wire.tap !== undefined) return `none: ${name} is stalled already`;
    const over = delay(ms);
    wire.tap = async (_bytes, { direction }) => {
      if (held === 'both' || direction === held) await over;
      return true;
    };
    await over;
    wire.tap = undefined;
    return `${name}, ${held}, ${ms} ms`;
  },
  'wire cut': async (world, dice) => {
    const { name, replica } = dice.pick(world.replicas);
    const wire = dice.pick(['postgres', 'emulator'] as const);
    replica.wires[wire].cut();
    return `${wire} of ${name}`;
  },
  'players cut': async (world, dice) => {
    const { name, replica } = dice.pick(world.replicas);
    replica.wires.player.cut();
    return name;
  },
  'backends terminated': (world, dice) =>
    world.session(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'entitlement'`,
      );
      const pids = rows.map(({ pid }) => pid).filter(() => dice.is(0.5));
      await client.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [pids]);
      return `${pids.length} of ${rows.length}`;
    }),
  killed: (world, dice) => world.replace(dice, (replica) => replica.kill()),
  'ended by SIGTERM': (world, dice) =>
    world.replace(dice, (replica) => world.terminate(replica), delay(dice.between(0, SHORTEST_MS))),
  'purchases locked': (world, dice, { longestLockMs }) =>
    locked(world, dice.between(SHORTEST_MS, longestLockMs), [
      `SELECT FROM purchase WHERE id IN (SELECT id FROM purchase ORDER BY updated_at DESC LIMIT ${dice.between(1, 40)})
       ORDER BY external_id COLLATE "C" FOR UPDATE`,
    ]),
  'title locked': (world, dice, { longestLockMs }) =>
    locked(world, dice.between(SHORTEST_MS, longestLockMs), [
      `SELECT FROM content WHERE id = '${dice.pick(TITLES)}' FOR UPDATE`,
    ]),
  'ledger locked': (world, dice, { longestLockMs }) =>
    locked(world, dice.between(SHORTEST_MS / 2, longestLockMs / 2), ['LOCK TABLE issuance IN ACCESS EXCLUSIVE MODE']),
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

/** Another session takes locks, and does nothing with them for some time. */
function locked(world: World, ms: number, statements: readonly string[]): Promise<string> {
  return world.session(async (client) => {
    await client.query('BEGIN');
    for (const statement of statements) await client.query(statement);
    await delay(ms);
    await client.query('ROLLBACK');
    return `${statements.at(-1)}, ${ms} ms`.replace(/\s+/g, ' ');
  });
}

async function failing(world: World, dice: Dice, fault: object): Promise<string> {
  const service = dice.pick(FAULT_SERVICES);
  const ms = dice.between(SHORTEST_MS, 3000);
  await world.setFault({ service, fault });
  await delay(ms);
  await world.setFault(undefined);
  return `${service}, ${JSON.stringify(fault)}, ${ms} ms`;
}

/**
 * Disturbs for so long, each kind once before any comes again, and waits until all have ended.
 * @param happenings where they are noted
 */
export async function disturb(
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

async function note(kind: string, disturbance: Promise<string>, happenings: Happening[]): Promise<void> {
  const from = performance.now();
  const detail = await disturbance;
  happenings.push({ kind, detail, from, until: performance.now() });
}
