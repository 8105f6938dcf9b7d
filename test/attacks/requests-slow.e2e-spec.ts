import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problems.js';
import { exchange, raw } from '../support/raw-http.js';
import { EndlessModule } from '../support/endless-route.js';
import { receiveWithin, TestService } from '../support/test-service.js';

const HEAD = ['POST /v1/license-tokens HTTP/1.1', 'Host: player.test', 'Content-Type: application/json'];
const TOO_LONG = 'x'.repeat(1100);
const GOOD = { contentId: 'sintel', drm: 'playready' };

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({
    limits: { ...receiveWithin(500), answerTimeoutMs: 3000, keepAliveTimeoutMs: 100 },
    environment: {
      EXPRESSPLAY_TIMEOUT_MS: '1000',
      DATABASE_TIMEOUT_MS: '400',
      MANAGEMENT_PORT: '0',
    },
    modules: [EndlessModule],
  });
});
afterAll(() => service.stop());

// What only waits for its time to be up does so at once.
describe.concurrent.each(['public', 'management'])('slowness on the %s port', (port) => {
  const url = () => (port === 'public' ? service.url : service.managementUrl);

  it('slow headers (slowloris): 408 and closed', async () => {
    const parts = ['GET /health/live HTTP/1.1\r\nHost: player.test\r\n'];
    const answers = await exchange(url(), { parts, dripping: 'X-Slow: 1\r\n' });
    expect(answers).toHaveLength(1);
    // A fast dripper meets the limit on headers before the one on time.
    expect(['request-timeout', 'headers-too-large']).toContain(JSON.parse(answers[0]!.body).code);
    const halted = await exchange(url(), { parts });
    expectProblem(halted[0]!, 408, 'request-timeout');
  });

  it('a connection that says nothing: closed', async () => {
    const answers = await exchange(url(), { parts: [] });
    expectProblem(answers[0]!, 408, 'request-timeout');
  });

  it('a request line that never ends: 408 and closed', async () => {
    const answers = await exchange(url(), { parts: ['GET /'] });
    expectProblem(answers[0]!, 408, 'request-timeout');
  });

  it('an idle connection after a request: closed', async () => {
    const answers = await exchange(url(), { parts: [raw(['GET /health/live HTTP/1.1', 'Host: player.test'])] });
    expect(answers.map(({ status }) => status)).toEqual([200]);
  });
});

describe.concurrent('slow bodies', () => {
  it.each([
    ['that stops', 'Content-Length: 1000', '{"contentId":"'],
    ['that never starts', 'Content-Length: 1000', ''],
    ['whose chunks stop', 'Transfer-Encoding: chunked', '5\r\n{"con\r\n'],
    ['whose chunk extension never ends', 'Transfer-Encoding: chunked', '5;a'],
  ])('a body %s: 408 and closed', async (_, length, body) => {
    const answers = await exchange(service.url, { parts: [raw([...HEAD, length]), body] });
    expect(answers).toHaveLength(1);
    expectProblem(answers[0]!, 408, 'request-timeout');
    expect(answers[0]?.headers['connection']).toBe('close');
  });

  it('ends a request that has no end of its own, and the next one is served', async () => {
    const answer = await service.http().get('/health/endless');
    expect([answer.status, answer.body.code]).toEqual([503, 'service-unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
    expect((await service.ask('alice', GOOD)).status).toBe(200);
  });
});

it.each([
  ['an unknown address', 'POST /v1/nothing HTTP/1.1', [], 404, 'route-not-found'],
  ['another method', 'PUT /v1/license-tokens HTTP/1.1', [], 405, 'method-not-allowed'],
  ['a compressed body', HEAD[0]!, ['Content-Encoding: gzip'], 415, 'unsupported-media-type'],
  ['a malformed address', 'POST /%zz HTTP/1.1', [], 400, 'invalid-request'],
  ['an id that is too long', `POST /v1/admin/purchases/${TOO_LONG}/revocation HTTP/1.1`, [], 404, 'route-not-found'],
])('a body that drips on after the answer (%s): cut off', async (_, line, more, status, code) => {
  const head = raw([line, ...HEAD.slice(1), ...more, 'Content-Length: 999999999']);
  const answers = await exchange(service.url, { parts: [head], dripping: 'x' });
  expect(answers).toHaveLength(1);
  expectProblem(answers[0]!, status, code);
});

describe('slow bodies of a client that asks too often', () => {
  let limited: TestService;
  beforeAll(async () => {
    const environment = { RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '1' };
    limited = await TestService.start({ environment, limits: receiveWithin(500) });
    await limited.http().get('/v1/nothing');
  });
  afterAll(() => limited.stop());

  it.each([HEAD[0]!, 'POST /%zz HTTP/1.1'])('%s: 429 and cut off', async (line) => {
    const head = raw([line, ...HEAD.slice(1), 'Content-Length: 999999999']);
    const answers = await exchange(limited.url, { parts: [head], dripping: 'x' });
    expect(answers).toHaveLength(1);
    expectProblem(answers[0]!, 429, 'rate-limited');
  });
});

describe('the time an answer may take', () => {
  it('is longer than ExpressPlay can take, so that a late token is not bought for nobody', async () => {
    await service.wires.emulator.hang();
    const answer = await service.ask('alice', GOOD);
    expect([answer.status, answer.body.code]).toEqual([504, 'upstream-timeout']);
    await service.wires.emulator.stop();
    await service.wires.emulator.start();
    expect((await service.ask('alice', GOOD)).status).toBe(200);
  });
});

it('a hundred slow bodies at once hold up nobody', async () => {
  const attack = Array.from({ length: 100 }, () =>
    exchange(service.url, { parts: [raw([...HEAD, 'Content-Length: 1000']), '{'] }),
  );
  const answer = await service.ask('alice', GOOD);
  expect(answer.status).toBe(200);
  for (const answers of await Promise.all(attack)) expectProblem(answers[0]!, 408, 'request-timeout');
});

it('callers that vanish at any point leave nothing behind', async () => {
  const text = raw([...HEAD, 'Content-Length: 100'], '{"contentId":');
  const { port } = new URL(service.url);
  for (let length = 1; length < text.length; length += 13) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(text.slice(0, length), () => socket.destroy()),
      );
      socket.on('close', () => resolve());
    });
  }
  expect((await service.ask('alice', GOOD)).status).toBe(200);
  expect(service.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  const connections = () =>
    new Promise<number>((resolve) => {
      service.app.getHttpServer().getConnections((_: unknown, count: number) => resolve(count));
    });
  await expect.poll(connections, { timeout: 10_000 }).toBe(0);
});
