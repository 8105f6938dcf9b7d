// Property: no input makes the emulator answer 500 uncalled for, or drop the connection.
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { timesOf } from '../support/soak.js';
import { documentedCodesOf, type Service, SERVICES, statusOf } from './documented-codes.js';
import {
  almostValidRequests,
  anyRequests,
  type RawAnswer,
  type RawRequest,
  RawSender,
} from './support/arbitrary-wire.js';
import { EmulatorSession, expectToken, TOKEN_PATHS } from './support/emulator-session.js';
import { ACCOUNTS, NOW, randomHex, VALID_REQUESTS } from './support/requests.js';

let emulator: EmulatorSession;
let sender: RawSender;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
  sender = new RawSender(emulator.url);
});
beforeEach(() => emulator.clock.set(NOW));
afterAll(async () => {
  sender.close();
  await emulator.close();
});

const valid = (service: Service) =>
  emulator.post(service, { customerAuthenticator: ACCOUNTS.good, ...VALID_REQUESTS[service] });

/** Sends, and expects an answer that a working server gives. */
async function expectAnswered(request: RawRequest): Promise<RawAnswer> {
  const answer = await sender.send(request);
  expect(answer.status).toBeGreaterThanOrEqual(200);
  if (answer.status >= 500) {
    // Key storage that does not have the key is the one refusal with a 500 that parameters bring about.
    expect(answer.body).toMatch(/-4019/);
  }
  return answer;
}

/** The licence URLs' paths, up to and with the token, as an issued token is answered with. */
async function licensePaths(): Promise<string[]> {
  const paths = [];
  for (const service of SERVICES) {
    const answer = await valid(service);
    const token = expectToken(answer, service);
    const url = service === 'playready' ? JSON.parse(answer.body).licenseAcquisitionUrl : answer.body;
    const { pathname } = new URL(String(url));
    paths.push(pathname, `${pathname}?ExpressPlayToken=${token}&x=`, `${pathname}?ExpressPlayToken=`);
  }
  return paths;
}

describe('whatever is sent', () => {
  it('a token service answers requests that are almost valid, with its documented codes only', async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(almostValidRequests, async (request) => {
        const { status, body } = await expectAnswered(request);
        // The first code is the answer's; a message may quote more.
        const code = Number(/-\d{4}/.exec(body)?.[0]);
        if (status !== 200) {
          const service = SERVICES.find((one) => request.path.startsWith(TOKEN_PATHS[one]))!;
          expect(documentedCodesOf(service)).toContain(code);
          expect(status).toBe(statusOf(code));
        }
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
      { numRuns: 800 },
    );
    // That it is worth something: tokens are issued and refused.
    expect(statuses.get(200)).toBeGreaterThan(20);
    expect(statuses.get(400)).toBeGreaterThan(100);
  });

  it('a token service answers requests that are anything', async () => {
    const paths = Object.values(TOKEN_PATHS);
    await fc.assert(
      fc.asyncProperty(anyRequests(paths), async (request) => {
        await expectAnswered(request);
      }),
      { numRuns: timesOf(100, 500) },
    );
  });

  it('a licence server answers requests that are anything', async () => {
    const paths = await licensePaths();
    await fc.assert(
      fc.asyncProperty(anyRequests(paths), async (request) => {
        await expectAnswered(request);
      }),
      { numRuns: timesOf(80, 400) },
    );
  });

  it('a licence server answers ClearKey with the key of the token, or with a code', async () => {
    const [kid, contentKey] = [randomHex(16), randomHex(16)];
    const own = Buffer.from(kid, 'hex').toString('base64url');
    const body = { customerAuthenticator: ACCOUNTS.good, ...VALID_REQUESTS.widevine, kid, contentKey };
    const token = expectToken(await emulator.post('widevine', body), 'widevine');
    const path = `/hms/wv/rights/?ExpressPlayToken=${token}`;
    const asked = fc.oneof({ weight: 3, arbitrary: fc.constant(own) }, fc.base64String(), fc.jsonValue());
    const types = fc.oneof({ weight: 3, arbitrary: fc.constant('temporary') }, fc.jsonValue());
    const requests = fc.record({ kids: fc.oneof(fc.array(asked), asked), type: types }, { requiredKeys: [] });
    const given = { kty: 'oct', kid: own, k: Buffer.from(contentKey, 'hex').toString('base64url') };
    let granted = 0;
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const challenge = new Uint8Array(Buffer.from(JSON.stringify(request)));
        const answer = await expectAnswered({ method: 'POST', path, headers: {}, body: challenge });
        if (answer.status !== 200) expect(answer.body).toMatch(/-4022|-5003/);
        else if (!Array.isArray(request.kids)) expect(answer.body).not.toContain(given.k);
        else {
          granted += 1;
          expect(JSON.parse(answer.body)).toEqual({ keys: [given], type: 'temporary' });
        }
      }),
      { numRuns: timesOf(80, 400) },
    );
    expect(granted).toBeGreaterThan(0);
  });
});

describe('afterwards', () => {
  it.each(SERVICES)('%s still issues tokens', async (service) => {
    expectToken(await valid(service), service);
  });
});
