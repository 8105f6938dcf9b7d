import { once } from 'node:events';
import { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { raw } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start({ environment: { MANAGEMENT_PORT: '0' } });
});
afterAll(() => service.stop());

it('slow readers of large answers hold one copy of them together, and leave nothing behind', async () => {
  const READERS = 20;
  const { port } = new URL(service.managementUrl);
  // More than the kernel takes for the reader: 1.5 MB, eight times. Counting them collects what is garbage.
  const asked = raw(['GET /docs/swagger-ui-bundle.js HTTP/1.1', 'Host: a']).repeat(8);
  const responses = () => queryObjects(ServerResponse, { format: 'count' });
  // Libraries that are there for tests inherit from the class.
  const others = responses();
  const heaps: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = process.memoryUsage().arrayBuffers;
    const readers = await Promise.all(
      Array.from({ length: READERS }, async () => {
        const socket = connect(Number(port), '127.0.0.1').pause();
        socket.write(asked);
        await once(socket, 'readable');
        return socket;
      }),
    );
    expect(responses()).toBeGreaterThan(READERS);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    for (const reader of readers) reader.destroy();
    await expect.poll(responses, { timeout: 10_000, interval: 250 }).toBe(others);
    heaps.push(process.memoryUsage().heapUsed);
  }
  expect(heaps[2]! - heaps[0]!).toBeLessThan(5_000_000);
}, 60_000);
