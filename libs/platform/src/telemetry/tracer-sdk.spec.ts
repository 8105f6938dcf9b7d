import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SamplingDecision,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OwnSampler, startTracerSdk, Throttle, THROTTLE_MS, WatchedExporter } from './tracer-sdk.js';

const LOWEST = '00000000000000000000000000000001';
const HIGHEST = 'ffffffffffffffffffffffffffffffff';

const calledWith = (traceId: string, traceFlags: number) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '00f067aa0ba902b7', traceFlags, isRemote: true });

const decisions = (ratio: number, context = ROOT_CONTEXT, draws = [0, 0.25, 0.5, 0.75, 0.999]) =>
  draws.map((draw) => new OwnSampler(ratio, () => draw).shouldSample(context).decision);

const KEEP = SamplingDecision.RECORD_AND_SAMPLED;
const DROP = SamplingDecision.NOT_RECORD;

describe('OwnSampler', () => {
  it.each([
    [0, [DROP, DROP, DROP, DROP, DROP]],
    [0.5, [KEEP, KEEP, DROP, DROP, DROP]],
    [1, [KEEP, KEEP, KEEP, KEEP, KEEP]],
  ])('keeps the share %d', (ratio, expected) => {
    expect(decisions(ratio)).toEqual(expected);
  });

  it.each([
    [LOWEST, TraceFlags.SAMPLED],
    [LOWEST, TraceFlags.NONE],
    [HIGHEST, TraceFlags.SAMPLED],
    [HIGHEST, TraceFlags.NONE],
  ])('decides alike for the trace id %s with the flag %d', (traceId, flag) => {
    expect(decisions(0.5, calledWith(traceId, flag))).toEqual(decisions(0.5));
  });

  it('goes with the request for the spans within it', () => {
    for (const [requestDraw, decision] of [
      [0.1, KEEP],
      [0.9, DROP],
    ] as const) {
      const draws = [requestDraw, 0.5];
      const sampler = new OwnSampler(0.3, () => draws.shift() ?? 0);
      const request = new NodeTracerProvider({ sampler }).getTracer('test').startSpan('request', {}, ROOT_CONTEXT);
      expect(sampler.shouldSample(trace.setSpan(ROOT_CONTEXT, request)).decision).toBe(decision);
    }
  });
});

it.each([
  [undefined, 'bff'],
  ['licences', 'licences'],
])("with OpenTelemetry's own OTEL_SERVICE_NAME=%s traces are of %s", async (variable, expected) => {
  vi.stubEnv('OTEL_SERVICE_NAME', variable);
  const log = { warn: () => undefined, log: () => undefined };
  const sdk = startTracerSdk({ endpoint: 'http://127.0.0.1:1', serviceName: 'bff', ratio: 1, log });
  vi.unstubAllEnvs();
  const span = sdk.tracer.startSpan('request') as unknown as ReadableSpan;
  await sdk.shutdown();
  expect(span.resource?.attributes['service.name']).toBe(expected);
});

const ended = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(ended)] }).getTracer('test').startSpan('span').end();

const SECRET = 'what the collector says';

describe('WatchedExporter', () => {
  const lines: string[] = [];
  let now = 0;
  let error: Error | undefined;
  const inner: SpanExporter = {
    export: (_spans, done) => done(error === undefined ? { code: 0 } : { code: 1, error }),
    shutdown: () => Promise.resolve(),
  };
  const log = { warn: (line: string) => void lines.push(`warn ${line}`), log: (line: string) => void lines.push(line) };
  let exporter: WatchedExporter;
  const send = () => new Promise((resolve) => exporter.export(ended.getFinishedSpans(), resolve));

  beforeEach(() => {
    lines.splice(0);
    error = undefined;
    exporter = new WatchedExporter(inner, log, new Throttle(() => now));
  });

  it('says nothing of what is delivered', async () => {
    await send();
    expect(lines).toEqual([]);
  });

  it('tells of failures once in five minutes, and of the end of them', async () => {
    error = Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' });
    for (let second = 0; second < 10; second += 1) await send();
    expect(lines).toEqual(['warn Traces cannot be exported: ECONNREFUSED; spans lost so far: 1']);
    now += THROTTLE_MS;
    await send();
    expect(lines).toHaveLength(2);
    error = undefined;
    await send();
    await send();
    expect(lines.slice(2)).toEqual(['Traces are exported again; spans lost so far: 11']);
  });

  it('is not made to say more by a collector that comes and goes', async () => {
    const failure = Object.assign(new Error(SECRET), { code: 503 });
    for (let time = 0; time < 20; time += 1) {
      error = time % 2 === 0 ? failure : undefined;
      await send();
    }
    expect(lines).toHaveLength(2);
  });

  it.each([
    [Object.assign(new Error(SECRET), { code: 500, data: SECRET }), 'the collector answered 500'],
    [Object.assign(new Error(SECRET), { code: SECRET }), 'the collector did not take them in time'],
    [new Error(SECRET), 'the collector did not take them in time'],
  ])('names %o without its text', async (failure, reason) => {
    error = failure;
    await send();
    expect(lines).toEqual([`warn Traces cannot be exported: ${reason}; spans lost so far: 1`]);
  });

  it('keeps failures from the SDK, which would log each', async () => {
    error = new Error(SECRET);
    expect(await send()).toEqual({ code: 0 });
  });
});
