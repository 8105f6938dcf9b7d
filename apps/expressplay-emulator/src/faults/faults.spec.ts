import { request as httpRequest } from 'node:http';
import { eventCodesOf } from '@app/expressplay';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../inspection/records.js';
import { askForToken, authenticatorOf, control, outcomeOfAnswer, shown, TOKEN_PATH } from '../testing/ask.js';
import { type RunningEmulator, startEmulator } from '../testing/running-emulator.js';
import { VALID } from '../testing/valid-requests.js';

type Service = keyof typeof VALID;

let emulator: RunningEmulator;
beforeAll(async () => {
  emulator = await startEmulator(new Date('2026-11-21T10:00:00Z'));
});
afterAll(() => emulator.close());
beforeEach(async () => {
  await control(emulator.url, 'DELETE', 'faults');
  await control(emulator.url, 'DELETE', 'requests');
});

const ask = (service: Service = 'playready', changes = {}) =>
  askForToken(emulator.url, service, { ...VALID[service], ...changes });
const put = async (fault: object, times: number | undefined = 1, service: Service | 'any' = 'any') => {
  const response = await control(emulator.url, 'PUT', 'faults', { service, times, fault });
  expect([response.status, await response.text()]).toEqual([204, '']);
};
const outcomes = async () => (await shown<ReceivedRequest[]>(emulator.url, 'requests')).map(({ outcome }) => outcome);

describe('faults of an event code', () => {
  const documented = (['playready', 'fairplay', 'widevine'] as const).map(
    (service) => [service, eventCodesOf(service)] as const,
  );
  it.each(documented)('%s: every documented code, in both formats', async (service, codes) => {
    expect(codes.length).toBeGreaterThan(30);
    for (const code of codes) {
      await put({ kind: 'event', code }, 2, service);
      const html = await ask(service, { errorFormat: 'html' });
      expect(/-\d{4}/.exec(await html.text())?.[0]).toBe(String(code));
      expect(await outcomeOfAnswer(await ask(service))).toEqual([html.status, code]);
    }
    expect((await outcomes()).slice(0, 2)).toEqual([codes[0], codes[0]]);
  });

  it('may be of a code that is not documented', async () => {
    await put({ kind: 'event', code: -9876 });
    expect(await outcomeOfAnswer(await ask())).toEqual([400, -9876]);
  });

  it('come before every check, and spend nothing', async () => {
    await put({ kind: 'event', code: -2030 }, 3);
    const customerAuthenticator = authenticatorOf('counts-down');
    for (let time = 0; time < 3; time += 1) {
      expect(await outcomeOfAnswer(await ask('playready', { customerAuthenticator }))).toEqual([500, -2030]);
    }
    for (let time = 0; time < 3; time += 1) expect((await ask('playready', { customerAuthenticator })).ok).toBe(true);
  });
});

