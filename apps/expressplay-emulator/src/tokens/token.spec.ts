import { describe, expect, it } from 'vitest';
import { parametersFrom, PLAYREADY_RENTAL } from '../testing/valid-requests.js';
import { PLAYREADY } from '../token-services/playready.js';
import { type SealedToken, TokenSealer } from './token.js';

const ISSUED_AT = new Date('2026-11-21T10:00:00Z');

const parameters = parametersFrom({ ...PLAYREADY_RENTAL, cookie: 'naïve 🎬' });

const CONTENTS: SealedToken = {
  service: 'playready',
  account: 'good',
  issuedAt: ISSUED_AT.toISOString(),
  expiresAt: '2026-11-21T10:01:00.000Z',
  cookie: 'naïve 🎬',
  terms: PLAYREADY.check(parameters, ISSUED_AT).terms,
  parameters: parameters.redacted(),
};

describe('TokenSealer', () => {
  const sealer = new TokenSealer();
  const token = sealer.seal(CONTENTS);

  it('opens what it sealed', () => {
    expect(sealer.open(token)).toEqual(CONTENTS);
  });

  it('writes URL-safe base64 without padding, never the same twice', () => {
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(sealer.seal(CONTENTS)).not.toBe(token);
  });

  it('shows nothing of the contents', () => {
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('playready');
  });

  it('refuses a token with any one character changed', () => {
    for (let position = 0; position < token.length; position += 1) {
      const changed = token[position] === 'A' ? 'B' : 'A';
      const forged = token.slice(0, position) + changed + token.slice(position + 1);
      expect(sealer.open(forged), `character ${position}`).toBeUndefined();
    }
  });

  const forgeries: [string, string][] = [
    ['an empty one', ''],
    ['a short one', 'AQAA'],
    ['a cut one', token.slice(0, -4)],
    ['a longer one', `${token}AAAA`],
    ['one with padding', `${token}=`],
    ['one with a space', ` ${token}`],
    ['that of another process', new TokenSealer().seal(CONTENTS)],
  ];
  it.each(forgeries)('refuses %s', (_what, forged) => {
    expect(sealer.open(forged)).toBeUndefined();
  });
});
