// What holds at every moment, whatever has crashed: the promises about a rental's clock and about tokens.
import { expect } from 'vitest';
import type { PlayerAnswer } from './replica.js';
import type { Site } from './site.js';

/**
 * One first play, of a token that was issued; no token in a player's hands that the ledger does not know.
 * @param answers all that the viewer was ever answered with
 * @returns the first play, in milliseconds, or null
 */
export async function expectPromises(
  site: Site,
  user: string,
  answers: readonly PlayerAnswer[],
): Promise<number | null> {
  const [firstPlay, ledger, issued] = await Promise.all([
    site.firstPlay(user),
    site.ledger(user),
    site.issuedCookies(),
  ]);

  const starts = ledger.filter(({ first_play: first }) => first).map(({ decided_at: at }) => at.getTime());
  expect(starts).toEqual(firstPlay === null ? [] : [firstPlay]);

  const granted = new Set(ledger.filter(({ decision }) => decision === 'granted').map(({ id }) => id));
  expect([...granted].filter((id) => !issued.has(id))).toEqual([]);

  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(granted).toContain(body.id);
  }
  const tokens = new Map(answers.map(({ body }) => [body.token, body.id]));
  for (const [token, id] of tokens) expect(await site.cookieOf(token)).toBe(id);
  return firstPlay;
}
