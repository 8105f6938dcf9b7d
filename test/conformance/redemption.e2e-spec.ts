// Tokens at the licence servers: what they grant, how long, and which are refused.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Service, SERVICES } from './documented-codes.js';
import { codeIn, EmulatorSession, type ErrorFormat, expectRefusal, expectToken } from './support/emulator-session.js';
import { ACCOUNTS, NOW, type Parameters, VALID_REQUESTS } from './support/requests.js';

const DAY = 86_400;
const FORMATS: readonly ErrorFormat[] = ['html', 'json'];

let emulator: EmulatorSession;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
beforeEach(() => emulator.clock.set(NOW));
afterAll(() => emulator.close());

/** A fresh token and the path it is redeemed at, with `?ExpressPlayToken=` at its end. */
async function issue(service: Service, change: Parameters = {}): Promise<{ token: string; path: string }> {
  const answer = await emulator.post(service, {
    customerAuthenticator: ACCOUNTS.good,
    ...VALID_REQUESTS[service],
    ...change,
  });
  const token = expectToken(answer, service);
  const base =
    service === 'playready'
      ? (JSON.parse(answer.body) as { licenseAcquisitionUrl: string }).licenseAcquisitionUrl
      : answer.body.slice(0, answer.body.indexOf('?'));
  return { token, path: `${new URL(base).pathname}?ExpressPlayToken=` };
}

describe.each(SERVICES)('%s', (service) => {
  async function expectRefused(path: string, token: string): Promise<void> {
    for (const errorFormat of FORMATS) {
      const answer = await emulator.send(`${path}${token}&errorFormat=${errorFormat}`);
      expectRefusal(answer, -4010, errorFormat);
    }
  }

  it('grants the rights of a token, by GET and by POST, with its cookie', async () => {
    const { token, path } = await issue(service, { cookie: 'correlate-me' });
    for (const init of [{}, { method: 'POST', body: 'challenge', headers: { 'content-type': 'text/xml' } }]) {
      const { status, body } = await emulator.send(path + token, init);
      expect(status).toBe(200);
      expect(body).toContain('correlate-me');
    }
  });

  it('counts redemptions', async () => {
    const { token, path } = await issue(service);
    const before = await redemptions(service);
    await emulator.send(path + token);
    expect(await redemptions(service)).toBe(before + 1);
    await emulator.send(`${path}forged`);
    expect(await redemptions(service)).toBe(before + 1);
  });

  it('refuses a token after its expirationTime, in both error formats', async () => {
    const { token, path } = await issue(service, { expirationTime: '+60' });
    emulator.clock.advance(59);
    expect((await emulator.send(path + token)).status).toBe(200);
    emulator.clock.advance(2);
    await expectRefused(path, token);
  });

  it('refuses a token after a moment in Z', async () => {
    const { token, path } = await issue(service, { expirationTime: '2026-11-21T12:00:00Z' });
    emulator.clock.advance(2 * 3600 - 1);
    expect((await emulator.send(path + token)).status).toBe(200);
    emulator.clock.advance(2);
    await expectRefused(path, token);
  });

  it('redeems a token for 30 days unless asked otherwise', async () => {
    const { token, path } = await issue(service);
    emulator.clock.advance(30 * DAY - 1);
    expect((await emulator.send(path + token)).status).toBe(200);
    emulator.clock.advance(2);
    await expectRefused(path, token);
  });

  it('refuses forged tokens, in both error formats', async () => {
    const { token, path } = await issue(service);
    const middle = Math.floor(token.length / 2);
    const altered = token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1);
    for (const forged of [
      altered,
      token.slice(0, -4),
      `${token}AAAA`,
      'A'.repeat(token.length),
      'x',
      '',
      '%00',
      '%ff',
    ]) {
      await expectRefused(path, forged);
    }
  });

  it("refuses the other services' tokens", async () => {
    const { path } = await issue(service);
    for (const other of SERVICES.filter((one) => one !== service)) {
      const answer = await emulator.send(`${path}${(await issue(other)).token}`);
      // FairPlay documents a code of its own for this; the reference leaves open which of the two it gives.
      expect(service === 'fairplay' ? [-4010, -6002] : [-4010]).toContain(codeIn(answer));
      expect(answer.status).toBe(400);
    }
  });

  it('seals keys and authenticator out of sight', async () => {
    const { token } = await issue(service);
    const seen = [
      Buffer.from(token, 'base64url').toString('latin1'),
      JSON.stringify(await emulator.tokenParameters(token)),
      JSON.stringify(await emulator.received()),
    ].join();
    expect(seen).not.toContain(VALID_REQUESTS[service]['contentKey']);
    expect(seen).not.toContain(ACCOUNTS.good);
  });
});

/** The redemptions of a service that the metrics tell of. */
async function redemptions(service: Service): Promise<number> {
  const { body } = await emulator.send('/emulator/metrics');
  return body
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.includes('redeemed') && line.includes(`"${service}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
