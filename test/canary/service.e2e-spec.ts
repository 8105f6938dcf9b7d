// Every secret is known, every error path is taken, and all that the service writes is looked through for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_CODES } from '@app/expressplay';
import { PROBLEMS } from '@app/platform/problems';
import { Tracing } from '@app/platform/telemetry';
import { OtlpCollector } from '../support/otlp-collector.js';
import { exchange, raw } from '../support/raw-http.js';
import { RevocableAccounts } from '../support/revocable-accounts.js';
import { receiveWithin, TestService } from '../support/test-service.js';
import { takeAdminPaths } from './admin-paths.js';
import { Caller } from './caller.js';
import { CanarySecrets } from './secrets.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const DRMS = ['playready', 'fairplay', 'widevine'];
const VIEWERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'];
const SCOPES = 'playback catalog:write purchases:write ledger:read';
const LOOKED_AT = ['/metrics', '/docs', '/openapi.json', '/v1/admin/issuances', '/v1/admin/contents', '/health/ready'];

const seenCodes = new Set<string>();

class CanaryRun {
  readonly caller: Caller;
  log = '';
  ledger = '';
  /** All that was exported of traces. */
  traces = '';
  /** The metrics after everything. */
  metrics = '';

  private constructor(
    readonly secrets: CanarySecrets,
    readonly accounts: RevocableAccounts,
    readonly service: TestService,
    private readonly collector: OtlpCollector,
  ) {
    this.caller = new Caller(secrets.finder);
  }

  static async start(environment: Record<string, string>): Promise<CanaryRun> {
    const secrets = new CanarySecrets();
    const [first, next] = secrets.authenticators;
    const accounts = new RevocableAccounts(secrets.authenticators);
    const collector = await OtlpCollector.start();
    const service = await TestService.start({
      accounts,
      limits: receiveWithin(300),
      pauses: { balanceMs: 1, longestBalanceMs: 1 },
      environment: {
        LOG_LEVEL: 'trace',
        CONTENT_KEY_KEKS: secrets.keks,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: first,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: next,
        EXPRESSPLAY_TIMEOUT_MS: '300',
        DATABASE_TIMEOUT_MS: '500',
        TOKEN_LIMIT_PER_TITLE: '1000',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        ...environment,
      },
    });
    await secrets.plant(service.database);
    return new CanaryRun(secrets, accounts, service, collector);
  }

  /** What has been exported of traces so far. */
  get exported(): string {
    return this.collector.requests.join('\n');
  }

  bearer(user: string): Promise<string> {
    return this.service.issuer.token(user, { scope: SCOPES });
  }

  async ask(user = 'alice', body: object = PLAYREADY, headers: Record<string, string> = {}): Promise<string> {
    const { code, status } = await this.caller.ask(this.service.url, await this.bearer(user), body, headers);
    return code ?? String(status);
  }

  /** What the token services do to the next request, or to all. */
  async fault(fault: object, times: number | null = 1): Promise<void> {
    const answer = await fetch(`${this.service.emulator.url}/emulator/faults`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ service: 'any', times, fault }),
    });
    if (answer.status !== 204) throw new Error(`the emulator takes no such fault: ${await answer.text()}`);
  }

  async raw(lines: string[], body = ''): Promise<void> {
    for (const { status, headers, body: text } of await exchange(this.service.url, { parts: [raw(lines, body)] })) {
      this.caller.keep(status, JSON.stringify(headers), text);
    }
  }

  async stop(): Promise<void> {
    const [row] = await this.service.database.query<{ text: string | null }>(
      `SELECT string_agg(issuance::text, E'\\n') AS text FROM issuance`,
    );
    this.ledger = row?.text ?? '';
    this.metrics = await (await fetch(`${this.service.managementUrl}/metrics`)).text();
    await this.service.stop();
    this.log = this.service.log.text;
    this.traces = this.exported;
    await this.collector.stop();
    for (const code of this.caller.codes) seenCodes.add(code);
  }
}

