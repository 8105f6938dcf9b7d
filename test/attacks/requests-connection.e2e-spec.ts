// A connection that carries many requests, one after the other or at once: nothing is left on it of those that are answered.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { raw } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';

/** More than the ten listeners from which on Node warns. */
const MANY = 12;
const BODY = JSON.stringify({ contentId: 'sintel', drm: 'playready' });

let service: TestService;
let client: Socket;
/** The service's side of the client's connection. */
let socket: Socket;
let answers = '';
const warnings: string[] = [];
const warned = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`);

beforeAll(async () => {
  service = await TestService.start();
  process.on('warning', warned);
});
afterAll(async () => {
  process.off('warning', warned);
  await service.stop();
});
beforeEach(async () => {
  const server: Server = service.app.getHttpServer();
  const connected = once(server, 'connection') as Promise<[Socket]>;
  client = connect(Number(new URL(service.url).port), '127.0.0.1');
  answers = '';
  client.on('data', (bytes) => (answers += bytes.toString('latin1')));
  [socket] = await connected;
});
afterEach(() => client.destroy());

async function answered(count: number): Promise<void> {
  await expect
    .poll(() => answers.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0, { timeout: 20_000, interval: 2 })
    .toBe(count);
}

const listeners = () => Object.fromEntries(socket.eventNames().map((name) => [name, socket.listenerCount(name)]));

const REQUESTS: [string, (bearer: string) => string, number][] = [
  ['for a token', (bearer) => post('/v1/license-tokens', bearer, BODY), 200],
  ['for a list', (bearer) => raw(['GET /v1/entitlements HTTP/1.1', 'Host: a', `Authorization: Bearer ${bearer}`]), 200],
  ['without a token', () => post('/v1/license-tokens', 'none', BODY), 401],
  ['that are wrong', (bearer) => post('/v1/license-tokens', bearer, '{}'), 400],
  ['for nothing', () => raw(['GET /nothing HTTP/1.1', 'Host: a']), 404],
  ['for health', () => raw(['GET /health/ready HTTP/1.1', 'Host: a']), 200],
  ['for metrics', () => raw(['GET /metrics HTTP/1.1', 'Host: a']), 200],
];

function post(path: string, bearer: string, body: string): string {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: a',
    `Authorization: Bearer ${bearer}`,
    'Content-Type: application/json',
  ];
  return raw([...head, `Content-Length: ${body.length}`], body);
}

describe.each(REQUESTS)('requests %s', (_name, requestOf, status) => {
  it.each(['one after the other', 'all at once'])('%s', async (way) => {
    const request = requestOf(await service.issuer.token('alice'));
    client.write(request);
    await answered(1);
    const before = listeners();
    if (way === 'all at once') client.write(request.repeat(MANY));
    for (let count = 1; count <= MANY; count += 1) {
      if (way !== 'all at once') client.write(request);
      await answered(way === 'all at once' ? MANY + 1 : count + 1);
    }
    expect(new Set(answers.match(/(?<=HTTP\/1\.1 )\d{3}/g))).toEqual(new Set([String(status)]));
    await expect.poll(listeners).toEqual(before);
    expect(warnings).toEqual([]);
  });
});
