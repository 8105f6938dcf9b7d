// What a request's trace holds, and how it joins those of others.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { InFlight } from '../../apps/entitlement/src/overload.js';
import { REACHED_MS, type TracedAnswer, TracedService } from './traced-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

let traced: TracedService;
beforeAll(async () => {
  traced = await TracedService.start({ pauses: { balanceMs: 1 } });
});
afterAll(() => traced.stop());
beforeEach(() => {
  traced.sent.splice(0);
});

async function emulatorFault(fault: object): Promise<void> {
  await fetch(`${traced.service.emulator.url}/emulator/faults`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ service: 'any', times: 1, fault }),
  });
}

describe('the trace of a granted token', () => {
  it('has a span for the request, each stage and the exchange with ExpressPlay', async () => {
    const answer = await traced.ask('alice', PLAYREADY);
    const spans = await traced.trace(answer);
    const request = spans['POST /v1/license-tokens'];
    expect(Object.keys(spans).toSorted()).toEqual(
      ['POST /v1/license-tokens', 'bearer', 'decision', 'expressplay.token', 'ledger'].toSorted(),
    );
    expect(request).toMatchObject({ kind: 2, status: 0, parentSpanId: undefined });
    for (const [name, span] of Object.entries(spans)) {
      expect(span.traceId).toBe(request?.traceId);
      if (name !== request?.name) expect(span.parentSpanId).toBe(request?.spanId);
      expect(span.extras).toEqual([]);
    }
  });

  it('says what was decided, in the words of the ledger, and nothing about the user', async () => {
    const answer = await traced.ask('alice', PLAYREADY);
    const spans = await traced.trace(answer);
    expect(spans['POST /v1/license-tokens']?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/license-tokens',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'entitlement.request_id': answer.requestId,
      'entitlement.issuance_id': answer.body['id'],
      'entitlement.drm': 'playready',
      'entitlement.decision': 'granted',
    });
    expect(spans['expressplay.token']).toMatchObject({ kind: 3, status: 0 });
    expect(spans['expressplay.token']?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': expect.any(Number),
      'entitlement.drm': 'playready',
    });
    for (const stage of ['bearer', 'decision', 'ledger'])
      expect(spans[stage]).toMatchObject({ kind: 1, attributes: {} });
    expect(JSON.stringify(Object.values(spans))).not.toContain('alice');
  });

  it('is told under the name of the service, and nothing of the machine', async () => {
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY));
    expect(Object.keys(spans['bearer']?.resource ?? {}).toSorted()).toEqual(
      ['service.name', 'service.version', 'telemetry.sdk.language', 'telemetry.sdk.name'].toSorted(),
    );
    expect(spans['bearer']?.resource['service.name']).toBe('expressplay-entitlement-bff');
  });

  it('has its stages when the body comes later than the headers', async () => {
    const requestId = randomUUID();
    const body = JSON.stringify(PLAYREADY);
    const bearer = await traced.service.issuer.token('alice');
    const request = httpRequest(`${traced.service.url}/v1/license-tokens`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${bearer}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'X-Request-Id': requestId,
        Expect: '100-continue',
      },
    });
    request.on('continue', () => request.end(body)).flushHeaders();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    const spans = await traced.trace({ requestId });
    expect(Object.keys(spans)).toEqual(expect.arrayContaining(['bearer', 'decision', 'expressplay.token', 'ledger']));
  });

  it('is one for each of two identical requests, which have the id of the token that they share', async () => {
    const { wires } = traced.service;
    const ask = () => traced.ask('alice', { contentId: 'sintel', drm: 'widevine' });
    let second: Promise<TracedAnswer> | undefined;
    const held = wires.emulator.onceForwarded(async () => {
      second = ask();
      // The first one is held on its way to ExpressPlay until the second one has been let in.
      await vi.waitFor(() => expect(traced.service.app.get(InFlight, { strict: false }).count).toBe(2), REACHED_MS);
    });
    const first = await ask();
    await held;
    const [one, two] = [await traced.trace(first), await traced.trace(await second!)];
    const [own, shared] = [one['POST /v1/license-tokens'], two['POST /v1/license-tokens']];
    expect(shared?.traceId).not.toBe(own?.traceId);
    expect(shared?.attributes).toMatchObject({
      'entitlement.issuance_id': own?.attributes['entitlement.issuance_id'],
      'entitlement.shared': true,
    });
    expect([one, two].map((spans) => 'expressplay.token' in spans)).toEqual([true, false]);
  });
});

