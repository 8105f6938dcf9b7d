// The same hostile requests to both listeners, with limits in force: neither gives away what belongs to the other.
import type { Server } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { timesOf } from '../support/soak.js';
import { receiveWithin, TestService } from '../support/test-service.js';
import { makeBearers } from './support/fuzz-bearers.js';
import { answersTo, answersToBytes, type FuzzAnswer, type WireRequest } from './support/fuzz-connection.js';
import { expectFit, Statuses } from './support/fuzz-fitness.js';
import { brokenBytes, framedRequests, type Bearers } from './support/fuzz-requests.js';

const BATCH = 25;
const BATCHES = timesOf(8, 40);
const BROKEN_BATCH = 10;
const BROKEN_BATCHES = timesOf(1, 10);
const WANTED_STATUSES = [200, 400, 404, 429, ...(inject('soak') ? [401, 405] : [])];
/** Between batches: what a client may ask for in it is fewer requests than a batch has. */
const PAUSE_SECONDS = 10;
const LONG_SECONDS = 3600;

/** Answers to what is not there, and to requests that are refused whatever they are for. */
const TELLS_NOTHING = [400, 404, 408, 413, 415, 429, 431];

let service: TestService;
let bearers: Bearers;
const statuses = { public: new Statuses(), management: new Statuses() };

beforeAll(async () => {
  service = await TestService.start({
    limits: receiveWithin(500),
    environment: {
      LOG_LEVEL: 'error',
      MANAGEMENT_PORT: '0',
      EXPRESSPLAY_TIMEOUT_MS: '10000',
      DATABASE_TIMEOUT_MS: '4000',
      RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '120',
      RATE_LIMIT_PER_USER_PER_MINUTE: '5',
      RATE_LIMIT_MANAGEMENT_PER_MINUTE: '120',
    },
  });
  bearers = await makeBearers(service.issuer, LONG_SECONDS);
}, 60_000);
afterAll(() => service.stop());

/** Where a request goes, as far as the listener that has nothing there is concerned. */
function isFor({ bytes }: WireRequest, beginning: RegExp): boolean {
  const [, target = ''] = bytes.toString('latin1').split(' ', 2);
  return beginning.test(target);
}

function expectNothingTold(requests: readonly WireRequest[], answers: readonly FuzzAnswer[], hidden: RegExp): void {
  for (const [index, request] of requests.entries()) {
    if (isFor(request, hidden)) expect(TELLS_NOTHING).toContain(answers[index]?.status);
  }
}

function connectionsOf(server: Server | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server?.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

it('to each: problems of the caller, and nothing told of the other listener', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(framedRequests(bearers), { minLength: BATCH, maxLength: BATCH, size: 'max' }),
      async (requests) => {
        const asked = await answersTo(service.url, requests);
        const managed = await answersTo(service.managementUrl, requests);
        for (const answer of asked) expectFit(answer, statuses.public);
        for (const answer of managed) expectFit(answer, statuses.management);
        expectNothingTold(requests, asked, /^\/v1\/admin/);
        expectNothingTold(requests, managed, /^\/v1\/(?!admin)/);
        service.clock.advance(PAUSE_SECONDS);
      },
    ),
    { numRuns: BATCHES },
  );
}, 120_000);

it('what is hardly HTTP: each is answered by either', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(brokenBytes(bearers), { minLength: BROKEN_BATCH, maxLength: BROKEN_BATCH, size: 'max' }),
      async (batch) => {
        for (const kind of ['public', 'management'] as const) {
          const url = kind === 'public' ? service.url : service.managementUrl;
          const answers = await Promise.all(batch.map((bytes) => answersToBytes(url, bytes)));
          for (const [index, got] of answers.entries()) {
            if (got.length === 0) throw new Error(`no answer to ${JSON.stringify(batch[index]?.toString('latin1'))}`);
            for (const answer of got) expectFit(answer, statuses[kind]);
          }
        }
        service.clock.advance(PAUSE_SECONDS);
      },
    ),
    { numRuns: BROKEN_BATCHES },
  );
}, 120_000);

it('was answered in many ways, logged no fault, left no connection, and players and machines are served', async () => {
  for (const { total, seen } of [statuses.public, statuses.management]) {
    expect(total).toBeGreaterThanOrEqual(BATCH * BATCHES);
    for (const status of WANTED_STATUSES) expect(seen).toContain(status);
  }
  expect(service.log.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  const { managementServer } = service.app.getHttpAdapter() as { managementServer?: Server };
  for (const server of [service.app.getHttpServer(), managementServer]) {
    await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0), 5000);
  }
  service.clock.advance(60);
  expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
  expect((await fetch(`${service.managementUrl}/health/ready`)).status).toBe(200);
});
