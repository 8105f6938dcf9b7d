import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Replica } from './replica.js';
import { Site } from './site.js';

const LIMIT = 5;
const KINDS = ['playready', 'fairplay', 'widevine'].flatMap((drm) =>
  [false, true].map((offline) => ({ drm, offline })),
);

describe('two processes and one limit on token spending', () => {
  let site: Site;
  let replicas: Replica[];
  beforeAll(async () => {
    site = await Site.start();
    const limit = { TOKEN_LIMIT_PER_USER: String(LIMIT) };
    replicas = await Promise.all([site.startReplica(limit), site.startReplica(limit)]);
  });
  afterAll(() => site.stop());

  it.each([1, 2, 3])('simultaneous requests buy exactly as many tokens as are allowed (round %i)', async () => {
    const { user, bearer } = await site.viewerWithRental();
    // Every kind twice, once at each process: none is shared within a process.
    const answers = await Promise.all(replicas.flatMap((replica) => KINDS.map((kind) => replica.ask(bearer, kind))));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(answers.length - LIMIT);

    const granted = (await site.ledger(user)).filter(({ decision }) => decision === 'granted');
    expect(granted).toHaveLength(LIMIT);
    const bought = await site.issuedCookies();
    expect(granted.filter(({ id }) => !bought.has(id))).toEqual([]);
  });
});
