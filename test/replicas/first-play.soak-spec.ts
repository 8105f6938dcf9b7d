import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Signal, within } from '../support/deadline.js';
import { expectPromises } from './promises.js';
import type { Replica } from './replica.js';
import { PLAY_DURATION_SECONDS, Site } from './site.js';
import { isLedgerStatement } from './statements.js';

const DURATION_MS = PLAY_DURATION_SECONDS * 1000;
const REQUESTS = 100;
const KINDS = ['playready', 'fairplay', 'widevine'].flatMap((drm) =>
  [false, true].map((offline) => ({ drm, offline })),
);

describe('two processes', () => {
  let site: Site;
  let replicas: [Replica, Replica];
  beforeAll(async () => {
    site = await Site.start();
    replicas = await Promise.all([site.startReplica(), site.startReplica()]);
  });
  afterAll(() => site.stop());

  it.each([
    ['all alike', [{ drm: 'playready', offline: false }]],
    ['of every kind', KINDS],
  ])(`${REQUESTS} simultaneous first requests for one rental, %s: one first play`, async (_name, kinds) => {
    const { user, bearer } = await site.viewerWithRental();
    const met = meetAtExpressPlay(replicas);
    const sentAt = Date.now();
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, (_, number) =>
        replicas[number % 2]!.ask(bearer, kinds[Math.floor(number / 2) % kinds.length]),
      ),
    );
    const answeredAt = Date.now();
    await within(1000, 'both replicas have asked ExpressPlay', met);

    const firstPlay = (await expectPromises(site, user, answers))!;
    expect(firstPlay).toBeGreaterThanOrEqual(sentAt);
    expect(firstPlay).toBeLessThanOrEqual(answeredAt);
    const ledger = await site.ledger(user);
    // Both had decided before either wrote, so the race was on.
    expect(ledger.length).toBeGreaterThanOrEqual(2);
    for (const { rights_end_at: end, decided_at: decided } of ledger) {
      // Who saw the first play keeps to it; who decided at the same time counts from their own decision.
      expect([firstPlay, decided.getTime()]).toContain(end!.getTime() - DURATION_MS);
    }
    // So no two ends are farther apart than the decisions, which all fell between the first request and the last answer.
    const burstMs = answeredAt - sentAt;
    const ends = answers.map(({ body }) => Date.parse(body.rights.endsAt));
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(Math.ceil(burstMs / 1000) * 1000);

    for (const replica of replicas) {
      const later = await replica.ask(bearer);
      expect(await expectPromises(site, user, [...answers, later])).toBe(firstPlay);
      expect((await site.ledger(user)).at(-1)?.rights_end_at?.getTime()).toBe(firstPlay + DURATION_MS);
    }
  });

  it('one that comes late to the ledger does not move the first play of the other', async () => {
    const [slow, quick] = replicas;
    const { user, bearer } = await site.viewerWithRental();
    const held = new Signal();
    const released = new Signal();
    slow.wires.postgres.tap = async (bytes, { direction }) => {
      if (direction === 'to-client' || !isLedgerStatement(bytes)) return true;
      held.raise();
      await released.raised;
      return true;
    };
    const late = slow.ask(bearer);
    await within(30_000, 'the slow replica has a token', held.raised);
    const first = await quick.ask(bearer);
    const firstPlay = await expectPromises(site, user, [first]);
    released.raise();

    const last = await late;
    slow.wires.postgres.tap = undefined;
    expect(await expectPromises(site, user, [first, last])).toBe(firstPlay);
    const rows = await site.ledger(user);
    expect(rows.find(({ id }) => id === last.body.id)).toMatchObject({ first_play: false });
    expect(rows.find(({ id }) => id === first.body.id)).toMatchObject({ first_play: true });
  });
});

/** Lets nobody through to ExpressPlay until every replica has come: each has decided on a rental not started. */
function meetAtExpressPlay(replicas: readonly Replica[]): Promise<void> {
  const met = new Signal();
  const there = new Set<Replica>();
  for (const replica of replicas) {
    replica.wires.emulator.tap = async (_bytes, { direction }) => {
      if (direction === 'to-client') return true;
      there.add(replica);
      if (there.size === replicas.length) met.raise();
      await met.raised;
      return true;
    };
  }
  return met.raised;
}
