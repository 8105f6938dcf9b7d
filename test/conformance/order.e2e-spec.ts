// The order of the emulator's checks: of two faults in one request, of different stages, the one that is checked first is answered.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConformanceCase } from './cases/case.js';
import { type Service, SERVICES } from './documented-codes.js';
import { codeIn, EmulatorSession, expectRefusal, requestOf } from './support/emulator-session.js';
import { ACCOUNTS, type Parameters, randomHex, STORED_KEY } from './support/requests.js';

/** A stage of the checks, and a fault that it refuses. */
type Stage = readonly [name: string, fault: Parameters, code: number];

/** A key in storage, so that KID, key and storage can be wrong one by one. */
const STORED: Parameters = { contentKey: undefined, kek: STORED_KEY.kek, kid: STORED_KEY.kid };

const FIRST: readonly Stage[] = [
  ['error format', { errorFormat: 'xml' }, -3004],
  ['authenticator missing', { customerAuthenticator: undefined }, -2017],
  ['authenticator wrong', { customerAuthenticator: `1,${randomHex(16)}` }, -2018],
  ['account disabled', { customerAuthenticator: ACCOUNTS.disabled }, -2031],
];

const KEYS: readonly Stage[] = [
  ['kid', { kid: 'zz' }, -4020],
  ['keys', { kek: 'zz' }, -4024],
];

const TOKEN: readonly Stage[] = [
  ['expiration', { expirationTime: 'soon' }, -2002],
  ['cookie', { cookie: 'c'.repeat(33) }, -2033],
];

const LAST: readonly Stage[] = [
  ['key storage', { kid: randomHex(16) }, -4019],
  ['balance', { customerAuthenticator: ACCOUNTS.noBalance }, -2019],
];

/** The stages of each service, in the reference's order. */
const STAGES: Readonly<Record<Service, readonly Stage[]>> = {
  playready: [
    ...FIRST,
    ['PlayReady disabled', { customerAuthenticator: ACCOUNTS.playReadyOff }, -5002],
    ['rights type', { rightsType: 'Lease' }, -2021],
    // What makes the rental wrong here is that the request is for a purchase, so that the rights type can be wrong as well.
    ['rental', { 'rental.playDuration': 'long' }, -2025],
    ['general flags', { generalFlags: 'zz' }, -5003],
    ...KEYS,
    ['output protection', { analogVideoOPL: '1000' }, -2034],
    ['extensions', { extensionType: 'wud', extensionPayload: 'AAAA' }, -2036],
    ...TOKEN,
    ['device', { deviceId: 'zz' }, -5004],
    ...LAST,
  ],
  fairplay: [
    ...FIRST,
    ['FairPlay disabled', { customerAuthenticator: ACCOUNTS.fairPlayOff }, -6009],
    ['not authorised', { customerAuthenticator: ACCOUNTS.noFairPlayAuthorization }, -6006],
    ['rights type', { rightsType: 'Lease' }, -2021],
    ['rental', { rentalDuration: 'long' }, -6007],
    ['general flags', { generalFlags: 'zz' }, -5003],
    ...KEYS,
    ['iv', { iv: 'zz' }, -6003],
    ['output protection', { analogVideoOPL: '1000' }, -2034],
    ['extensions', { fpExtension: 'wud,AAAA' }, -2036],
    ...TOKEN,
    ['device', { deviceId: randomHex(16) }, -6008],
    ...LAST,
  ],
  widevine: [
    ...FIRST,
    ['Widevine disabled', { customerAuthenticator: ACCOUNTS.widevineOff }, -7011],
    ['rental', { 'rental.playDuration': 'long' }, -2025],
    ['general flags', { generalFlags: 'zz' }, -5003],
    ...KEYS,
    ['output protection', { hdcpOutputControl: '9' }, -2034],
    ['extensions', { wvExtension: 'wud,AAAA' }, -2036],
    ...TOKEN,
    ['device', { deviceId: randomHex(16) }, -7002],
    ...LAST,
  ],
};

/** A case for every two stages whose faults can be in one request. */
export function orderCases(service: Service): ConformanceCase[] {
  const stages = STAGES[service];
  return stages.flatMap(([earlier, fault, code], index) =>
    stages
      .slice(index + 1)
      .filter(([, other]) => Object.keys(other).every((name) => !(name in fault)))
      .map(([later, other]) => ({
        name: `${earlier} before ${later}`,
        service,
        change: { ...STORED, ...fault, ...other },
        outcome: code,
      })),
  );
}

let emulator: EmulatorSession;

beforeAll(async () => {
  emulator = await EmulatorSession.start();
});

afterAll(() => emulator.close());

describe.each(SERVICES)('%s', (service) => {
  const cases = orderCases(service);

  it.each(cases.map((conformanceCase) => [conformanceCase.name, conformanceCase] as const))(
    '%s',
    async (_name, conformanceCase) => {
      const request = requestOf(conformanceCase, 'json');
      const answer = await emulator.post(service, request);
      expectRefusal(answer, Number(conformanceCase.outcome), request['errorFormat'] === 'json' ? 'json' : 'html');
    },
  );
});

it('a wrong URL comes before everything, and has no code', async () => {
  const answer = await emulator.send('/hms/xx/token?errorFormat=xml');
  expect([answer.status, codeIn(answer)]).toEqual([404, undefined]);
});
