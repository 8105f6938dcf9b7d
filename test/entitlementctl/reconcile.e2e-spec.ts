// `entitlementctl reconcile` against a service, its ledger, and the records of the emulator, which come late, twice or never.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError } from '../../apps/entitlement/src/cli/terminal/exit-codes.js';
import { AUTHENTICATOR, TestService } from '../support/test-service.js';
import { ctl, documentOf, type Outcome } from './command-line.js';
import { serviceVariables } from './service-variables.js';

const HOUR = 3600;

let service: TestService;

beforeEach(async () => {
  service = await TestService.start();
});
afterEach(() => service.stop());

interface Report {
  records: { start: number; next: number; doubled: number; toTheEnd: boolean; brokenOff: string | null };
  issued: number;
  tooEarly: number;
  notAskedFor: number;
  neverRedeemed: { id: string; userId: string; contentId: string }[];
  redeemedMoreThanOnce: { id: string; redemptions: number; devices: string[] }[];
  unknown: { cookie: string | null; redemptions: number; devices: string[]; ledger: string | null }[];
}

function reconcile(args: string[] = [], onStderr?: (text: string) => void, signal?: AbortSignal): Promise<Outcome> {
  const env = serviceVariables(service);
  return ctl(['reconcile', ...args], { env, clock: service.clock, onStderr, signal, terminal: onStderr !== undefined });
}

async function report(...args: string[]): Promise<Report & { exitCode: number }> {
  const outcome = await reconcile([...args, '--json']);
  return { ...(documentOf(outcome) as Report), exitCode: outcome.exitCode };
}

/** Buys a token for alice and redeems it on each of some devices. @returns its id */
async function redeemed(...devices: string[]): Promise<string> {
  const { id, licenseUrl } = await service.issue('alice', { contentId: 'sintel', drm: 'widevine' });
  for (const device of devices) await redeem(licenseUrl, device);
  return id;
}

async function redeem(url: string, device = 'one'): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'user-agent': device } });
  expect(response.status).toBe(200);
}

/** Buys a token past the service and redeems it. */
async function redeemedElsewhere(cookie: string | undefined): Promise<void> {
  const [kid, contentKey] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const asked = { customerAuthenticator: AUTHENTICATOR, kid, contentKey, securityLevel: '1', hdcpOutputControl: '0' };
  const body = new URLSearchParams({ ...asked, ...(cookie !== undefined && { cookie }) });
  const response = await fetch(`${service.emulator.url}/hms/wv/token`, { method: 'POST', body });
  await redeem((await response.text()).trim());
}