/** What players and attackers may send that is refused. */
async function takeRefusals(run: CanaryRun): Promise<void> {
  const { caller, service } = run;
  const bearer = await run.bearer('alice');
  for (const user of VIEWERS) for (const drm of DRMS) await run.ask(user, { contentId: 'sintel', drm });
  await run.ask('alice', { ...PLAYREADY, contentId: 'cosmos-laundromat' });
  await run.ask('alice', { contentId: 'big-buck-bunny', drm: 'fairplay' });
  await run.ask('alice', { ...PLAYREADY, contentId: 'no-such-title' });
  await run.ask('alice', PLAYREADY, { Accept: 'text/uri-list' });
  await run.ask('alice', PLAYREADY, { Accept: 'image/png' });
  await run.ask('alice', PLAYREADY, { 'Content-Type': 'text/plain' });
  await run.ask('alice', { contentId: bearer, drm: bearer, [bearer]: bearer });
  await run.ask('alice', { contentId: 'x'.repeat(20_000) });
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  const kek = run.secrets.kek.toString('hex');
  await run.ask('alice', PLAYREADY, {
    traceparent: `00-${trace}-01`,
    tracestate: `vendor=${kek}`,
    baggage: `a=${kek}`,
  });
  await run.ask('alice', PLAYREADY, { traceparent: `cc-${trace}-01-${kek}`, tracestate: `${kek}=1,${bearer}` });
  await run.ask('alice', PLAYREADY, { traceparent: bearer, tracestate: bearer });
  // Secrets where they do not belong: in addresses, names and bodies that cannot be read.
  await caller.call(`${service.url}/v1/${bearer}?access_token=${bearer}`, bearer);
  await caller.call(`${service.url}/v1/license-tokens?access_token=${bearer}`, bearer);
  await caller.call(`${service.url}/v1/entitlements/sintel`, bearer, { headers: { Cookie: `session=${bearer}` } });
  await caller.ask(service.url, `${bearer}x`, PLAYREADY);
  await caller.ask(service.url, await service.issuer.token('alice', { expiresIn: -60 }), PLAYREADY);
  await caller.ask(service.url, await service.issuer.token('alice', { scope: 'nothing' }), PLAYREADY);
  const post = ['POST /v1/license-tokens HTTP/1.1', 'Host: a.test', `Authorization: Bearer ${bearer}`];
  const json = 'Content-Type: application/json';
  await run.raw([...post, json, 'Content-Length: 5', 'Connection: close'], '{"a":');
  await run.raw([...post, json, 'Content-Length: 5', 'Content-Length: 6'], bearer);
  await run.raw([...post, `Authorization: Bearer ${bearer}`, 'Connection: close']);
  await run.raw([...post, `X-Large: ${bearer.repeat(60)}`]);
  await run.raw([...post, `Bad ${bearer}`]);
  await run.raw([...post, json, 'Content-Length: 500'], `{"contentId":"${bearer}"`);
  for (const url of new Set([service.url, service.managementUrl])) {
    for (const path of LOOKED_AT) await caller.call(`${url}${path}`, bearer);
  }
}

/** Whatever ExpressPlay may do, and a token in between: a DRM that only fails would not be asked any more. */
async function takeUpstreamFaults(run: CanaryRun): Promise<void> {
  for (const code of Object.keys(EVENT_CODES).map(Number)) {
    await run.fault({ kind: 'event', code }, null);
    for (const drm of DRMS) await run.ask('alice', { contentId: 'sintel', drm });
    await fetch(`${run.service.emulator.url}/emulator/faults`, { method: 'DELETE' });
  }
  const faults = [
    ...[200, 204, 302, 400, 401, 403, 404, 429, 500, 502, 503].map((status) => ({ kind: 'status', status })),
    ...['reset', 'hang', 'truncated', 'empty', 'garbage', 'wrong-content-type', 'oversize', 'headers-only'].map(
      (kind) => ({ kind }),
    ),
  ];
  for (const fault of faults) {
    for (const drm of DRMS) {
      await run.fault(fault);
      for (let asked = 0; asked < 2; asked += 1) await run.ask('alice', { contentId: 'sintel', drm });
    }
  }
  await fetch(`${run.service.emulator.url}/emulator/faults`, { method: 'DELETE' });
  // The first authenticator is refused, and then both.
  for (const authenticator of run.secrets.authenticators) {
    run.accounts.withdraw(authenticator);
    await run.ask();
  }
  for (const authenticator of run.secrets.authenticators) run.accounts.readmit(authenticator);
}

/** Whatever may break on this side. */
async function takeOutages(run: CanaryRun): Promise<void> {
  const { database, wires } = run.service;
  const forAll = (change: string) => database.query(`UPDATE content_key SET ${change} WHERE content_id = 'sintel'`);
  await forAll(`kek_id = 'lost'`);
  await run.ask();
  await forAll(`kek_id = 'canary', ek = decode(repeat('00', 24), 'hex')`);
  await run.ask();
  await forAll(`source = 'key-storage', ek = NULL`);
  for (const drm of DRMS) await run.ask('alice', { contentId: 'sintel', drm });
  await forAll(`source = 'wrapped', ek = (SELECT ek FROM content_key WHERE content_id = 'big-buck-bunny')`);
  await wires.emulator.stop();
  await run.ask();
  await wires.emulator.start();
  const cut = wires.emulator.onceForwarded(() => wires.postgres.stop());
  await run.ask('grace');
  await cut;
  await run.ask();
  await run.caller.call(`${run.service.url}/health/ready`, await run.bearer('alice'));
  await wires.postgres.start();
  await run.ask();
}

