import { maintainLedger } from '@app/platform/database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyServer, makeKey, sign } from '../../apps/entitlement/src/auth/testing/issuer.js';
import { AUDIENCE, ISSUER } from '../support/issuer.js';
import { TestService } from '../support/test-service.js';
import { MeasuredService } from './support/measured-service.js';
import { scrape, valuesOf } from './support/scrape.js';

let measured: MeasuredService;
let service: TestService;
beforeAll(async () => {
  measured = await MeasuredService.start({
    DATABASE_POOL_SIZE: '3',
    MAX_REQUESTS_IN_FLIGHT: '8',
  });
  ({ service } = measured);
});
afterAll(() => service.stop());
afterEach(() => measured.clearFaults());

it('what is under way, and how much of it there may be', async () => {
  await measured.fault({ kind: 'latency', milliseconds: 700 });
  const asking = Promise.all(
    ['sintel', 'tears-of-steel'].map((contentId) => service.ask('alice', { contentId, drm: 'widevine' })),
  );
  const figures = async () => {
    const scraped = await scrape(service.url);
    const of = (name: string) => Object.values(valuesOf(scraped, name))[0];
    return {
      players: [of('http_requests_in_flight'), of('http_requests_in_flight_limit')],
      upstream: [of('expressplay_requests_in_flight'), of('expressplay_requests_queued')],
      upstreamLimit: of('expressplay_connection_limit'),
    };
  };
  // One connection to ExpressPlay: the second request waits for the first.
  await expect
    .poll(figures, { timeout: 3000, interval: 20 })
    .toEqual({ players: [2, 8], upstream: [1, 1], upstreamLimit: 1 });
  expect((await asking).map(({ status }) => status)).toEqual([200, 200]);
  expect(await figures()).toEqual({ players: [0, 8], upstream: [0, 0], upstreamLimit: 1 });
});

it('connections to Postgres: held by a lock, waited for, and idle again', async () => {
  const pool = async () => {
    const scraped = await scrape(service.url);
    return ['connections', 'waiting', 'limit'].flatMap((name) =>
      Object.values(valuesOf(scraped, `database_pool_${name}`)),
    );
  };
  const bearer = await service.issuer.token('alice');
  const list = () => service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
  await list();
  const [idle = 0, inUse, waiting, limit] = await pool();
  expect([idle > 0, inUse, waiting, limit]).toEqual([true, 0, 0, 3]);

  await service.database.query('BEGIN; LOCK TABLE purchase IN ACCESS EXCLUSIVE MODE');
  const asking = Promise.all([list(), list(), list(), list(), list()]);
  await expect.poll(pool, { timeout: 3000, interval: 20 }).toEqual([0, 3, 2, 3]);
  await service.database.query('COMMIT');
  await asking;
  expect((await pool()).slice(1)).toEqual([0, 0, 3]);
});

it("the ledger's months and its last maintenance, as of the last minute", async () => {
  const { clock, database } = service;
  const figures = async () => {
    const scraped = await scrape(service.url);
    return [
      ...Object.values(valuesOf(scraped, 'ledger_months_ahead')),
      ...Object.values(valuesOf(scraped, 'ledger_last_maintenance_timestamp_seconds')),
    ];
  };
  // A scrape has Postgres asked and waits for no answer, so it is in the next one.
  const become = async (expected: number[]) => {
    await expect.poll(figures, { timeout: 3000, interval: 20 }).toEqual(expected);
  };
  await become([12]);
  const now = clock.now();
  await maintainLedger(database.url, { now, monthsAhead: 14 });
  expect(await figures()).toEqual([12]);
  clock.advance(60);
  await become([14, now.getTime() / 1000]);

  await database.query(`DROP TABLE issuance_${now.toISOString().slice(0, 7).replace('-', '_')}`);
  clock.advance(60);
  await become([-1, now.getTime() / 1000]);
  // Without Postgres: what is known stays.
  await service.wires.postgres.stop();
  clock.advance(60);
  await figures();
  expect(await figures()).toEqual([-1, now.getTime() / 1000]);
  await service.wires.postgres.start();
});

describe('the keys of the issuer', () => {
  const server = new KeyServer();
  let withUrl: TestService;
  beforeAll(async () => {
    await server.up();
    withUrl = await TestService.start({ environment: { AUTH_JWKS_URL: server.url } });
  });
  afterAll(async () => {
    await withUrl.stop();
    await server.down();
  });

  it('are counted as they are read, and grow old', async () => {
    const key = await makeKey('ES256', 'one');
    server.keys = [key.jwk];
    const exp = withUrl.clock.now().getTime() / 1000 + 3600;
    const bearer = await sign({ iss: ISSUER, aud: AUDIENCE, sub: 'alice', exp, scope: 'playback' }, key);
    const ask = () => withUrl.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    const figures = async () => {
      const scraped = await scrape(withUrl.url);
      return { ...valuesOf(scraped, 'signing_keys_fetches_total'), ...valuesOf(scraped, 'signing_keys_age_seconds') };
    };
    const fetches = (ok: number, error: number) => ({
      'signing_keys_fetches_total{outcome="ok"}': ok,
      'signing_keys_fetches_total{outcome="error"}': error,
    });
    expect(await figures()).toEqual(fetches(0, 0));
    expect((await ask()).status).toBe(200);
    withUrl.clock.advance(60);
    expect(await figures()).toEqual({ ...fetches(1, 0), signing_keys_age_seconds: 60 });
    await server.down();
    withUrl.clock.advance(600);
    await ask();
    expect(await figures()).toEqual({ ...fetches(1, 1), signing_keys_age_seconds: 660 });
  });
});