describe('other faults', () => {
  it('answer a status without a code', async () => {
    await put({ kind: 'status', status: 503 });
    expect(await outcomeOfAnswer(await ask())).toEqual([503, undefined]);
    expect(await outcomes()).toEqual(['fault:status']);
  });

  it('answer late, and then as always', async () => {
    await put({ kind: 'latency', milliseconds: 60 });
    const before = performance.now();
    expect((await ask()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(55);
    expect(await outcomes()).toEqual(['issued']);
  });

  const broken: [string, RegExp][] = [
    ['reset', /ECONNRESET|socket hang up/],
    ['truncated', /terminated|aborted|ECONNRESET|other side closed/],
  ];
  it.each(broken)('%s breaks the connection', async (kind, message) => {
    await put({ kind });
    const reason = await ask()
      .then((response) => response.text())
      .catch((error: Error) => `${error.message} ${String(error.cause)}`);
    expect(reason).toMatch(message);
    expect(await outcomes()).toEqual([`fault:${kind}`]);
  });

  const bodies: [string, (body: Buffer) => void][] = [
    ['empty', (body) => expect(body.length).toBe(0)],
    ['garbage', (body) => expect(() => new TextDecoder('utf-8', { fatal: true }).decode(body)).toThrow(/not valid/)],
    ['oversize', (body) => expect(body.length).toBe(10 * 1024 * 1024)],
  ];
  it.each(bodies)('%s is a whole answer', async (kind, check) => {
    await put({ kind });
    const response = await ask('widevine');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/uri-list']);
    check(Buffer.from(await response.arrayBuffer()));
  });

  it('declare a right answer wrongly', async () => {
    await put({ kind: 'wrong-content-type' });
    const response = await ask('fairplay');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await response.text()).toMatch(/^http.*ExpressPlayToken=[\w-]+$/);
  });

  it('send headers and then nothing', async () => {
    await put({ kind: 'headers-only' });
    const response = await ask();
    expect([response.status, Number(response.headers.get('content-length'))]).toEqual([200, expect.any(Number)]);
    const nothing = await Promise.race([response.text(), control(emulator.url, 'GET', 'health').then(() => 'nothing')]);
    expect(nothing).toBe('nothing');
  });
});

describe('a connection that hangs', () => {
  it('gets nothing, and does not keep the emulator from ending', async () => {
    const other = await startEmulator(new Date('2026-11-21T10:00:00Z'));
    await control(other.url, 'PUT', 'faults', { service: 'any', fault: { kind: 'hang' } });
    const ended = new Promise((resolve) => {
      const request = httpRequest(`${other.url}${TOKEN_PATH.widevine}`, { method: 'GET' });
      request.on('response', resolve).on('error', resolve).end();
    });
    await expect.poll(() => shown<ReceivedRequest[]>(other.url, 'requests')).toMatchObject([{ outcome: 'fault:hang' }]);
    await other.close();
    expect(await ended).toBeInstanceOf(Error);
  });
});

describe('which requests meet a fault', () => {
  const event = { kind: 'event', code: -2030 };

  it('is as many as it says, and all of them when it does not', async () => {
    await put(event, 2);
    expect([(await ask()).ok, (await ask('widevine')).ok, (await ask()).ok]).toEqual([false, false, true]);
    await control(emulator.url, 'PUT', 'faults', { service: 'any', fault: event });
    for (let time = 0; time < 5; time += 1) expect((await ask()).ok).toBe(false);
    expect((await control(emulator.url, 'DELETE', 'faults')).status).toBe(204);
    expect((await ask()).ok).toBe(true);
  });

  it('is those of its service, whose own fault comes first', async () => {
    await put(event, 1, 'widevine');
    await put({ kind: 'status', status: 503 }, 2, 'any');
    expect(await shown(emulator.url, 'faults')).toEqual([
      { service: 'widevine', times: 1, fault: event },
      { service: 'any', times: 2, fault: { kind: 'status', status: 503 } },
    ]);
    const statuses = [await ask('widevine'), await ask('fairplay'), await ask('widevine'), await ask('widevine')];
    expect(statuses.map(({ status }) => status)).toEqual([500, 503, 503, 200]);
    expect(await shown(emulator.url, 'faults')).toEqual([]);
  });

  it('is none of HEAD or of a wrong URL', async () => {
    await put(event, 1);
    expect((await fetch(`${emulator.url}${TOKEN_PATH.playready}`, { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(`${emulator.url}/hms/xx/token`)).status).toBe(404);
    expect((await ask()).status).toBe(500);
  });
});

describe('what asks for a fault', () => {
  const wrong: [string, unknown, string][] = [
    ['no service', { fault: { kind: 'reset' } }, 'service'],
    ['an unknown service', { service: 'primetime', fault: { kind: 'reset' } }, 'service'],
    ['no times at all', { service: 'any', times: 0, fault: { kind: 'reset' } }, 'times'],
    ['no fault', { service: 'any' }, 'fault'],
    ['a list of faults', { service: 'any', fault: [] }, 'fault'],
    ['an unknown kind', { service: 'any', fault: { kind: 'x' } }, 'fault.kind'],
    ['an event without a code', { service: 'any', fault: { kind: 'event' } }, 'fault.code'],
    ['an event of a positive code', { service: 'any', fault: { kind: 'event', code: 2030 } }, 'fault.code'],
    ['a status that is none', { service: 'any', fault: { kind: 'status', status: 99 } }, 'fault.status'],
    ['a negative latency', { service: 'any', fault: { kind: 'latency', milliseconds: -1 } }, 'fault.milliseconds'],
    ['an unknown member', { service: 'any', fault: { kind: 'reset' }, x: 1 }, 'x'],
    ['a member that all objects have', { service: 'any', fault: { kind: 'reset', valueOf: 1 } }, 'fault.valueOf'],
  ];
  it.each(wrong)('is refused with %s, by name', async (_what, body, field) => {
    const response = await control(emulator.url, 'PUT', 'faults', body);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect([response.status, errors.map((error) => error.field)]).toEqual([400, expect.arrayContaining([field])]);
  });
});
