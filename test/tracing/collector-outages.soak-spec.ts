// A collector that is down, slow or unwilling costs traces, and no request anything.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FLUSH_TIMEOUT_MS } from '@app/platform/telemetry';
import { REACHED_MS, TracedService } from './traced-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

let traced: TracedService;
beforeEach(async () => {
  traced = await TracedService.start();
});
afterEach(() => traced.stop());

const complaints = () => traced.service.log.lines.filter(({ msg }) => /^(?:Traces|OpenTelemetry)/.test(String(msg)));

async function serves(requests: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: requests }, () => traced.ask('alice', PLAYREADY)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
}

/** Milliseconds that the end of the service takes. */
async function ending(): Promise<number> {
  const begun = performance.now();
  await traced.service.terminate();
  return performance.now() - begun;
}

describe('requests', () => {
  it('are served, and one line in the log tells of a collector that refuses', async () => {
    traced.collector.mode = 500;
    for (let round = 0; round < 3; round += 1) {
      await serves(3);
      await traced.flush();
    }
    await vi.waitFor(() => expect(complaints()).toHaveLength(1), REACHED_MS);
    expect(traced.collector.requests.length).toBeGreaterThan(1);
    const [line] = complaints();
    expect(line).toMatchObject({ level: 'warn', msg: expect.stringContaining('the collector answered 500') });
    // It belongs to no request, whichever one's span filled the queue.
    expect(line).not.toHaveProperty('requestId');
    expect(line).not.toHaveProperty('traceId');
    traced.collector.mode = 200;
    await serves(1);
    await traced.flush();
    expect(complaints().map(({ msg }) => msg)).toEqual([line?.['msg'], expect.stringContaining('exported again')]);
  });

  it('are served while the collector is down', async () => {
    await traced.collector.stop();
    await serves(5);
    await traced.flush();
    await serves(5);
    // It is tried again for some seconds before it is given up.
    await vi.waitFor(() => expect(complaints()).toHaveLength(1), { timeout: 15_000 });
    expect(complaints()[0]).toMatchObject({ level: 'warn', msg: expect.stringContaining('ECONNREFUSED') });
  });

  it('do not wait for a collector that hangs', async () => {
    traced.collector.mode = 'hang';
    await serves(2);
    const flush = traced.flush();
    await vi.waitFor(() => expect(traced.collector.requests).toHaveLength(1), REACHED_MS);
    const begun = performance.now();
    await serves(20);
    expect(performance.now() - begun).toBeLessThan(FLUSH_TIMEOUT_MS);
    await flush;
    expect(complaints()).toEqual([]);
  });
});

describe('the end of the service', () => {
  it('delivers the last spans', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => traced.ask('alice', PLAYREADY)));
    expect(await ending()).toBeLessThan(FLUSH_TIMEOUT_MS);
    for (const { requestId } of answers) {
      expect(traced.collector.ofRequest(requestId).map(({ name }) => name)).toContain('POST /v1/license-tokens');
    }
  });

  it.each([
    ['hangs', () => void (traced.collector.mode = 'hang')],
    ['is down', () => traced.collector.stop()],
  ])('does not wait long for a collector that %s', async (_, fail) => {
    await fail();
    await serves(3);
    expect(await ending()).toBeLessThan(FLUSH_TIMEOUT_MS + 1000);
  });
});
