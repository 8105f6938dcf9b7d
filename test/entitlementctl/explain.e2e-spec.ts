// `entitlementctl explain` for the demo's viewers, against the database that the service decides by.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Explanation } from '../../apps/entitlement/src/cli/explain/explanation.js';
import { TestService } from '../support/test-service.js';
import { ctl, documentOf, type Outcome } from './command-line.js';
import { serviceVariables } from './service-variables.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
let service: TestService;

beforeAll(async () => {
  service = await TestService.start({ environment: { TOKEN_LIMIT_PER_TITLE: '3' } });
});
afterAll(() => service.stop());

function explain(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const variables = { ...serviceVariables(service), TOKEN_LIMIT_PER_TITLE: '3', ...env };
  return ctl(['explain', ...args], { env: variables, clock: service.clock });
}

const explanation = async (...args: string[]): Promise<Explanation> =>
  documentOf(await explain([...args, '--json'])) as Explanation;

describe("the demo's viewers", () => {
  // By hand, from docs/architecture.md ("The rules") and prisma/seed/demo-data.ts.
  it.each([
    ['alice', 'sintel', 'granted', 1, 'Owning beats renting', { 'buy-to-own': 'used' }],
    ['alice', 'tears-of-steel', 'granted', 1, 'Owning beats renting', { 'buy-to-own': 'used' }],
    ['alice', 'big-buck-bunny', 'granted', 1, 'Owning beats renting', { 'buy-to-own': 'used' }],
    ['alice', 'cosmos-laundromat', 'not-yet-available', 5, 'A denial has one reason', { 'buy-to-own': 'would-do' }],
    ['alice', 'elephants-dream', 'content-withdrawn', 5, 'A denial has one reason', { 'buy-to-own': 'would-do' }],
    ['bob', 'sintel', 'granted', 3, "A rental's end", { rental: 'used' }],
    ['carol', 'sintel', 'rental-period-ended', 5, 'A denial has one reason', { rental: 'ended' }],
    ['dave', 'sintel', 'play-window-ended', 5, 'A denial has one reason', { rental: 'ended' }],
    ['erin', 'sintel', 'purchase-revoked', 5, 'A denial has one reason', { 'buy-to-own': 'ended' }],
    ['frank', 'sintel', 'no-purchase', 5, 'A denial has one reason', {}],
    ['frank', 'cosmos-laundromat', 'not-yet-available', 5, 'A denial has one reason', {}],
    ['frank', 'elephants-dream', 'content-withdrawn', 5, 'A denial has one reason', {}],
    ['grace', 'sintel', 'granted', 1, 'Owning beats renting', { 'buy-to-own': 'used', rental: 'would-do' }],
    ['bob', 'tears-of-steel', 'no-purchase', 5, 'A denial has one reason', {}],
  ])('%s and %s: %s by rule %i', async (user, contentId, answer, number, name, outcomes) => {
    const { exitCode, stdout } = await explain([user, contentId, '--json']);
    const found = JSON.parse(stdout) as Explanation;
    expect(found.rule).toMatchObject({ number, name });
    expect([found.granted, found.reason]).toEqual(answer === 'granted' ? [true, null] : [false, answer]);
    expect(exitCode).toBe(answer === 'granted' ? 0 : 1);
    expect(Object.fromEntries(found.purchases.map(({ type, outcome }) => [type, outcome]))).toEqual(outcomes);
    const asked = await service
      .http()
      .get(`/v1/entitlements/${contentId}`)
      .set('Authorization', `Bearer ${await service.issuer.token(user)}`);
    expect(asked.body).toMatchObject(found.granted ? { entitled: true } : { entitled: false, reason: found.reason });
  });

  it('have the rule of each purchase: the ended rentals of carol and dave by rule 3, the one of grace by rule 1', async () => {
    const ruleOf = async (user: string, type: string) =>
      (await explanation(user, 'sintel')).purchases.find((one) => one.type === type)?.rule;
    expect(await ruleOf('carol', 'rental')).toMatchObject({ number: 3, because: "the rental's period ended" });
    expect(await ruleOf('dave', 'rental')).toMatchObject({
      number: 3,
      because: expect.stringContaining('time to finish is over'),
    });
    expect(await ruleOf('grace', 'rental')).toMatchObject({ number: 1, because: 'the title is owned' });
    expect(await ruleOf('erin', 'buy-to-own')).toMatchObject({
      number: 5,
      because: expect.stringContaining('refunded'),
    });
  });
});

