// Accounts: what they may buy, in which environment, and in which order that is looked at.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, SERVICES } from './documented-codes.js';
import { type Answer, codeIn, EmulatorSession, expectRefusal, expectToken } from './support/emulator-session.js';
import { ACCOUNTS, type Parameters, randomHex, VALID_REQUESTS } from './support/requests.js';

function ask(emulator: EmulatorSession, service: Service, who: string, change: Parameters = {}): Promise<Answer> {
  return emulator.post(service, {
    customerAuthenticator: who,
    errorFormat: 'json',
    ...VALID_REQUESTS[service],
    ...change,
  });
}

describe('a balance', () => {
  let emulator: EmulatorSession;
  beforeAll(async () => {
    emulator = await EmulatorSession.start();
  });
  afterAll(() => emulator.close());

  it('counts down with every token of any service, and with nothing else', async () => {
    expectRefusal(await ask(emulator, 'playready', ACCOUNTS.countsDown, { rightsType: 'Lease' }), -2021, 'json');
    for (const service of SERVICES) {
      expectRefusal(await ask(emulator, service, ACCOUNTS.countsDown, { expirationTime: 'soon' }), -2002, 'json');
      expectToken(await ask(emulator, service, ACCOUNTS.countsDown), service);
    }
    for (const service of SERVICES) {
      expectRefusal(await ask(emulator, service, ACCOUNTS.countsDown), -2019, 'json');
    }
  });
});

describe('the environment', () => {
  let emulator: EmulatorSession;
  beforeAll(async () => {
    emulator = await EmulatorSession.start({ EMULATOR_ENVIRONMENT: 'production' });
  });
  afterAll(() => emulator.close());

  it.each(SERVICES)('production takes its own authenticators only, for %s', async (service) => {
    expectToken(await ask(emulator, service, ACCOUNTS.production), service);
    expectRefusal(await ask(emulator, service, ACCOUNTS.good), -2018, 'json');
  });
});

describe('accounts from a file', () => {
  const authenticator = (): string => `7,${randomHex(16)}`;
  const allOff = { optionsOff: SERVICES, fairplayAuthorized: false, balance: 0 };
  const file = {
    good: { authenticator: authenticator(), environment: 'test' },
    foreign: { authenticator: authenticator(), environment: 'production', disabled: true, ...allOff },
    disabled: { authenticator: authenticator(), environment: 'test', disabled: true, ...allOff },
    off: { authenticator: authenticator(), environment: 'test', ...allOff },
    unauthorized: { authenticator: authenticator(), environment: 'test', fairplayAuthorized: false, balance: 0 },
    empty: { authenticator: authenticator(), environment: 'test', balance: 0 },
  };
  let folder: string;
  let emulator: EmulatorSession;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    const path = join(folder, 'accounts.json');
    await writeFile(path, JSON.stringify(Object.entries(file).map(([name, account]) => ({ name, ...account }))));
    emulator = await EmulatorSession.start({ EMULATOR_ACCOUNTS_FILE: path });
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true });
  });

  it.each(SERVICES)('take the place of the demo accounts, for %s', async (service) => {
    expectToken(await ask(emulator, service, file.good.authenticator), service);
    expectRefusal(await ask(emulator, service, ACCOUNTS.good), -2018, 'json');
  });

  it.each(SERVICES)('are checked in order, for %s', async (service) => {
    const codes = [];
    for (const { authenticator: who } of [file.foreign, file.disabled, file.off, file.unauthorized, file.empty]) {
      codes.push(codeIn(await ask(emulator, service, who)));
    }
    expect(codes).toEqual(
      {
        playready: [-2018, -2031, -5002, -2019, -2019],
        fairplay: [-2018, -2031, -6009, -6006, -2019],
        widevine: [-2018, -2031, -7011, -2019, -2019],
      }[service],
    );
  });
});