describe('context that comes in', () => {
  it('makes the request a part of the trace of the caller', async () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=a1' };
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY, headers));
    expect(spans['POST /v1/license-tokens']).toMatchObject({
      traceId: TRACE,
      parentSpanId: SPAN,
      traceState: 'vendor=a1',
    });
    expect(spans['ledger']?.traceId).toBe(TRACE);
  });

  it.each([
    ['with a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['of a version that cannot be', `ff-${TRACE}-${SPAN}-01`],
    ['in upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['very long', `00-${TRACE}-${SPAN}-01${'0'.repeat(4000)}`],
    ['of something else', `'; DROP TABLE issuance; --`],
  ])('%s is ignored', async (_, traceparent) => {
    const answer = await traced.ask('alice', PLAYREADY, { traceparent });
    expect(answer.status).toBe(200);
    const request = (await traced.trace(answer))['POST /v1/license-tokens'];
    expect(request?.parentSpanId).toBeUndefined();
    expect(request?.traceId).toMatch(/^(?!4bf92f|0{32})[0-9a-f]{32}$/);
  });
});

describe('context that goes out', () => {
  it('names the span of the exchange to ExpressPlay, and is all that it gets', async () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'vendor=a1', baggage: 'user=alice' };
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY, headers));
    const [sent] = traced.sent;
    expect(sent?.['traceparent']).toBe(`00-${TRACE}-${spans['expressplay.token']?.spanId}-01`);
    expect(sent?.['tracestate']).toBeUndefined();
    expect(sent?.['baggage']).toBeUndefined();
  });
});

