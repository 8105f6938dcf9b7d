import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exchange, raw } from '../support/raw-http.js';
import type { TestService } from '../support/test-service.js';
import { asked, decided, MeasuredService, PLAYREADY, stages } from './support/measured-service.js';
import { scrape, valuesOf } from './support/scrape.js';

let measured: MeasuredService;
let service: TestService;
beforeAll(async () => {
  measured = await MeasuredService.start();
  ({ service } = measured);
});
afterAll(() => service.stop());
afterEach(() => measured.clearFaults());

describe('who is not let in', () => {
  it.each([
    ['no token', undefined, 'unauthenticated', stages('bearer error')],
    ['an expired token', { expiresIn: -60 }, 'unauthenticated', stages('bearer error')],
    ['a token without the scope', { scope: 'other' }, 'insufficient-scope', stages('bearer')],
  ])('%s', async (_name, token, outcome, stage) => {
    const rose = await measured.rises(async () => {
      const request = service.http().post('/v1/license-tokens');
      const bearer = token && `Bearer ${await service.issuer.token('alice', token)}`;
      await (bearer === undefined ? request : request.set('Authorization', bearer)).send(PLAYREADY);
    });
    expect(rose).toEqual({ ...asked(outcome), ...stage });
  });
});

describe('what no route sees', () => {
  const get = (path: string) => async () => void (await service.http().get(path));
  const send =
    (lines: string[], body = '') =>
    async () => {
      await exchange(service.url, { parts: [raw(lines, body)] });
    };
  it.each([
    ['another address', get('/v1/nothing'), 'GET', 'route-not-found'],
    ['another method', get('/v1/license-tokens'), 'GET', 'method-not-allowed'],
    ['a malformed address', get('/v1/entitlements/%zz'), 'GET', 'invalid-request'],
    ['a method of others', send(['PROPFIND / HTTP/1.1', 'Host: a', 'Connection: close']), 'other', 'route-not-found'],
    ['not HTTP', send(['nonsense']), 'other', 'invalid-request'],
    ['too many headers', send(['GET / HTTP/1.1', 'Host: a', `X: ${'x'.repeat(17_000)}`]), 'other', 'headers-too-large'],
    ['a proxy is wanted', send(['CONNECT a:1 HTTP/1.1', 'Host: a']), 'other', 'method-not-allowed'],
  ])('%s', async (_name, work, method, outcome) => {
    const counted = Object.entries(await measured.rises(work)).filter(([series]) =>
      series.startsWith('http_requests_total'),
    );
    expect(counted).toEqual([[`http_requests_total{route="unknown",method="${method}",outcome="${outcome}"}`, 1]]);
  });

  it('framing that breaks in the middle of a body is one request', async () => {
    const lines = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'];
    const rose = await measured.rises(send([...lines, 'Content-Type: application/json'], 'nonsense\r\n'));
    expect(rose).toMatchObject(asked('invalid-request'));
    expect(Object.keys(rose).filter((series) => series.startsWith('http_requests_total'))).toHaveLength(1);
  });
});

it('a client that goes away while it waits', async () => {
  const bearer = await service.issuer.token('alice');
  await measured.fault({ kind: 'hang' });
  const body = JSON.stringify(PLAYREADY);
  const head = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', `Authorization: Bearer ${bearer}`];
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const rose = await measured.rises(async () => {
    socket.write(raw([...head, 'Content-Type: application/json', `Content-Length: ${body.length}`], body));
    await expect
      .poll(async () => valuesOf(await scrape(service.url), 'expressplay_requests_in_flight'), { timeout: 5000 })
      .toEqual({ expressplay_requests_in_flight: 1 });
    socket.destroy();
    // The work goes on without its client, to its own end.
    await expect
      .poll(async () => valuesOf(await scrape(service.url), 'http_requests_in_flight'), { timeout: 5000 })
      .toEqual({ http_requests_in_flight: 0 });
  });
  expect(rose).toMatchObject({ ...asked('aborted'), ...decided('failed', 'upstream-timeout') });
});

it.each([1, 3])(
  'clients that reset their connection at once, after %i requests: nothing is done for them',
  async (each) => {
    const bearer = await service.issuer.token('alice');
    const body = JSON.stringify(PLAYREADY);
    const head = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', `Authorization: Bearer ${bearer}`];
    const request = raw([...head, 'Content-Type: application/json', `Content-Length: ${body.length}`], body);
    service.log.clear();
    const rose = await measured.rises(async () => {
      const counted = () => scrape(service.url).then((scraped) => valuesOf(scraped, 'http_requests_total'));
      const series = 'http_requests_total{route="/v1/license-tokens",method="POST",outcome="aborted"}';
      const before = (await counted())[series] ?? 0;
      for (let count = 0; count < 50; count += 1) {
        const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () => {
          socket.write(request.repeat(each));
          socket.resetAndDestroy();
        });
        await once(socket, 'close');
      }
      await expect.poll(async () => ((await counted())[series] ?? 0) - before).toBe(50 * each);
    });
    expect(rose).toEqual(asked('aborted', 50 * each));
    expect(service.log.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  },
);

it('requests that are served between SIGTERM and the end', async () => {
  const draining = await MeasuredService.start({ SHUTDOWN_DRAIN_SECONDS: '3' });
  const closing = draining.service.terminate();
  await expect.poll(async () => (await draining.service.http().get('/health/ready')).status).toBe(503);
  const rose = await draining.rises(async () => {
    expect((await draining.service.ask('alice', PLAYREADY)).status).toBe(200);
  });
  expect(rose).toMatchObject(asked('ok'));
  await closing;
  await draining.service.stop();
});
