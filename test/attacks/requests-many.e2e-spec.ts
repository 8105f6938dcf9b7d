import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Response } from 'supertest';
import { exchange, raw } from '../support/raw-http.js';
import { expectProblem } from '../support/problems.js';
import { TestService } from '../support/test-service.js';

const GOOD = { contentId: 'sintel', drm: 'playready' };
const LIMITS = { RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '10', RATE_LIMIT_PER_USER_PER_MINUTE: '3' };

/** One call after the other, with their statuses. */
async function statuses(calls: number, call: (n: number) => PromiseLike<Response>): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < calls; n += 1) found.push((await call(n)).status);
  return found;
}

const of = (status: number, count: number) => Array.from({ length: count }, () => status);

describe('many requests, without a trusted proxy', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: LIMITS });
  });
  afterAll(() => service.stop());
  // A minute without a request gives everything back.
  beforeEach(() => service.clock.advance(60));

  it('of one address: 429 with Retry-After, before anybody is asked who they are', async () => {
    const call = () => service.http().post('/v1/license-tokens').send(GOOD);
    expect(await statuses(12, call)).toEqual([...of(401, 10), ...of(429, 2)]);
    const answer = await call();
    expect([answer.body.code, answer.headers['retry-after']]).toEqual(['rate-limited', '6']);
    service.clock.advance(6);
    expect(await statuses(2, call)).toEqual([401, 429]);
  });

  it.each([
    ['guessed bearer tokens', { Authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ['X-Forwarded-For', { 'X-Forwarded-For': '203.0.113.%' }],
    ['Forwarded', { Forwarded: 'for=203.0.113.%' }],
    ['X-Real-IP', { 'X-Real-IP': '203.0.113.%' }],
    ['True-Client-IP', { 'True-Client-IP': '203.0.113.%' }],
    ['request ids', { 'X-Request-Id': 'id-%' }],
  ])('are not made to look like different clients by %s', async (_, headers) => {
    const call = (n: number) => {
      const varied = Object.entries(headers).map(([name, value]) => [name, value.replace('%', String(n))]);
      return service.http().post('/v1/license-tokens').set(Object.fromEntries(varied)).send(GOOD);
    };
    expect(await statuses(12, call)).toEqual([...of(401, 10), ...of(429, 2)]);
  });

  it.each([
    ['addresses with nothing at them', '/nothing/%', 404],
    ['queries', '/v1/license-tokens?a=%', 405],
    ['malformed addresses', '/v1/%zz%', 400],
    ['addresses that are too long', `/v1/entitlements/${'x'.repeat(1100)}%`, 404],
    ['encodings of one address', '/v1/%6cicense-tokens', 405],
  ])('are not made to look like different clients by %s', async (_, path, status) => {
    const call = (n: number) => service.http().get(path.replace(/%$/, String(n)));
    expect(await statuses(12, call)).toEqual([...of(status, 10), ...of(429, 2)]);
  });

  it('pipelined on one connection: each is counted', async () => {
    const one = raw(['GET /nothing HTTP/1.1', 'Host: player.test']);
    const last = raw(['GET /nothing HTTP/1.1', 'Host: player.test', 'Connection: close']);
    const answers = await exchange(service.url, { parts: [one.repeat(14), last] });
    // After the first refusal nothing more is read.
    expect(answers.map(({ status }) => status)).toEqual([...of(404, 10), 429]);
    expectProblem(answers.at(-1)!, 429, 'rate-limited');
  });

  it('of preflights: each is counted', async () => {
    expect(await statuses(11, () => service.http().options('/v1/license-tokens'))).toEqual([...of(204, 10), 429]);
  });

  it('health is never told to wait', async () => {
    expect(await statuses(30, () => service.http().get('/health/ready'))).toEqual(of(200, 30));
  });

  it('of one user: 429 with Retry-After, and others are served', async () => {
    expect(await statuses(4, () => service.ask('alice', GOOD))).toEqual([200, 200, 200, 429]);
    const answer = await service.ask('alice', GOOD);
    expect([answer.body.code, answer.headers['retry-after']]).toEqual(['rate-limited', '20']);
    expect((await service.ask('frank', GOOD)).status).toBe(403);
    service.clock.advance(20);
    expect((await service.ask('alice', GOOD)).status).toBe(200);
  });

  it('of one user with many tokens: the user counts, not the token', async () => {
    const call = (n: number) => service.ask('alice', GOOD, { expiresIn: 600 + n });
    expect(await statuses(4, call)).toEqual([200, 200, 200, 429]);
  });

  it('says once that a proxy is not believed', async () => {
    await service.http().get('/nothing').set('X-Forwarded-For', '203.0.113.1');
    await service.http().get('/nothing').set('X-Forwarded-For', '203.0.113.1');
    const said = service.log.lines.filter(({ msg }) => String(msg).includes('X-Forwarded-For'));
    expect(said).toMatchObject([{ level: 'warn' }]);
  });
});

describe('many requests, behind a trusted proxy', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { ...LIMITS, TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' } });
  });
  afterAll(() => service.stop());
  beforeEach(() => service.clock.advance(60));

  const from = (forwarded: string) => service.http().get('/nothing').set('X-Forwarded-For', forwarded);

  it('clients are told apart by what the proxy adds', async () => {
    expect(await statuses(11, () => from('203.0.113.1'))).toEqual([...of(404, 10), 429]);
    expect(await statuses(11, () => from('203.0.113.2'))).toEqual([...of(404, 10), 429]);
  });

  it.each([
    ['with a port', '203.0.113.#:51@'],
    ['with a port, IPv6', '[2001:db8:0:#::1]:44@'],
    ['in brackets', '[2001:db8:1:#::@]'],
    ['in quotes', '"[2001:db8:2:#::1]:44@"'],
    ['of IPv4 as IPv6, with a port', '[::ffff:198.51.100.#]:44@'],
    ['with a zone', '[fd00:0:0:#::1%eth@]:443'],
    ['through more proxies, with ports', '192.0.2.#:1@, 10.0.0.@:2, [::ffff:10.0.0.8]:3 ,10.0.0.9'],
    ['through more proxies, with empty parts', ',192.0.3.#:1@,, \t10.0.0.7:2,'],
    ['of a proxy, where it forwards none', '198.51.100.@:1, unknown, 10.0.#.1:2'],
    ['after which a client wrote others', '198.51.100.@:1, 203.0.112.#:2, 10.0.0.1:3'],
  ])('clients are told apart by an address %s', async (_, forwarded) => {
    for (const client of ['5', '6']) {
      const call = (n: number) => from(forwarded.replaceAll('#', client).replaceAll('@', String(n)));
      expect(await statuses(11, call)).toEqual([...of(404, 10), 429]);
    }
  });

  it('what a client writes before the proxy is not believed', async () => {
    expect(await statuses(11, (n) => from(`198.51.100.${n}, 203.0.113.1, 10.0.0.7`))).toEqual([...of(404, 10), 429]);
  });

  it('one IPv6 subscriber is one client, whatever the last 64 bits', async () => {
    expect(await statuses(11, (n) => from(`2001:db8:0:1::${n}`))).toEqual([...of(404, 10), 429]);
    expect((await from('2001:db8:0:2::1')).status).toBe(404);
  });

  it('what is no address counts as the proxy', async () => {
    expect(await statuses(11, (n) => from(`not-an-address-${n}`))).toEqual([...of(404, 10), 429]);
  });
});
