import { describe, expect, it } from 'vitest';
import { lenientEnvironment } from './lenient-environment.js';

const HEX = '00112233445566778899aabbccddeeff';
const GOOD = {
  DATABASE_URL: 'postgresql://host:5432/db',
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `201722,${HEX}`,
  CONTENT_KEY_KEKS: `demo=${HEX}`,
  AUTH_ISSUER: 'https://login.example.com/',
  AUTH_AUDIENCE: 'bff',
  AUTH_JWKS_URL: 'https://login.example.com/jwks.json',
};

describe('lenientEnvironment', () => {
  it('has the rest of the settings when deadlines do not go together', () => {
    const { environment, wrong } = lenientEnvironment({ ...GOOD, DATABASE_TIMEOUT_MS: '60000' });
    expect([...wrong]).toEqual(['REQUEST_ANSWER_TIMEOUT_MS']);
    expect(environment?.DATABASE_URL.current).toBe(GOOD.DATABASE_URL);
  });
});
