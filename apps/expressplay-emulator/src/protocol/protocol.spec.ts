import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';

const PLAYER = 'https://player.example';

const LOOPBACK = ['http://localhost:8080', 'https://localhost', 'http://127.0.0.1:9000', 'http://[::1]:5173'];

let emulator: RunningEmulator;

beforeAll(async () => {
  emulator = await startEmulator(new Date('2026-11-21T10:00:00.000Z'));
});

afterAll(() => emulator.close());

async function preflight(path: string, method: string, origin: string): Promise<Headers> {
  const headers = {
    Origin: origin,
    'Access-Control-Request-Method': method,
    'Access-Control-Request-Headers': 'content-type, soapaction',
  };
  return (await fetch(`${emulator.url}${path}`, { method: 'OPTIONS', headers })).headers;
}

describe('pages of browsers', () => {
  it.each(['/playready/RightsManager.asmx', '/hms/fp/rights/', '/hms/wv/rights/'])(
    '%s gives licences to all',
    async (path) => {
      for (const origin of [PLAYER, 'capacitor://localhost', ...LOOPBACK]) {
        const allowed = await preflight(path, 'POST', origin);
        expect(allowed.get('access-control-allow-origin')).toBe(origin);
        expect(allowed.get('access-control-allow-methods')).toContain('POST');
        expect(allowed.get('access-control-allow-headers')).toBe('*');
        // A refusal is to be read too.
        const answer = await fetch(`${emulator.url}${path}?ExpressPlayToken=x`, {
          method: 'POST',
          headers: { Origin: origin },
        });
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      }
    },
  );

  it.each([
    ['/emulator/faults', 'PUT'],
    ['/emulator/requests', 'GET'],
  ])('%s is for those of this machine', async (path, method) => {
    for (const origin of LOOPBACK) {
      const allowed = await preflight(path, method, origin);
      expect(allowed.get('access-control-allow-origin')).toBe(origin);
      expect(allowed.get('access-control-allow-methods')).toContain(method);
    }
    for (const origin of [PLAYER, 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null']) {
      expect((await preflight(path, method, origin)).has('access-control-allow-origin')).toBe(false);
    }
  });

  it.each(['/hms/pr/token', '/hms/fp/token', '/hms/wv/token'])('%s is for none', async (path) => {
    for (const origin of [PLAYER, ...LOOPBACK]) {
      expect((await preflight(path, 'POST', origin)).has('access-control-allow-origin')).toBe(false);
    }
  });
});