async function fault(kind: string, more: object = {}): Promise<void> {
  const body = JSON.stringify({ service: 'records', times: 1, fault: { kind, ...more } });
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${service.emulator.url}/emulator/faults`, { method: 'PUT', headers, body });
  expect(status).toBe(204);
}

describe('reconcile', () => {
  it('tells tokens that were never redeemed, redeemed twice and unknown from those that were redeemed once', async () => {
    const never = await redeemed();
    const twice = await redeemed('one', 'two');
    await redeemed('one');
    const foreign = randomBytes(16).toString('hex');
    await redeemedElsewhere(foreign);
    await redeemedElsewhere('not-an-id');
    await redeemedElsewhere(undefined);
    service.clock.advance(2 * HOUR);
    const found = await report();
    expect(found).toMatchObject({
      exitCode: 1,
      records: { start: 0, next: 6, doubled: 0, toTheEnd: true, brokenOff: null },
      issued: 3,
      tooEarly: 0,
      notAskedFor: 0,
    });
    expect(found.neverRedeemed).toMatchObject([{ id: never, userId: 'alice', contentId: 'sintel', drm: 'widevine' }]);
    expect(found.redeemedMoreThanOnce).toMatchObject([
      { id: twice, redemptions: 2, devices: [{}, {}].map(() => expect.stringMatching(/^[0-9a-f]{32}$/)) },
    ]);
    expect(found.unknown.map(({ cookie, ledger }) => [cookie, ledger])).toEqual([
      [foreign, null],
      ['not-an-id', null],
      [null, null],
    ]);
    const { stdout, exitCode } = await reconcile();
    expect(exitCode).toBe(1);
    for (const text of [
      `sintel  widevine  ${never}`,
      `${twice}  2            2`,
      `${foreign}  1            1        no row`,
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it('finds nothing wrong where all is well, and says so', async () => {
    await redeemed('one');
    service.clock.advance(2 * HOUR);
    const { exitCode, stdout } = await reconcile();
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining(
        'Issued and never redeemed: none.\nRedeemed more than once: none.\nRedeemed, and no token of the ledger: none.\n',
      ),
    ]);
  });

  it('takes a redemption that ExpressPlay says twice for one', async () => {
    await fault('doubled');
    await redeemed('one');
    expect(await report()).toMatchObject({ exitCode: 0, records: { next: 2, doubled: 1 }, redeemedMoreThanOnce: [] });
  });

  it('waits for records that come late, and believes those that never do', async () => {
    await fault('late', { milliseconds: 600_000 });
    const late = await redeemed('one');
    await fault('missing');
    const missing = await redeemed('one');
    expect(await report()).toMatchObject({ issued: 2, tooEarly: 2, neverRedeemed: [] });
    service.clock.advance(300);
    const early = await report('--late', '0');
    expect(early.neverRedeemed.map(({ id }) => id).toSorted()).toEqual([late, missing].toSorted());
    service.clock.advance(2 * HOUR);
    expect((await report()).neverRedeemed).toMatchObject([{ id: missing }]);
  });

  it('says that a redeemed token is unknown when the ledger says that none was issued', async () => {
    await service.ask('frank', { contentId: 'sintel', drm: 'widevine' });
    const [row] = await service.database.query<{ id: string }>('SELECT id FROM issuance');
    const id = row?.id;
    await redeemedElsewhere(id);
    expect((await report()).unknown).toMatchObject([{ cookie: id, redemptions: 1, ledger: 'denied' }]);
  });

  it('leaves out what was issued before --since', async () => {
    await redeemed();
    await redeemed('one', 'two');
    service.clock.advance(25 * HOUR);
    expect(await report()).toMatchObject({ exitCode: 0, issued: 0, neverRedeemed: [], redeemedMoreThanOnce: [] });
    const since = new Date(service.clock.now().getTime() - 26 * HOUR * 1000).toISOString();
    expect(await report('--since', since)).toMatchObject({
      issued: 2,
      neverRedeemed: [{}],
      redeemedMoreThanOnce: [{}],
    });
  });
});

describe('pages', () => {
  const FEW = 5;
  /** 200 records of one token, which is one page, and some more of another. */
  const fill = async (): Promise<[string, string]> => {
    const ids: string[] = [];
    for (const count of [200, FEW]) ids.push(await redeemed(...Array.from({ length: count }, () => 'one')));
    service.clock.advance(2 * HOUR);
    return [ids[0]!, ids[1]!];
  };

  it('are all read, or some, from where an earlier run ended; what was redeemed on others is asked for', async () => {
    const [first, second] = await fill();
    const never = await redeemed();
    service.clock.advance(2 * HOUR);
    const all = await report();
    expect(all.records).toMatchObject({ start: 0, next: 200 + FEW, toTheEnd: true });
    expect(all.redeemedMoreThanOnce).toMatchObject([
      { id: first, redemptions: 200 },
      { id: second, redemptions: FEW },
    ]);
    const part = await reconcile(['--pages', '1', '--json']);
    expect(part.stderr).toBe('There may be more records: --start 200.\n');
    expect(documentOf(part)).toMatchObject({
      records: { start: 0, next: 200, toTheEnd: false },
      redeemedMoreThanOnce: [{ id: first }],
      neverRedeemed: [{ id: never }],
      notAskedFor: 0,
    });
    const rest = await report('--start', '200');
    expect(rest.records).toMatchObject({ start: 200, next: 200 + FEW, toTheEnd: true });
    expect(rest.redeemedMoreThanOnce).toMatchObject([{ id: second, redemptions: FEW }]);
    expect(rest.neverRedeemed).toMatchObject([{ id: never }]);
  });

  it('that are broken off are reported as far as they came, with where to go on', async () => {
    const [first] = await fill();
    const ending = new AbortController();
    const interrupt = (text: string) => {
      if (text.includes('200 records')) ending.abort(new InterruptedError(130));
    };
    const { exitCode, stdout, stderr } = await reconcile(['--json'], interrupt, ending.signal);
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/There may be more records \(Interrupted\.\): --start 200\.\n$/);
    expect(JSON.parse(stdout)).toMatchObject({
      records: { next: 200, brokenOff: 'Interrupted.' },
      redeemedMoreThanOnce: [{ id: first }],
      neverRedeemed: [],
      notAskedFor: 1,
    });
  });

  it('are reported as far as they came, too, when ExpressPlay goes away', async () => {
    const [first] = await fill();
    let gone: Promise<void> | undefined;
    const { exitCode, stdout, stderr } = await reconcile(['--json'], (text) => {
      if (text.includes('200 records')) gone = service.wires.emulator.stop();
    });
    await gone;
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/There may be more records \(ExpressPlay could not be asked: .+\): --start 200\.\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ records: { next: 200 }, redeemedMoreThanOnce: [{ id: first }] });
    await service.wires.emulator.start();
  });
});

describe('without an answer', () => {
  it('says what is wrong, without the URL that holds the authenticator', async () => {
    const asked = async (change: Record<string, string>) =>
      ctl(['reconcile', '--json'], {
        env: { ...serviceVariables(service), DEBUG: '1', ...change },
        clock: service.clock,
      });
    const outcomes = [
      await asked({ EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: '7,00112233445566778899aabbccddeeff' }),
      await asked({ EXPRESSPLAY_BASE_URL: 'http://127.0.0.1:9' }),
      await asked({ EXPRESSPLAY_BASE_URL: `${service.emulator.url}/emulator/none` }),
    ];
    expect(outcomes.map(({ exitCode, stderr }) => [exitCode, stderr.split(/\n/, 1)[0]])).toEqual([
      [3, expect.stringMatching(/^ExpressPlay refused the request: -2018 .*no account has it$/)],
      [3, 'ExpressPlay could not be asked: no connection could be made (ECONNREFUSED).'],
      [3, expect.stringMatching(/^ExpressPlay refused the request: no event code \(HTTP 404\)/)],
    ]);
    const said = outcomes.map(({ stdout, stderr }) => stdout + stderr).join('') + service.log.text;
    expect(said).not.toMatch(/customerAuthenticator|00112233445566778899aabbccddeeff|1ad8eed133edf43cbcc185f0236828ae/);
  });

  it.each([
    [['--since', 'yesterday'], /^--since /],
    [['--late', '-1'], /^--late takes a whole number/],
    [['--start', 'x'], /^--start takes a whole number/],
    [['--pages', '0'], /^--pages takes a whole number/],
  ])('with %j says what is wrong', async (args, message) => {
    expect(await reconcile(args)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(message) });
  });
});
