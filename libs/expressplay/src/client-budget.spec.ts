import { Budget } from '@app/platform/clock';
import { describe, expect, it, vi } from 'vitest';
import { withClient } from '../test-support/client.js';
import { withHttpServer } from '../test-support/local-server.js';
import { PAIR, playReadyRequest } from '../test-support/requests.js';
import { CustomerAuthenticator } from './authenticators.js';
import type { ExpressPlayClient } from './client.js';
import { QueueTimeoutError, type RefusedError } from './errors.js';

describe('asking for a token within a budget', () => {
  it('takes no longer than the budget of whoever waits', async () => {
    await withHttpServer(
      () => undefined,
      async (server) => {
        const asked = withClient(server, (client) => client.requestToken(playReadyRequest(), new Budget(200)), {
          timeoutMs: 60_000,
        });
        await expect(asked).rejects.toMatchObject({ kind: 'transport', reason: 'timeout' });
        expect(server.requests).toHaveLength(1);
      },
    );
  });

  it.each([
    ['nobody waits for any more', Infinity, { name: 'AbandonedError' }],
    ['there is no time for', 0, { kind: 'transport', reason: 'timeout' }],
  ])('sends nothing that %s', async (_, milliseconds, error) => {
    await withHttpServer(
      (response) => response.end(PAIR),
      async (server) => {
        const budget = new Budget(milliseconds);
        if (milliseconds > 0) budget.abandon();
        const asked = withClient(server, (client) => client.requestToken(playReadyRequest(), budget));
        await expect(asked).rejects.toMatchObject(error);
        expect(server.requests).toEqual([]);
      },
    );
  });

  it.each([
    ['nobody waits for any more', 0, { name: 'AbandonedError' }],
    ['has waited for it for most of its time', 8500, expect.any(QueueTimeoutError)],
  ])('sends nothing when there is a connection that %s', async (_, waitedMs, error) => {
    const now = performance.now.bind(performance);
    let passedMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    const budgets = [new Budget(10_000), new Budget(10_000)] as const;
    await withHttpServer(
      (response) => {
        passedMs = waitedMs;
        if (waitedMs === 0) budgets[1].abandon();
        response.end(PAIR);
      },
      async (server) => {
        const outcomes = await withClient(
          server,
          async (client) => {
            const two = budgets.map((budget) => client.requestToken(playReadyRequest(), budget));
            return [...(await Promise.allSettled(two)), await client.requestToken(playReadyRequest())];
          },
          { maxConnections: 1, timeoutMs: 10_000 },
        );
        clock.mockRestore();
        expect(outcomes).toMatchObject([
          { status: 'fulfilled' },
          { status: 'rejected', reason: error },
          { token: 'AQAA' },
        ]);
        expect([server.requests.length, server.connections()]).toEqual([2, 1]);
      },
    );
  });

  it.each([
    ['all of its time', 0, ['TransportError', 'QueueTimeoutError']],
    ['most of its time', 1, ['IssuedToken', 'QueueTimeoutError']],
  ])('tells what waited for its answer from what waited for a connection for %s', async (_, answers, ends) => {
    const now = performance.now.bind(performance);
    let passedMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    await withHttpServer(
      (response) => {
        if (answers === 0 || passedMs > 0) return;
        passedMs = 1600;
        response.end(PAIR);
      },
      async (server) => {
        const end = (client: ExpressPlayClient) =>
          client.requestToken(playReadyRequest()).then(
            () => 'IssuedToken',
            (error: Error) => error.constructor.name,
          );
        const both = (client: ExpressPlayClient) => Promise.all([end(client), end(client)]);
        expect(await withClient(server, both, { maxConnections: 1, timeoutMs: 3000 })).toEqual(ends);
      },
    );
    clock.mockRestore();
  });

  it('waits for the answer to what was sent, although nobody waits any more', async () => {
    const budget = new Budget(Infinity);
    await withHttpServer(
      (response) => {
        budget.abandon();
        response.end(PAIR);
      },
      async (server) => {
        const issued = await withClient(server, (client) => client.requestToken(playReadyRequest(), budget));
        expect(issued.token).toBe('AQAA');
      },
    );
  });

  it.each([
    [300, 'what is left', ['1', '2'], 'AQAA'],
    [6000, 'nothing, for more than half is gone', ['1'], -2018],
  ])('gives a second authenticator, when the first was refused after %i of 10000 ms, %s', async (ms, _, sent, end) => {
    const now = performance.now.bind(performance);
    let passedMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const authenticator = (number: string) => CustomerAuthenticator.parse(`${number},${'0'.repeat(32)}`);
    const pair = { first: authenticator('1'), second: authenticator('2') };
    const customerAuthenticator = { current: () => pair, refresh: () => pair };
    await withHttpServer(
      (response, { body }) => {
        if (body.includes('customerAuthenticator=2')) response.end(PAIR);
        else {
          passedMs = ms;
          response.writeHead(401).end('{"errorCode":-2018}');
        }
      },
      async (server) => {
        const asked = withClient(server, (client) => client.requestToken(playReadyRequest()), {
          customerAuthenticator,
          timeoutMs: 10_000,
        });
        const outcome = await asked.then(
          ({ token }) => token,
          (error: RefusedError) => error.code,
        );
        const deadlines = timers.mock.calls.flatMap(([, delay = 0]) => (delay > 9000 ? [delay] : []));
        timers.mockRestore();
        clock.mockRestore();
        expect(outcome).toBe(end);
        expect(server.requests.map(({ body }) => /customerAuthenticator=(\d)/.exec(body)?.[1])).toEqual(sent);
        expect(deadlines).toHaveLength(sent.length);
        for (const [index, deadline] of deadlines.entries()) expect(deadline).toBeLessThanOrEqual(10_000 - index * ms);
      },
    );
  });
});
