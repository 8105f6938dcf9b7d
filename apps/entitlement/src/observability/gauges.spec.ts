import { describe, expect, it } from 'vitest';
import { processMetrics } from './gauges.js';

describe('processMetrics', () => {
  it('are there once, however many applications ask, and keep no process alive', async () => {
    const before = process.getActiveResourcesInfo().length;
    const first = processMetrics();
    expect(processMetrics()).toBe(first);
    expect(process.getActiveResourcesInfo()).toHaveLength(before);
    expect(await first.metrics()).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  });
});
