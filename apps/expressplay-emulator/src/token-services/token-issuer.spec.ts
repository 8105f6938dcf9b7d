import { ManualClock } from '@app/platform/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ACCOUNTS } from '../accounts/account.js';
import { AccountDirectory, AccountService } from '../accounts/accounts.js';
import { Environment } from '../environment.js';
import { Metrics, RequestLog } from '../inspection/records.js';
import { KeyStorage } from '../key-storage/key-storage.js';
import { authenticatorOf, outcomeOf } from '../testing/ask.js';
import {
  type Asked,
  FAIRPLAY_REQUEST,
  parametersFrom,
  PLAYREADY_RENTAL,
  randomHex,
  WIDEVINE_REQUEST,
  wrappedKeyParameters,
} from '../testing/valid-requests.js';
import { TokenSealer } from '../tokens/token.js';
import { FAIRPLAY } from './fairplay.js';
import { PLAYREADY } from './playready.js';
import { TokenIssuer } from './token-issuer.js';
import type { TokenServiceDefinition } from './checks.js';
import { WIDEVINE } from './widevine.js';

const [TEST_ACCOUNT, PRODUCTION_ACCOUNT] = DEMO_ACCOUNTS;

const AUTHENTICATED = { customerAuthenticator: TEST_ACCOUNT!.authenticator };

const clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));

let requests: RequestLog;

let sealer: TokenSealer;

let keyStorage: KeyStorage;

let issuer: TokenIssuer;

function issuerFor(environment: 'test' | 'production'): TokenIssuer {
  const settings = Object.assign(new Environment(), { EMULATOR_ENVIRONMENT: environment });
  const accounts = new AccountService(new AccountDirectory(settings), settings);
  return new TokenIssuer(clock, accounts, keyStorage, sealer, requests);
}

beforeEach(() => {
  requests = new RequestLog(clock, new Metrics());
  sealer = new TokenSealer();
  keyStorage = new KeyStorage(clock);
  issuer = issuerFor('test');
});

const ask = (definition: TokenServiceDefinition, asked: Asked, by = issuer) =>
  outcomeOf(() => by.issue({ definition, method: 'POST', parameters: parametersFrom(asked) }));

/**
 * A request in which everything is wrong, put right one parameter at a time: each step's code must be that of the
 * earliest check that still fails.
 */
function codesInOrder(definition: TokenServiceDefinition, steps: readonly (readonly [Asked, Asked])[]): unknown[] {
  const wrong: Asked = Object.assign({}, ...steps.map(([broken]) => broken));
  let asked = wrong;
  return [{}, ...steps.map(([, mended]) => mended)].map((mended) => {
    asked = { ...asked, ...mended };
    return ask(definition, asked);
  });
}

describe('the order of the checks', () => {
  it('is the documented one for PlayReady', () => {
    const valid = { ...PLAYREADY_RENTAL };
    const codes = codesInOrder(PLAYREADY, [
      [{ errorFormat: 'xml' }, { errorFormat: 'json' }],
      [{ customerAuthenticator: undefined }, AUTHENTICATED],
      [{ rightsType: 'Lease' }, { rightsType: 'Rental' }],
      [{ 'rental.periodEndTime': 'x' }, { 'rental.periodEndTime': '+3600' }],
      [{ generalFlags: '0' }, { generalFlags: valid.generalFlags }],
      [{ kid: 'x' }, { kid: valid.kid }],
      [{ contentKey: 'x' }, { contentKey: valid.contentKey }],
      [
        {},
        {
          analogVideoOPL: '1',
          compressedDigitalAudioOPL: '1',
          compressedDigitalVideoOPL: '1',
          uncompressedDigitalAudioOPL: '1',
          uncompressedDigitalVideoOPL: '1',
        },
      ],
      [{ unknownOutputBehavior: 'x' }, { unknownOutputBehavior: 'Allow' }],
      [{ outputControlFlags: 'x' }, { outputControlFlags: undefined }],
      [{ extensionType: 'x' }, { extensionType: undefined }],
      [{ expirationTime: 'x' }, { expirationTime: '+60' }],
      [{ cookie: 'c'.repeat(33) }, { cookie: 'c' }],
      [{ deviceId: 'x' }, { deviceId: undefined }],
    ]);
    expect(codes).toEqual([
      -3004,
      -2017,
      -2021,
      -2022,
      -5003,
      -4020,
      -2027,
      -5006,
      -5001,
      -2040,
      -2036,
      -2002,
      -2033,
      -5004,
      'accepted',
    ]);
  });

  it('is the documented one for FairPlay', () => {
    const kek = wrappedKeyParameters().kek;
    const codes = codesInOrder(FAIRPLAY, [
      [{ errorFormat: 'xml' }, { errorFormat: 'html' }],
      [{ customerAuthenticator: 'x' }, AUTHENTICATED],
      [{ rightsType: 'x' }, { rightsType: undefined }],
      [{ rentalDuration: 'x' }, { rentalDuration: '60' }],
      [{ generalFlags: '1' }, { generalFlags: '0000' }],
      [{ kid: 'x' }, { kid: randomHex(16) }],
      [{}, { kek }],
      [{ iv: 'x' }, { iv: FAIRPLAY_REQUEST.iv }],
      [{ analogVideoOPL: 'x' }, { analogVideoOPL: undefined }],
      [{ fpExtension: 'x' }, { fpExtension: undefined }],
      [{ expirationTime: 'x' }, { expirationTime: undefined }],
      [{ cookie: 'c'.repeat(33) }, { cookie: undefined }],
      [{ deviceId: 'x' }, { deviceId: undefined }],
    ]);
    expect(codes).toEqual([
      -3004, -2018, -2021, -6007, -5003, -4020, -6005, -6003, -2034, -6001, -2002, -2033, -6008, -4019,
    ]);
  });
});