describe('failures', () => {
  it('of callers have their problem code and no fault', async () => {
    const answer = await traced.ask('nobody-who-bought', PLAYREADY);
    expect(answer.body['code']).toBe('not-entitled');
    const request = (await traced.trace(answer))['POST /v1/license-tokens'];
    expect(request).toMatchObject({ status: 0, extras: [] });
    expect(request?.attributes).toMatchObject({
      'http.response.status_code': 403,
      'error.type': 'not-entitled',
      'entitlement.decision': 'denied',
      'entitlement.reason': 'no-purchase',
      'entitlement.issuance_id': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('of authentication are told on the stage and the request', async () => {
    const answer = await traced.call('POST', '/v1/license-tokens', { Authorization: 'Bearer nonsense' }, PLAYREADY);
    const spans = await traced.trace(answer);
    for (const name of ['bearer', 'POST /v1/license-tokens']) {
      expect(spans[name]).toMatchObject({ status: 0, extras: [], attributes: { 'error.type': 'unauthenticated' } });
    }
  });

  it('of ExpressPlay have its event code', async () => {
    await emulatorFault({ kind: 'event', code: -2019 });
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY));
    expect(spans['expressplay.token']).toMatchObject({
      status: 2,
      extras: [],
      attributes: { 'error.type': '-2019', 'expressplay.code': -2019, 'http.response.status_code': expect.any(Number) },
    });
    expect(spans['POST /v1/license-tokens']).toMatchObject({
      status: 2,
      extras: [],
      attributes: {
        'http.response.status_code': 503,
        'error.type': 'token-balance-exhausted',
        'entitlement.decision': 'failed',
        'entitlement.reason': 'token-balance-exhausted',
        'expressplay.code': -2019,
      },
    });
  });

  it('of the connection have their reason', async () => {
    await emulatorFault({ kind: 'reset' });
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY));
    expect(spans['expressplay.token']).toMatchObject({ status: 2, attributes: { 'error.type': 'reset' } });
    expect(spans['expressplay.token']?.attributes).not.toHaveProperty('http.response.status_code');
  });

  it('of callers who hang up are told as such', async () => {
    await emulatorFault({ kind: 'hang' });
    const requestId = randomUUID();
    const impatience = new AbortController();
    const call = fetch(`${traced.service.url}/v1/license-tokens`, {
      method: 'POST',
      signal: impatience.signal,
      headers: {
        Authorization: `Bearer ${await traced.service.issuer.token('alice')}`,
        'Content-Type': 'application/json',
        'X-Request-Id': requestId,
      },
      // Not what other tests ask for, which would wait for the same exchange.
      body: JSON.stringify({ contentId: 'sintel', drm: 'fairplay' }),
    });
    await vi.waitFor(() => expect(traced.sent).toHaveLength(1), REACHED_MS);
    impatience.abort();
    await expect(call).rejects.toThrow('aborted');
    const request = (await traced.trace({ requestId }))['POST /v1/license-tokens'];
    expect(request).toMatchObject({ status: 0, attributes: { 'error.type': 'aborted' } });
    expect(request?.attributes).not.toHaveProperty('http.response.status_code');
  });

  it('of the ledger keep the id that ExpressPlay knows the token by', async () => {
    const { wires, log } = traced.service;
    log.clear();
    const cut = wires.emulator.onceForwarded(() => wires.postgres.stop());
    const answer = await traced.ask('alice', PLAYREADY);
    await cut;
    await wires.postgres.start();
    expect(answer.status).toBe(503);
    const spans = await traced.trace(answer);
    expect(spans['ledger']).toMatchObject({ status: 2, attributes: { 'error.type': 'service-unavailable' } });
    const id = spans['POST /v1/license-tokens']?.attributes['entitlement.issuance_id'];
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const line = log.lines.find((one) => one['requestId'] === answer.requestId && one['response'] !== undefined);
    expect(line?.['issuanceId']).toBe(id);
  });
});

describe('names of spans', () => {
  it.each([
    ['GET', '/v1/entitlements/sintel?secret=canary', 'GET /v1/entitlements/:contentId', '/v1/entitlements/:contentId'],
    ['GET', '/v1/nothing/here/canary', 'GET', undefined],
    ['DELETE', '/v1/license-tokens', 'DELETE', undefined],
  ])('%s %s is %s', async (method, path, name, route) => {
    const spans = await traced.trace(await traced.call(method, path));
    expect(Object.keys(spans)).toContain(name);
    expect(spans[name]?.attributes['http.route']).toBe(route);
    expect(JSON.stringify(Object.values(spans))).not.toContain('canary');
  });

  it.each(['/health/live', '/health/ready', '/metrics'])('%s has none', async (path) => {
    const { requestId } = await traced.call('GET', path);
    await traced.trace(await traced.call('GET', '/v1/entitlements'));
    expect(traced.collector.ofRequest(requestId)).toEqual([]);
  });
});

describe('the log', () => {
  it('has the ids of the trace on every line of the request', async () => {
    const { log } = traced.service;
    log.clear();
    await emulatorFault({ kind: 'event', code: -2018 });
    const answer = await traced.ask('alice', PLAYREADY);
    const spans = Object.values(await traced.trace(answer));
    const request = spans.find(({ kind }) => kind === 2);
    const lines = log.lines.filter((line) => line['requestId'] === answer.requestId);
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      expect(line).toMatchObject({ traceId: request?.traceId, traceFlags: '01' });
      expect(spans.map(({ spanId }) => spanId)).toContain(line['spanId']);
    }
    expect(lines.find((line) => line['response'] !== undefined)?.['spanId']).toBe(request?.spanId);
    // The line of a request before this one may still be to come when this begins.
    expect(log.lines.filter(({ traceId }) => traceId === request?.traceId)).toEqual(lines);
  });
});
