import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/test-service.js';
import { answered, asked, decided, MeasuredService, PLAYREADY, retried, stages } from './support/measured-service.js';

const WIDEVINE = { contentId: 'sintel', drm: 'widevine' };

let measured: MeasuredService;
let service: TestService;
beforeAll(async () => {
  measured = await MeasuredService.start();
  ({ service } = measured);
});
afterAll(() => service.stop());
afterEach(() => measured.clearFaults());

describe('a token', () => {
  it.each(['playready', 'fairplay', 'widevine'])('to keep, of %s', async (drm) => {
    expect(await measured.rises(() => service.ask('alice', { contentId: 'sintel', drm }))).toEqual({
      ...asked('ok'),
      ...stages('bearer', 'decision', 'upstream', 'ledger'),
      ...decided('granted', 'none'),
      ...answered(drm, 'ok'),
      [`tokens_issued_total{drm="${drm}",rights="buy-to-own"}`]: 1,
    });
  });

  it('of a rental, twice: its clock starts once', async () => {
    const rose = await measured.rises(async () => {
      await service.ask('bob', PLAYREADY);
      await service.ask('bob', { contentId: 'sintel', drm: 'widevine' });
    });
    expect(rose).toMatchObject({
      'rental_clocks_started_total{drm="playready"}': 1,
      'tokens_issued_total{drm="playready",rights="rental"}': 1,
      'tokens_issued_total{drm="widevine",rights="rental"}': 1,
      'decisions_total{decision="granted",reason="none"}': 2,
    });
    expect(rose).not.toHaveProperty(['rental_clocks_started_total{drm="widevine"}']);
  });

  it('that two requests share is bought once', async () => {
    await measured.fault({ kind: 'latency', milliseconds: 300 });
    const rose = await measured.rises(() =>
      Promise.all([service.ask('alice', PLAYREADY), service.ask('alice', PLAYREADY)]),
    );
    expect(rose).toMatchObject({
      ...asked('ok', 2),
      ...answered('playready', 'ok'),
      'tokens_issued_total{drm="playready",rights="buy-to-own"}': 1,
      'token_requests_shared_total{drm="playready"}': 1,
    });
  });
});