describe.each(['wrapped', 'clear'])('content keys delivered %s', (delivery) => {
  let run: CanaryRun;
  beforeAll(async () => {
    const flags = delivery === 'clear' ? '4-digits' : '8-digits';
    run = await CanaryRun.start({ CONTENT_KEY_DELIVERY: delivery, WIDEVINE_GENERAL_FLAGS: flags });
    try {
      await takeRefusals(run);
      await takeAdminPaths({ ...run, url: run.service.managementUrl, bearer: await run.bearer('store') });
      for (const drm of DRMS) await run.ask('alice', { contentId: 'tears-of-steel', drm, offline: true });
      await takeUpstreamFaults(run);
      await takeOutages(run);
    } finally {
      await run.stop();
    }
  }, 120_000);

  it('there was much to look into', () => {
    expect(run.log.split('\n').length).toBeGreaterThan(300);
    expect(run.caller.answers.length).toBeGreaterThan(150);
    expect(run.caller.licenseTokens.size).toBeGreaterThan(5);
    for (const decision of ['granted', 'denied', 'failed']) {
      expect(run.ledger).toContain(decision);
      expect(run.traces).toContain(`"stringValue":"${decision}"`);
    }
    expect(run.traces.match(/"spanId"/g)?.length).toBeGreaterThan(500);
  });

  it('no secret is in the log', () => {
    expect(run.secrets.finder.find(run.log)).toEqual([]);
  });

  it('no secret is in a trace', () => {
    expect(run.secrets.finder.find(run.traces)).toEqual([]);
  });

  it('no secret is in the metrics', () => {
    expect(run.metrics).toMatch(/^entitlement_token_balance_exhausted_total [1-9]/m);
    expect(run.secrets.finder.find(run.metrics)).toEqual([]);
  });

  it('no secret is in the ledger', () => {
    expect(run.secrets.finder.find(run.ledger)).toEqual([]);
  });

  it('no secret is in an answer, but a licence token in the one that it was asked for', () => {
    expect(run.secrets.finder.find(run.caller.answers.map(({ text }) => text).join('\n'))).toEqual([]);
  });
});

describe('too much at once', () => {
  let run: CanaryRun;
  beforeAll(async () => {
    run = await CanaryRun.start({ MAX_REQUESTS_IN_FLIGHT: '1', RATE_LIMIT_PER_USER_PER_MINUTE: '1' });
    try {
      await run.fault({ kind: 'hang' });
      await Promise.all([run.ask(), run.ask(), run.ask()]);
      await run.ask();
    } finally {
      await run.stop();
    }
  });

  it('no secret is in what was written', () => {
    expect(run.caller.answers.length).toBe(4);
    const written = [run.log, run.ledger, run.traces, ...run.caller.answers.map(({ text }) => text)].join('\n');
    expect(run.secrets.finder.find(written)).toEqual([]);
  });
});

describe('all of these together', () => {
  let control: CanaryRun;
  beforeAll(async () => {
    control = await CanaryRun.start({});
    await control.ask();
  });
  afterAll(() => control.stop());

  it('took every error path: each problem was answered', () => {
    const missed = Object.keys(PROBLEMS).filter((code) => !seenCodes.has(code));
    expect(missed).toEqual([]);
  });

  it('would have shown a secret: one that is planted in a trace is found', async () => {
    const { service, secrets } = control;
    const tracing = service.app.get(Tracing, { strict: false });
    const route = `/${secrets.kek.toString('base64url')}`;
    const request = { key: {}, method: 'GET', route, scheme: 'http', headers: {}, requestId: 'planted' };
    tracing.startRequest(request)?.end(200);
    await tracing.flush();
    expect(secrets.finder.find(control.exported)).toContain('KEK: base64url');
  });

  it('would have shown a secret: one that is planted in the log is found', () => {
    const { log } = control.service;
    expect(control.secrets.finder.find(log.text)).toEqual([]);
    log.write(`${JSON.stringify({ level: 'info', msg: 'planted', kek: control.secrets.kek })}\n`);
    expect(control.secrets.finder.find(log.text)).toContain('KEK: list of numbers');
  });
});