describe('an explanation', () => {
  it('says what ExpressPlay would be asked for, and a token is then asked for just so', async () => {
    const { drms, purchases } = await explanation('bob', 'sintel', '--drm', 'fairplay');
    expect(drms).toEqual([
      {
        drm: 'fairplay',
        problem: null,
        keys: [{ kid: expect.stringMatching(/^[0-9a-f]{32}$/), tracks: [], leftOut: null }],
        asked: {
          rights: {
            type: 'rental',
            endsAt: expect.any(String),
            playDurationSeconds: 48 * HOUR - MINUTE,
            persistent: false,
          },
          tokenExpiresAt: expect.any(String),
          keys: [{ kid: expect.stringMatching(/^[0-9a-f]{32}$/), tracks: [] }],
          keyDelivery: 'wrapped',
          kekId: 'test',
          request: expect.objectContaining({ drm: 'fairplay', rentalDurationSeconds: 48 * HOUR - MINUTE }),
        },
      },
    ]);
    expect(purchases[0]?.clock).toMatchObject({ firstPlayAt: null, secondsLeft: 48 * HOUR, endRule: 'either' });
    expect(
      await service.database.query("SELECT FROM purchase WHERE user_id = 'bob' AND first_play_at IS NOT NULL"),
    ).toEqual([]);
    const { body } = await service.ask('bob', { contentId: 'sintel', drm: 'fairplay' });
    expect(await service.carried(body.token)).toMatchObject({ rentalDuration: String(48 * HOUR - MINUTE) });
    expect(Date.parse(String(drms[0]?.asked?.tokenExpiresAt))).toBe(Date.parse(body.tokenExpiresAt));

    service.clock.advance(HOUR);
    const later = await explanation('bob', 'sintel');
    expect(later.purchases[0]?.clock).toMatchObject({ secondsLeft: 47 * HOUR });
    expect(later.purchases[0]?.clock?.firstPlayAt).not.toBeNull();
    service.clock.advance(-HOUR);
  });

  it('can be of another moment', async () => {
    const inAYear = new Date(inject('seededAt') + 365 * 24 * HOUR * 1000).toISOString();
    expect(await explanation('bob', 'sintel', '--at', inAYear)).toMatchObject({ granted: false });
    expect(await explanation('alice', 'cosmos-laundromat', '--at', inAYear)).toMatchObject({ granted: true });
  });

  it('names a DRM that the title lacks', async () => {
    expect(await explanation('alice', 'big-buck-bunny', '--drm', 'fairplay')).toMatchObject({
      granted: false,
      reason: 'drm-not-available',
      drms: [{ drm: 'fairplay', problem: { detail: 'the title has no IV' } }],
    });
    const all = await explanation('alice', 'big-buck-bunny');
    expect(all.drms.map(({ problem }) => problem?.reason ?? null)).toEqual([null, 'drm-not-available', null]);
  });

  it('of a licence to keep says for how long, and that an account has none', async () => {
    const ask = (env: Record<string, string>) => explain(['bob', 'sintel', '--offline', '--drm', 'widevine'], env);
    expect((await ask({ WIDEVINE_LICENSE_DURATION: 'time-to-start' })).stdout).toMatch(
      / Rental until \S+, 86370 s to start, 86370 s to play, persistent; /,
    );
    const { exitCode, stdout } = await ask({ WIDEVINE_GENERAL_FLAGS: '4-digits' });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('widevine: offline-not-available, This DRM has no licences to keep here');
  });

  it('of a denial does not call a DRM available', async () => {
    const { stdout } = await explain(['frank', 'sintel']);
    expect(stdout).toMatch(/\n {2}playready: the title has what it needs; no token would be asked for\n/);
  });

  it('names a KEK that is not configured', async () => {
    const { exitCode, stdout } = await explain(['alice', 'sintel'], { CONTENT_KEY_KEKS: `other=${'0'.repeat(32)}` });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('key-unavailable, KEK test is not among CONTENT_KEY_KEKS');
  });

  it('agrees with the service on the limits on spending, to the moment', async () => {
    const ask = () => service.ask('grace', { contentId: 'sintel', drm: 'widevine' });
    for (let count = 0; count < 3; count += 1) {
      expect(await explanation('grace', 'sintel')).toMatchObject({
        granted: true,
        limits: { title: count, limitedUntil: null },
      });
      expect((await ask()).status).toBe(200);
      service.clock.advance(10);
    }
    const limited = await explanation('grace', 'sintel');
    expect(limited).toMatchObject({
      granted: false,
      reason: 'rate-limited',
      limits: { user: 3, title: 3, perTitle: 3 },
    });
    const refused = await ask();
    expect(refused.status).toBe(429);
    const seconds = (Date.parse(String(limited.limits?.limitedUntil)) - service.clock.now().getTime()) / 1000;
    expect(Number(refused.headers['retry-after'])).toBe(Math.ceil(seconds));
    service.clock.advance(-30);
  });

  it('writes nothing, and shows no secret', async () => {
    const state = () =>
      service.database.query(
        'SELECT (SELECT count(*) FROM issuance) AS i, (SELECT count(*) FROM token_reservation) AS r',
      );
    const before = await state();
    const { stdout } = await explain(['alice', 'sintel'], { CONTENT_KEY_DELIVERY: 'clear' });
    const json = (await explain(['alice', 'sintel', '--json'])).stdout;
    expect(await state()).toEqual(before);
    const [row] = await service.database.query<{ ek: Buffer }>(
      "SELECT ek FROM content_key WHERE content_id = 'sintel'",
    );
    for (const secret of [
      inject('kek'),
      row!.ek.toString('hex'),
      service.database.url,
      '1ad8eed133edf43cbcc185f0236828ae',
    ]) {
      expect(stdout + json).not.toContain(secret);
    }
    expect(stdout).not.toContain('\u001b');
  });

  it('tells what a first play now would make of the end', async () => {
    const text = async (rule: string) =>
      (await explain(['grace', 'sintel', '--at', at], { RENTAL_END_RULE: rule })).stdout;
    const [row] = await service.database.query<{ period_ends_at: Date }>(
      "SELECT period_ends_at FROM purchase WHERE user_id = 'grace' AND type = 'rental'",
    );
    const moment = (hours: number) => new Date(row!.period_ends_at.getTime() + hours * HOUR * 1000);
    const written = (hours: number) =>
      moment(hours)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z');
    const at = moment(-1).toISOString();
    expect(await text('start-by')).toContain(
      `ends ${written(0)}, ${written(47)} if it is played now (RENTAL_END_RULE start-by), 2 d are left to play`,
    );
    expect(await text('either')).toContain(`ends ${written(0)} (RENTAL_END_RULE either), 1 h are left to play`);
  });

  it('reads well', async () => {
    const { stdout } = await explain(['dave', 'sintel']);
    expect(stdout).toMatch(
      /^dave may not play sintel: play-window-ended \(at .+Z\)\n\nRule\n {2}5\. A denial has one reason: /,
    );
    expect(stdout).toMatch(
      /demo-\d+-\d \(rental, of .+Z\): does not entitle\n {4}rule 3\. A rental's end: .+\n {4}first play /,
    );
  });

  it.each([
    [['frank', 'nothing'], 1, /^There is no title nothing/],
    [['frank', '../x'], 2, /^contentId must be/],
    [['frank', 'sintel', '--at', 'yesterday'], 2, /^--at must be an RFC 3339 date-time/],
    [['frank', 'sintel', '--drm', 'clearkey'], 2, /Allowed choices are playready, fairplay, widevine/],
    [['frank'], 2, /missing required argument 'contentId'/],
  ])('of %j is refused', async (args, exitCode, message) => {
    const outcome = await explain(args);
    expect([outcome.exitCode, outcome.stdout]).toEqual([exitCode, '']);
    expect(outcome.stderr).toMatch(message);
  });
});
