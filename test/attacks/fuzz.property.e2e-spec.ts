// Hostile requests, each different: what answers is a problem document, and what is left behind is nothing.
import type { Server } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { timesOf } from '../support/soak.js';
import { receiveWithin, TestService } from '../support/test-service.js';
import { makeBearers } from './support/fuzz-bearers.js';
import { answersTo, answersToBytes } from './support/fuzz-connection.js';
import { expectFit, Statuses } from './support/fuzz-fitness.js';
import { brokenBytes, framedRequests, type Bearers } from './support/fuzz-requests.js';
import { handlesInUse, memoryInUse } from './support/fuzz-resources.js';

const BATCH = 50;
const WARM_UP_BATCHES = timesOf(2, 40);
const BATCHES = timesOf(10, 420);
const BROKEN_BATCHES = timesOf(1, 25);
const BROKEN_BATCH = 40;
const WANTED_ANSWERS = timesOf(500, 20_000);
/** Too large a request comes once in hundreds. */
const WANTED_STATUSES = [200, 400, 401, 404, 405, 415, ...(inject('soak') ? [413, 431] : [])];
/** Room for the compiler and caches; what each of 20,000 requests would leave behind is far more. */
const MEMORY_MARGIN = 40 * 1024 * 1024;
/** Connections of the pools to Postgres and the emulator, that come and go. */
const HANDLES_MARGIN = 30;

let service: TestService;
let bearers: Bearers;
const statuses = new Statuses();

beforeAll(async () => {
  service = await TestService.start({
    limits: receiveWithin(500),
    environment: {
      LOG_LEVEL: 'error',
      DATABASE_POOL_SIZE: '4',
      EXPRESSPLAY_TIMEOUT_MS: '10000',
      DATABASE_TIMEOUT_MS: '4000',
    },
  });
  bearers = await makeBearers(service.issuer);
}, 60_000);
afterAll(() => service.stop());

/** Forgets what it has looked at: the log of so many requests would count as memory that is kept. */
function expectQuietLog(): void {
  expect(service.log.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  service.log.clear();
}

/** On failure fast-check says the seed and the smallest requests that fail; `{ seed, path }` here repeats it. */
async function attack(batches: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(framedRequests(bearers), { minLength: BATCH, maxLength: BATCH, size: 'max' }),
      async (requests) => {
        for (const answer of await answersTo(service.url, requests)) expectFit(answer, statuses);
        expectQuietLog();
      },
    ),
    { numRuns: batches },
  );
}

const openConnections = () =>
  new Promise<number>((resolve, reject) => {
    const server: Server = service.app.getHttpServer();
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

/** Waits for connections to end and for what has a deadline. */
async function expectNothingKept(before: { memory: number; handles: number }): Promise<void> {
  await vi.waitFor(async () => expect(await openConnections()).toBe(0), 5000);
  const kept = () => [
    memoryInUse() - before.memory < MEMORY_MARGIN || memoryInUse(),
    handlesInUse() - before.handles < HANDLES_MARGIN || handlesInUse(),
  ];
  await vi.waitFor(() => expect(kept()).toEqual([true, true]), { timeout: 20_000, interval: 1000 });
}

describe('hostile requests', () => {
  it('by the thousand: no fault of ours, and neither memory nor handles are kept', async () => {
    await attack(WARM_UP_BATCHES);
    await vi.waitFor(async () => expect(await openConnections()).toBe(0), 5000);
    const before = { memory: memoryInUse(), handles: handlesInUse() };
    await attack(BATCHES - WARM_UP_BATCHES);
    await expectNothingKept(before);
  }, 300_000);

  it('that are hardly HTTP: each is answered, and the connection ends', async () => {
    const before = { memory: memoryInUse(), handles: handlesInUse() };
    await fc.assert(
      fc.asyncProperty(
        fc.array(brokenBytes(bearers), { minLength: BROKEN_BATCH, maxLength: BROKEN_BATCH, size: 'max' }),
        async (batch) => {
          const answers = await Promise.all(batch.map((bytes) => answersToBytes(service.url, bytes)));
          for (const [index, got] of answers.entries()) {
            if (got.length === 0) throw new Error(`no answer to ${JSON.stringify(batch[index]?.toString('latin1'))}`);
            for (const answer of got) expectFit(answer, statuses);
          }
          expectQuietLog();
        },
      ),
      { numRuns: BROKEN_BATCHES },
    );
    await expectNothingKept(before);
  }, 300_000);
});

describe('afterwards', () => {
  it('enough was answered, in many ways, to be worth something', () => {
    expect(statuses.total).toBeGreaterThanOrEqual(WANTED_ANSWERS);
    for (const status of WANTED_STATUSES) expect(statuses.seen).toContain(status);
  });

  it('no prototype was changed', () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('players are served', async () => {
    expect((await service.ask('alice', { contentId: 'sintel', drm: 'playready' })).status).toBe(200);
    expect((await service.http().get('/health/ready')).status).toBe(200);
  });
});
