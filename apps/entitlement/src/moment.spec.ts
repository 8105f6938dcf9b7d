import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMoment } from './moment.js';

describe('a moment', () => {
  it.each([
    ['2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21t10:00:00z', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T10:00:00.5+01:30', '2026-11-21T08:30:00.500Z'],
    ['2026-11-21T23:59:59.123456789-00:30', '2026-11-22T00:29:59.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, moment) => {
    expect(parseMoment(text)?.toISOString()).toBe(moment);
  });

  it.each([
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-11-21 10:00:00Z',
    '2026-11-21T10:00Z',
    '2026-02-29T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T10:60:00Z',
    '2026-11-21T10:00:60Z',
    '2026-11-21T10:00:00.Z',
    '2026-11-21T10:00:00+24:00',
    '2026-11-21T10:00:00+0100',
    '1969-12-31T23:59:59Z',
    '0099-12-31T23:59:59Z',
    '9999-12-31T23:59:59-00:01',
    '+12026-11-21T10:00:00Z',
    ' 2026-11-21T10:00:00Z',
    '',
  ])('%j is none', (text) => {
    expect(parseMoment(text)).toBeUndefined();
  });

  it('is read as it was written, whatever it is', () => {
    const moments = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (moment) => {
        expect(parseMoment(moment.toISOString())).toEqual(moment);
      }),
    );
  });
});
