// The client against the same cases: it turns each refusal into its code, and refuses before sending what it can.
import { ExpressPlayClient, InvalidTokenRequestError, type IssuedToken, RefusedError } from '@app/expressplay';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases/all.cases.js';
import type { ConformanceCase, Outcome } from './cases/case.js';
import { documentedCodesOf, type Service, SERVICES, statusOf } from './documented-codes.js';
import { clientOf, clientOptions, EmulatorSession, type ErrorFormat, requestOf } from './support/emulator-session.js';
import { type AccountName, ACCOUNTS, entriesOf, VALID_REQUESTS } from './support/requests.js';
import { typedRequestOf } from './support/typed-request.js';

let emulator: EmulatorSession;
const clients = new Map<AccountName, ExpressPlayClient>();
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
afterEach(() => emulator.clearFaults());
afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.close()));
  await emulator.close();
});

function clientFor(account: AccountName): ExpressPlayClient {
  const client = clients.get(account) ?? clientOf(emulator, account);
  clients.set(account, client);
  return client;
}

async function prepare({ service, fault }: ConformanceCase): Promise<void> {
  if (fault !== undefined) await emulator.setFault(service, { kind: 'event', code: fault }, 1);
}

/** What came of a call: a token, or the error that the client threw. */
async function resultOf(call: Promise<IssuedToken>): Promise<IssuedToken | Error> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function expectIssued(result: IssuedToken | Error): void {
  expect(result).toEqual({
    licenseUrl: expect.stringContaining('?ExpressPlayToken='),
    licenseAcquisitionUrl: expect.stringContaining(emulator.url),
    token: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
  });
}

function expectRefused(result: IssuedToken | Error, code: number): void {
  expect(result).toBeInstanceOf(RefusedError);
  expect(result).toMatchObject({ code, httpStatus: statusOf(code) });
}

const named = (cases: readonly ConformanceCase[]): (readonly [string, Outcome, ConformanceCase])[] =>
  cases.map((conformanceCase) => [conformanceCase.name, conformanceCase.outcome, conformanceCase]);

describe.each(SERVICES)('%s, parameters as they are', (service) => {
  for (const errorFormat of ['html', 'json'] satisfies ErrorFormat[]) {
    it.each(named(CASES[service]))(`%s: %s, in ${errorFormat}`, async (_name, outcome, conformanceCase) => {
      await prepare(conformanceCase);
      const request = entriesOf(requestOf(conformanceCase, errorFormat));
      const result = await resultOf(clientFor('good').requestRaw(service, request));
      if (outcome === 'issued') expectIssued(result);
      else expectRefused(result, outcome);
    });
  }
});

const typed = (service: Service) =>
  CASES[service].flatMap((conformanceCase) => {
    // The authenticator is the client's, not the request's.
    const request = Object.hasOwn(conformanceCase.change, 'customerAuthenticator')
      ? undefined
      : typedRequestOf(service, { ...VALID_REQUESTS[service], ...conformanceCase.change });
    return request === undefined ? [] : [{ conformanceCase, request }];
  });

/** Codes that only ExpressPlay can give for a well-formed request: by the account, by its storage, by unwrapping, by a fault. */
function onlyUpstreamKnows({ account, fault, name, outcome }: ConformanceCase): boolean {
  return (
    account !== undefined ||
    fault !== undefined ||
    outcome === -4019 ||
    name === 'an altered ek' ||
    /^a key wrapped under another kek$/i.test(name)
  );
}

describe.each(SERVICES)('%s, as typed requests', (service) => {
  it.each(
    typed(service).map(
      ({ conformanceCase, request }) =>
        [conformanceCase.name, conformanceCase.outcome, conformanceCase, request] as const,
    ),
  )('%s: %s', async (_name, outcome, conformanceCase, request) => {
    await prepare(conformanceCase);
    await emulator.forgetReceived();
    const result = await resultOf(clientFor(conformanceCase.account ?? 'good').requestToken(request));
    const received = (await emulator.received()).map((one) => one.outcome);
    if (outcome === 'issued') {
      expectIssued(result);
      expect(received).toEqual(['issued']);
    } else if (onlyUpstreamKnows(conformanceCase)) {
      expectRefused(result, outcome);
      expect(received).toHaveLength(1);
    } else {
      expect(result).toBeInstanceOf(InvalidTokenRequestError);
      expect(result).toMatchObject({ code: outcome });
      expect(received).toEqual([]);
    }
  });

  it('expresses enough of the cases', () => {
    const codes = new Set(typed(service).map(({ conformanceCase }) => conformanceCase.outcome));
    expect(documentedCodesOf(service).filter((code) => !codes.has(code))).toEqual(INEXPRESSIBLE[service]);
  });
});

/** The codes that no typed request comes to: the types leave no room for the mistake, or the client never makes it. */
const INEXPRESSIBLE: Readonly<Record<Service, readonly number[]>> = {
  playready: [-2017, -2020, -3004, -5003, -5004, -5005, -5007],
  fairplay: [-2005, -2008, -2017, -2020, -2021, -2022, -2025, -2034, -2040, -3004, -5003, -6001, -6008],
  widevine: [-2005, -2008, -2017, -2022, -2025, -2040, -3004, -6007, -7002, -7009],
};

describe('an authenticator that would be refused', () => {
  it.each([
    ['', -2017],
    ['0'.repeat(32), -2018],
    [`${ACCOUNTS.good}0`, -2018],
    [`${ACCOUNTS.good} `, -2018],
  ])('%j makes no client: %s', (customerAuthenticator, code) => {
    const make = (): unknown => new ExpressPlayClient({ ...clientOptions(emulator), customerAuthenticator });
    expect(make).toThrow(InvalidTokenRequestError);
    expect(make).toThrow(expect.objectContaining({ code }));
  });
});