describe('the order of the checks for Widevine', () => {
  it('is the documented one, with the licence duration among the rentals', () => {
    const kek = wrappedKeyParameters().kek;
    const codes = codesInOrder(WIDEVINE, [
      [{ errorFormat: 'xml' }, { errorFormat: 'html' }],
      [{ customerAuthenticator: PRODUCTION_ACCOUNT!.authenticator }, AUTHENTICATED],
      [{ 'rental.periodEndTime': 'x' }, { 'rental.periodEndTime': undefined }],
      [{ 'rental.playDuration': 'x' }, { 'rental.playDuration': undefined }],
      [{ rentalDuration: 'x' }, { rentalDuration: undefined }],
      [{ licenseDuration: 'x' }, { licenseDuration: '60' }],
      [{ generalFlags: '1' }, { generalFlags: '0000' }],
      [{}, { kid: randomHex(16) }],
      [{}, { kek }],
      [{}, { securityLevel: '6' }],
      [{}, { securityLevel: '5' }],
      [{}, { hdcpOutputControl: '6' }],
      [{}, { hdcpOutputControl: '2' }],
      [{ outputControlFlags: 'x' }, { outputControlFlags: undefined }],
      [{ wvExtension: 'x' }, { wvExtension: undefined }],
      [{ expirationTime: 'x' }, { expirationTime: undefined }],
      [{ cookie: 'c'.repeat(33) }, { cookie: undefined }],
      [{ deviceId: 'x' }, { deviceId: undefined }],
    ]);
    expect(codes).toEqual([
      -3004, -2018, -2022, -2025, -6007, -7007, -5003, -4018, -6005, -7003, -7004, -7006, -2034, -2040, -7009, -2002,
      -2033, -7002, -4019,
    ]);
  });
});

describe('the last checks', () => {
  it('are key storage, then balance', () => {
    const { kek, ek } = wrappedKeyParameters();
    const kid = randomHex(16);
    const noBalance = { customerAuthenticator: authenticatorOf('no-balance') };
    const asked = { ...WIDEVINE_REQUEST, ...noBalance, contentKey: undefined, kek, kid };
    expect(ask(WIDEVINE, asked)).toBe(-4019);
    keyStorage.store({ kid, ek: Buffer.from(ek, 'hex') });
    expect(ask(WIDEVINE, asked)).toBe(-2019);
    expect(ask(WIDEVINE, { ...asked, ...AUTHENTICATED })).toBe('accepted');
  });
});

describe('authentication', () => {
  const cases: [string, 'test' | 'production', string | undefined, 'accepted' | number][] = [
    ['no authenticator', 'test', undefined, -2017],
    ['an empty one', 'test', '', -2017],
    ['an unknown one', 'test', '1,00000000000000000000000000000000', -2018],
    ['the other environment’s', 'test', PRODUCTION_ACCOUNT!.authenticator, -2018],
    ['the test one in production', 'production', TEST_ACCOUNT!.authenticator, -2018],
    ['the test one in test', 'test', TEST_ACCOUNT!.authenticator, 'accepted'],
    ['the production one in production', 'production', PRODUCTION_ACCOUNT!.authenticator, 'accepted'],
  ];

  it.each(cases)('%s', (_what, environment, customerAuthenticator, expected) => {
    const asked = { ...PLAYREADY_RENTAL, customerAuthenticator };
    expect(ask(PLAYREADY, asked, issuerFor(environment))).toBe(expected);
  });
});

describe('what is kept of a request', () => {
  it('has every parameter as asked, but no secret, in the record and in the token', () => {
    const keys = wrappedKeyParameters();
    const asked = {
      ...FAIRPLAY_REQUEST,
      ...AUTHENTICATED,
      contentKey: undefined,
      ...keys,
      cookie: 'c1',
      useHttps: 'true',
    };
    const token = issuer.issue({ definition: FAIRPLAY, method: 'GET', parameters: parametersFrom(asked) });
    const parameters = {
      iv: FAIRPLAY_REQUEST.iv,
      customerAuthenticator: '[redacted]',
      kek: '[redacted]',
      ek: '[redacted]',
      cookie: 'c1',
      useHttps: 'true',
    };
    expect(requests.list()).toEqual([
      {
        at: '2026-11-21T10:00:00.000Z',
        service: 'fairplay',
        method: 'GET',
        outcome: 'issued',
        cookie: 'c1',
        parameters,
        ignored: ['useHttps'],
      },
    ]);
    expect(sealer.open(token)).toMatchObject({
      service: 'fairplay',
      issuedAt: '2026-11-21T10:00:00.000Z',
      expiresAt: '2026-12-21T10:00:00.000Z',
      cookie: 'c1',
      parameters,
    });
  });

  it('has the code of a refused one', () => {
    ask(PLAYREADY, { ...AUTHENTICATED, contentKey: 'c'.repeat(32) });
    expect(requests.list()).toMatchObject([
      { service: 'playready', outcome: -2020, cookie: null, parameters: { contentKey: '[redacted]' } },
    ]);
  });
});
