import type { Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { fastifyAdapter } from './index.js';

const NAMES = [
  'requestTimeout',
  'headersTimeout',
  'keepAliveTimeout',
  'keepAliveTimeoutBuffer',
  'maxRequestsPerSocket',
  'maxHeadersCount',
  'maxConnections',
  'timeout',
  // Options that Node keeps for itself.
  'connectionsCheckingInterval',
  'requireHostHeader',
  'maxHeaderSize',
] as const;

function limitsOf(server: Server): Record<string, unknown> {
  const values = server as unknown as Record<string, unknown>;
  return Object.fromEntries(NAMES.map((name) => [name, values[name]]));
}

describe('the listener for management', () => {
  it('has the limits of the other one', () => {
    const limits = { headersTimeoutMs: 4000, keepAliveTimeoutMs: 5000, maxConnections: 6 };
    const adapter = fastifyAdapter({ bodyLimitBytes: 100, limits, managementApart: true });
    const { server } = adapter.getInstance();
    const { managementServer } = adapter;
    expect(limitsOf(managementServer!)).toEqual(limitsOf(server));
    expect(managementServer).toMatchObject({
      // A body has a limit of its own, and an import has none.
      requestTimeout: 0,
      headersTimeout: 4000,
      keepAliveTimeout: 5000,
      maxConnections: 6,
      timeout: 60_000,
    });
  });
});
