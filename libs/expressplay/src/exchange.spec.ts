import { describe, expect, it } from 'vitest';
import { failureOf, withClient } from '../test-support/client.js';
import { withHttpServer } from '../test-support/local-server.js';
import { playReadyRequest } from '../test-support/requests.js';
import type { ExchangeWrapper } from './exchange.js';
import { RefusedError } from './errors.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a wrapper around exchanges', () => {
  it.each([
    ['a traceparent', TRACEPARENT, TRACEPARENT],
    ['nothing', undefined, undefined],
    ['another header behind it', `${TRACEPARENT}\r\nX-Other: 1`, undefined],
    ['something else', 'Bearer abc', undefined],
    ['upper case', TRACEPARENT.toUpperCase(), undefined],
  ])('that says %s', async (_, said, sent) => {
    await withHttpServer(
      (response) => response.writeHead(400, { 'X-ExpressPlay-Event-Code': '-2002' }).end(),
      (server) =>
        withClient(
          server,
          async (client) => {
            await failureOf(client, playReadyRequest());
            expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([sent]);
            expect(server.requests[0]?.headers['x-other']).toBeUndefined();
          },
          { aroundExchange: (_exchange, send) => send(said) },
        ),
    );
  });

  it('is told the service and the URL, and sees the failure', async () => {
    const told: unknown[] = [];
    const aroundExchange: ExchangeWrapper = async (exchange, send) => {
      told.push(exchange);
      try {
        return await send();
      } catch (error) {
        told.push(error);
        throw error;
      }
    };
    await withHttpServer(
      (response) => response.writeHead(404).end('nothing here'),
      (server) =>
        withClient(
          server,
          async (client) => {
            await failureOf(client, playReadyRequest());
            expect(told).toEqual([
              { service: 'playready', url: `${server.url}/hms/pr/token` },
              expect.any(RefusedError),
            ]);
          },
          { aroundExchange },
        ),
    );
  });
});
