import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import { NodeTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it } from 'vitest';
import { OwnSampler } from './own-sampler.js';

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
