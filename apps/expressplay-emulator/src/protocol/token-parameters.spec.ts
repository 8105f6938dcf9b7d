import { describe, expect, it } from 'vitest';
import { decodeParameters } from './token-parameters.js';

describe('decodeParameters', () => {
  it('decodes %2B to a plus and + to a space', () => {
    const parameters = decodeParameters('expirationTime=%2B60', 'rental.periodEndTime=+60');
    expect(parameters.get('expirationTime')).toBe('+60');
    expect(parameters.get('rental.periodEndTime')).toBe(' 60');
  });

  it('keeps repeated parameters in order, the query’s before the body’s', () => {
    const parameters = decodeParameters('fpExtension=a&kid=1', 'fpExtension=b&fpExtension=c&kid=2');
    expect(parameters.getAll('fpExtension')).toEqual(['a', 'b', 'c']);
    expect(parameters.get('kid')).toBe('1');
  });

  it('tells names apart by case', () => {
    const parameters = decodeParameters('KID=1', '');
    expect(parameters.has('kid')).toBe(false);
    expect(parameters.has('KID')).toBe(true);
  });

  it('marks bytes that are not UTF-8', () => {
    expect(decodeParameters('', 'cookie=%ff').get('cookie')).toBe('\uFFFD');
  });
});

describe('redacted parameters', () => {
  it('hide every secret, in any spelling, and show the rest', () => {
    const query = 'customerAuthenticator=s1&contentKey=s2&kek=s3&ek=s4&contentkey=s5&contentKey.0=s6&ek=s7&kid=1&iv=2';
    const shown = decodeParameters(query, '').redacted();
    expect(JSON.stringify(shown)).not.toMatch(/s\d/);
    expect(shown).toMatchObject({ kid: '1', iv: '2', kek: '[redacted]', ek: ['[redacted]', '[redacted]'] });
  });

  it('survive names that objects already have', () => {
    const shown = decodeParameters('__proto__=1&constructor=2', '').redacted();
    expect(JSON.parse(JSON.stringify(shown))).toEqual(JSON.parse('{"__proto__":"1","constructor":"2"}'));
  });
});
