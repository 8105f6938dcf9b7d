import { describe, expect, it } from 'vitest';
import { EVENT_CODES, eventCodesOf } from '@app/expressplay';
import { DOCUMENTED_CODES, documentedCodesOf, SERVICES } from './documented-codes.js';

describe('the table of documented codes', () => {
  it('has the counts that are published', () => {
    const [playReady, fairPlay, widevine] = SERVICES.map(documentedCodesOf);
    expect([playReady!.length, fairPlay!.length]).toEqual([36, 40]);
    expect(new Set([...playReady!, ...fairPlay!]).size).toBe(46);
    // Not published as a number; counted in the column.
    expect(widevine!.length).toBe(39);
    expect(new Set(DOCUMENTED_CODES).size).toBe(DOCUMENTED_CODES.length);
  });

  it.each(SERVICES)('agrees with the client about the codes of %s', (service) => {
    expect(eventCodesOf(service).toSorted((a, b) => b - a)).toEqual(documentedCodesOf(service));
  });

  it('agrees with the client about all of them', () => {
    expect(
      Object.keys(EVENT_CODES)
        .map(Number)
        .toSorted((a, b) => b - a),
    ).toEqual(DOCUMENTED_CODES);
  });
});
