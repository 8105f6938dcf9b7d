import { describe, expect, it } from 'vitest';
import { callerContext, traceparentOf } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const VALID = `00-${TRACE}-${SPAN}-01`;

describe('callerContext', () => {
  it.each([
    ['sampled', VALID],
    ['not sampled', `00-${TRACE}-${SPAN}-00`],
    ['with flags that are not known yet', `00-${TRACE}-${SPAN}-ff`],
    ['of a later version', `01-${TRACE}-${SPAN}-01`],
    ['of a later version with more to it', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`],
  ])('takes a traceparent %s, without its flag', (_, traceparent) => {
    expect(callerContext({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 0, isRemote: true });
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['given twice', `${VALID}, ${VALID}`],
    ['given as a list', [VALID]],
    ['of a version that cannot be', `ff-${TRACE}-${SPAN}-01`],
    ['of version 00 with more to it', `${VALID}-more`],
    ['with a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['with a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['in upper case', VALID.toUpperCase()],
    ['too short', VALID.slice(0, -1)],
    ['with letters beyond hex', VALID.replace('4bf9', '4bg9')],
    ['with a line break', `${VALID}\r\nX-Other: 1`],
    ['very long', `01-${TRACE}-${SPAN}-01-${'a'.repeat(300)}`],
    ['something else', `Bearer ${TRACE}`],
  ])('ignores one that is %s', (_, traceparent) => {
    expect(callerContext({ traceparent, tracestate: 'vendor=1' })).toBeUndefined();
  });

  it.each([
    ['well formed', 'vendor=a1,other@system=b:2', 'vendor=a1,other@system=b:2'],
    ['partly malformed', 'vendor=a1,=,Other=b', 'vendor=a1'],
    ['malformed', '===', undefined],
    ['empty', '', undefined],
    ['too long', `vendor=${'a'.repeat(600)}`, undefined],
    ['with what looks like a secret', `vendor=${'0123456789abcdef'.repeat(2)}`, undefined],
  ])('keeps a tracestate that is %s as it can', (_, tracestate, kept) => {
    expect(callerContext({ traceparent: VALID, tracestate })?.traceState?.serialize()).toBe(kept);
  });
});

describe('traceparentOf', () => {
  it.each([
    [0, '00'],
    [1, '01'],
  ])('writes the flag %d as %s', (traceFlags, flags) => {
    expect(traceparentOf({ traceId: TRACE, spanId: SPAN, traceFlags })).toBe(`00-${TRACE}-${SPAN}-${flags}`);
  });
});
