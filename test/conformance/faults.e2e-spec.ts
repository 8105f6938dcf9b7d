// The emulator's faults, and what the client makes of each: always one of its own errors, and the right one.
import { type ExpressPlayClient, ExpressPlayError, type IssuedToken } from '@app/expressplay';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Service, SERVICES } from './documented-codes.js';
import { clientOf, EmulatorSession, expectToken } from './support/emulator-session.js';
import { ACCOUNTS, entriesOf, type Parameters, VALID_REQUESTS } from './support/requests.js';

let emulator: EmulatorSession;
let client: ExpressPlayClient;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
  client = clientOf(emulator, 'good', 400);
});
afterEach(() => emulator.clearFaults());
afterAll(async () => {
  await client.close();
  await emulator.close();
});

const requestFor = (service: Service): Parameters => ({
  customerAuthenticator: ACCOUNTS.good,
  errorFormat: 'json',
  ...VALID_REQUESTS[service],
});
const ask = (service: Service): Promise<IssuedToken> => client.requestRaw(service, entriesOf(requestFor(service)));

/** The fault, and what the error has to say of itself. */
const FAULTS: readonly (readonly [fault: Record<string, unknown>, error: object])[] = [
  [
    { kind: 'event', code: -2030 },
    { kind: 'refused', code: -2030, httpStatus: 500 },
  ],
  [
    { kind: 'status', status: 503 },
    { kind: 'refused', code: undefined, httpStatus: 503 },
  ],
  [
    { kind: 'status', status: 404 },
    { kind: 'refused', code: undefined, httpStatus: 404 },
  ],
  [
    { kind: 'latency', milliseconds: 2_000 },
    { kind: 'transport', reason: 'timeout' },
  ],
  [{ kind: 'reset' }, { kind: 'transport', reason: 'reset' }],
  [{ kind: 'hang' }, { kind: 'transport', reason: 'timeout' }],
  [{ kind: 'truncated' }, { kind: 'transport', reason: 'reset' }],
  [{ kind: 'empty' }, { kind: 'unreadable', reason: 'no-token' }],
  [{ kind: 'garbage' }, { kind: 'unreadable' }],
  [{ kind: 'oversize' }, { kind: 'unreadable', reason: 'too-large' }],
  [{ kind: 'headers-only' }, { kind: 'transport', reason: 'timeout' }],
];

describe.each(SERVICES)('%s', (service) => {
  it.each(FAULTS)('%j is an error of the client, and passes', async (fault, error) => {
    await emulator.setFault(service, fault, 1);
    const thrown = await ask(service).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ExpressPlayError);
    expect(thrown).toMatchObject(error);
    expect((await ask(service)).token).not.toBe('');
  });

  it('a latency within the deadline only delays', async () => {
    await emulator.setFault(service, { kind: 'latency', milliseconds: 50 }, 1);
    expect((await ask(service)).token).not.toBe('');
  });

  it('a wrong content type is no reason to throw a token away', async () => {
    await emulator.setFault(service, { kind: 'wrong-content-type' }, 1);
    expect((await ask(service)).token).not.toBe('');
  });
});

describe('faults', () => {
  it('last as many times as asked', async () => {
    await emulator.setFault('fairplay', { kind: 'status', status: 503 }, 2);
    const statuses = [];
    for (let time = 0; time < 3; time++)
      statuses.push((await emulator.post('fairplay', requestFor('fairplay'))).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it('last until they are cleared, when no number is given', async () => {
    await emulator.setFault('any', { kind: 'status', status: 502 });
    for (const service of [...SERVICES, ...SERVICES]) {
      expect((await emulator.post(service, requestFor(service))).status).toBe(502);
    }
    await emulator.clearFaults();
    for (const service of SERVICES) expectToken(await emulator.post(service, requestFor(service)), service);
  });

  it('of one service leave the others alone', async () => {
    await emulator.setFault('widevine', { kind: 'status', status: 503 });
    expectToken(await emulator.post('playready', requestFor('playready')), 'playready');
    expectToken(await emulator.post('fairplay', requestFor('fairplay')), 'fairplay');
    expect((await emulator.post('widevine', requestFor('widevine'))).status).toBe(503);
  });
});
