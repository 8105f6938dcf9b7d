import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../support/deadline.js';
import { CRASH_POINTS } from './crash-points.js';
import { expectPromises } from './promises.js';
import type { Replica } from './replica.js';
import { PLAY_DURATION_SECONDS, Site } from './site.js';

describe('a process that is killed on the way of the first token of a rental', () => {
  let site: Site;
  /** Started for a retry, and not yet killed. */
  let spare: Replica | undefined;
  beforeAll(async () => {
    site = await Site.start();
  });
  afterAll(() => site.stop());

  it.each(CRASH_POINTS.map((point) => [point.name, point] as const))('when %s', async (_name, point) => {
    const { issued, recorded } = point;
    const victim = spare ?? (await site.startReplica());
    spare = undefined;
    const { user, bearer } = await site.viewerWithRental();
    const cookies = await site.issuedCookies();

    const death = point.arm(victim);
    const lost = victim.ask(bearer).then(
      ({ status }) => `answered with ${status}`,
      () => 'unanswered',
    );
    await within(30_000, 'the process comes to where it is killed', death);
    expect(await lost).toBe('unanswered');
    expect((await site.issuedCookies()).size - cookies.size).toBe(issued ? 1 : 0);
    expect(await site.ledger(user)).toHaveLength(recorded ? 1 : 0);
    const started = await expectPromises(site, user, []);
    expect(started !== null).toBe(recorded);

    const restarted = await site.startReplica();
    const answer = await restarted.ask(bearer);
    const firstPlay = await expectPromises(site, user, [answer]);
    // What the lost token started is not moved; what it did not start begins with the retry.
    if (recorded) expect(firstPlay).toBe(started);
    const retried = (await site.ledger(user)).at(-1)!;
    expect(retried).toMatchObject({ id: answer.body.id, decision: 'granted', first_play: !recorded });
    const end = firstPlay! + PLAY_DURATION_SECONDS * 1000;
    expect(retried.rights_end_at?.getTime()).toBe(end);
    expect(Date.parse(answer.body.rights.endsAt)).toBe(Math.floor(end / 1000) * 1000);
    const left = Math.floor((end - retried.decided_at.getTime()) / 1000);
    expect(answer.body.rights.playDurationSeconds).toBe(left);
    expect(left < PLAY_DURATION_SECONDS).toBe(recorded);
    spare = restarted;
  });
});