describe('a denial', () => {
  it.each([
    ['carol', 'sintel', 'rental-period-ended'],
    ['dave', 'sintel', 'play-window-ended'],
    ['erin', 'sintel', 'purchase-revoked'],
    ['frank', 'sintel', 'no-purchase'],
    ['alice', 'cosmos-laundromat', 'not-yet-available'],
    ['alice', 'elephants-dream', 'content-withdrawn'],
  ])('%s, %s: %s', async (user, contentId, reason) => {
    expect(await measured.rises(() => service.ask(user, { contentId, drm: 'playready' }))).toEqual({
      ...asked('not-entitled'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('denied', reason),
    });
  });

  it('for want of an IV', async () => {
    expect(await measured.rises(() => service.ask('alice', { contentId: 'big-buck-bunny', drm: 'fairplay' }))).toEqual({
      ...asked('drm-not-available'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('denied', 'drm-not-available'),
    });
  });

  it('of a title that is not there is no decision', async () => {
    const rose = await measured.rises(() => service.ask('alice', { contentId: 'no-such-title', drm: 'playready' }));
    expect(rose).toEqual({ ...asked('content-not-found'), ...stages('bearer', 'decision') });
  });
});

describe('a failure', () => {
  it.each([
    [-2019, 'token-balance-exhausted', '-2019'],
    [-2033, 'upstream-rejected', '-2033'],
    [-9876, 'upstream-rejected', 'undocumented'],
  ])('of ExpressPlay: %i', async (code, problem, label) => {
    await measured.fault({ kind: 'event', code });
    expect(await measured.rises(() => service.ask('alice', PLAYREADY))).toEqual({
      ...asked(problem),
      ...stages('bearer', 'decision', 'upstream error', 'ledger'),
      ...decided('failed', problem),
      ...answered('playready', label),
      ...(code === -2019 ? { token_balance_exhausted_total: 1 } : {}),
    });
  });

  it.each([-2030, -4019])('of ExpressPlay for the moment, twice: %i', async (code) => {
    await measured.fault({ kind: 'event', code }, 2);
    expect(await measured.rises(() => service.ask('alice', PLAYREADY))).toEqual({
      ...asked('upstream-unavailable'),
      ...stages('bearer', 'decision', 'upstream error', 'ledger'),
      'stage_duration_seconds_count{stage="upstream",outcome="error"}': 2,
      ...decided('failed', 'upstream-unavailable'),
      [`expressplay_answers_total{drm="playready",code="${code}"}`]: 2,
      ...retried('failed'),
    });
  });

  it('of ExpressPlay for the moment, once, is followed by a token', async () => {
    await measured.fault({ kind: 'event', code: -2030 });
    expect(await measured.rises(() => service.ask('alice', PLAYREADY))).toMatchObject({
      ...asked('ok'),
      ...decided('granted', 'none'),
      ...answered('playready', '-2030'),
      ...answered('playready', 'ok'),
      ...retried('accepted'),
    });
  });

  it('that is known before ExpressPlay is asked', async () => {
    const patient = await MeasuredService.start({}, { balanceMs: 60_000 });
    await patient.fault({ kind: 'event', code: -2019 });
    await patient.service.ask('alice', PLAYREADY);
    const rose = await patient.rises(() => patient.service.ask('alice', PLAYREADY));
    await patient.service.stop();
    expect(rose).toEqual({
      ...asked('token-balance-exhausted'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('failed', 'token-balance-exhausted'),
      'expressplay_requests_held_back_total{drm="playready",reason="balance"}': 1,
    });
  });

  it.each([
    [{ kind: 'status', status: 500 }, 'upstream-unavailable', 'undocumented'],
    [{ kind: 'garbage' }, 'upstream-unavailable', 'unreadable'],
    [{ kind: 'oversize' }, 'upstream-unavailable', 'unreadable'],
    [{ kind: 'reset' }, 'upstream-unavailable', 'reset'],
    [{ kind: 'hang' }, 'upstream-timeout', 'timeout'],
  ])('of the way to ExpressPlay: %j', async (wanted, problem, label) => {
    await measured.fault(wanted);
    // Of another DRM: one that only fails is not asked any more.
    expect(await measured.rises(() => service.ask('alice', WIDEVINE))).toMatchObject({
      ...asked(problem),
      ...decided('failed', problem),
      ...answered('widevine', label),
    });
  });

  it('to reach ExpressPlay at all', async () => {
    await service.wires.emulator.stop();
    const rose = await measured.rises(() => service.ask('alice', PLAYREADY));
    await service.wires.emulator.start();
    expect(rose).toMatchObject({
      'expressplay_answers_total{drm="playready",code="connect"}': 2,
      ...retried('failed'),
    });
  });

  it('of a key', async () => {
    await service.database.query(`UPDATE content_key SET kek_id = 'lost' WHERE content_id = 'big-buck-bunny'`);
    const rose = await measured.rises(() => service.ask('alice', { contentId: 'big-buck-bunny', drm: 'playready' }));
    expect(rose).toEqual({
      ...asked('internal-error'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('failed', 'key-unavailable'),
    });
  });

  it('of the ledger, after the token was bought: it is not issued, though it may be charged for', async () => {
    const cut = service.wires.emulator.onceForwarded(() => service.wires.postgres.stop());
    const rose = await measured.rises(() => service.ask('alice', PLAYREADY));
    await cut;
    await service.wires.postgres.start();
    expect(rose).toEqual({
      ...asked('service-unavailable'),
      ...stages('bearer', 'decision', 'upstream', 'ledger error'),
      ...answered('playready', 'ok'),
      'tokens_unwritten_total{drm="playready"}': 1,
      'database_connections_destroyed_total{reason="broken"}': expect.any(Number),
    });
    expect(await measured.rises(() => service.ask('alice', PLAYREADY))).toEqual({
      ...asked('service-unavailable'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('failed', 'ledger-unavailable'),
    });
  });
});

describe('a change of authenticators', () => {
  it('is counted by what came of the second try, and each try by its own answer', async () => {
    const [first = ''] = measured.accounts.authenticators;
    measured.accounts.withdraw(first);
    const rose = await measured.rises(() => service.ask('alice', PLAYREADY));
    measured.accounts.readmit(first);
    expect(rose).toMatchObject({
      ...asked('ok'),
      ...answered('playready', '-2018'),
      ...answered('playready', 'ok'),
      'authenticator_fallbacks_total{rejected="first",tried="second",outcome="accepted"}': 1,
    });
  });
});

describe('a limit on spending', () => {
  it('that is met is a denial', async () => {
    const limited = await MeasuredService.start({ TOKEN_LIMIT_PER_USER: '1' });
    await limited.service.ask('alice', PLAYREADY);
    const rose = await limited.rises(() => limited.service.ask('alice', PLAYREADY));
    await limited.service.stop();
    expect(rose).toEqual({
      ...asked('rate-limited'),
      ...stages('bearer', 'decision', 'ledger'),
      ...decided('denied', 'rate-limited'),
    });
  });
});
