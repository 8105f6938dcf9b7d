// The tokens that attackers send: good ones of users with strange names, and bad ones of all kinds.
import type { TestIssuer } from '../../support/issuer.js';
import type { Bearers } from './fuzz-requests.js';
import { ALL_SCOPES } from './fuzz-routes.js';

/**
 * Tokens of an issuer that the service believes, and others.
 * @param expiresIn seconds for which the good ones are good
 */
export async function makeBearers(issuer: TestIssuer, expiresIn?: number): Promise<Bearers> {
  const subjects = ['alice', 'bob', 'frank', '__proto__', "' OR 1=1 --", '\u{1F3AC}', 'a\u0000b', 'x'.repeat(300), ''];
  const good = await Promise.all(subjects.map((subject) => issuer.token(subject, { scope: ALL_SCOPES, expiresIn })));
  const [first = ''] = good;
  const [header = '', claims = '', signature = ''] = first.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const bad = [
    ...(await Promise.all([
      issuer.token('alice', { expiresIn: -60 }),
      issuer.token('alice', { scope: '' }),
      issuer.token('alice', { issuer: 'https://elsewhere.test' }),
      issuer.token('alice', { audience: 'elsewhere' }),
    ])),
    `${none}.${claims}.`,
    `${header}.${claims}.`,
    `${header}.${claims}.${signature.slice(2)}`,
    first.slice(0, -9),
    '..',
    'a.b.c',
    `${header}..${signature}`,
    `${first}.${first}`,
    'x'.repeat(6000),
    '\u00ff\u00fe',
    ' ',
    '{}.{}.{}',
  ];
  return { good, bad };
}
