import { EVENT_CODES, type EventCode, isEventCode } from '@app/expressplay';
import { describe, expect, it } from 'vitest';
import { errorFormatOf, EventError, toHtml, toJson } from './errors.js';
import { decodeParameters } from './parameters.js';

const CODES = Object.keys(EVENT_CODES).map(Number).filter(isEventCode);

describe('event errors', () => {
  it.each(CODES)('%i is the first code of its page and the code of its JSON', (code) => {
    const error = new EventError(code, '-9999 < "x"');
    expect(/-\d{4}/.exec(toHtml(error))?.[0]).toBe(String(code));
    expect(JSON.parse(toJson(error))).toEqual({ errorCode: code, errorMessage: error.message });
  });

  const statuses: [EventCode, number][] = [
    [-2017, 401],
    [-2018, 401],
    [-2031, 401],
    [-2030, 500],
    [-4019, 500],
    [-6004, 500],
    [-7008, 500],
    [-2019, 400],
    [-4010, 400],
  ];
  it.each(statuses)('%i answers %i', (code, status) => {
    expect(new EventError(code).status).toBe(status);
  });

  it('carry the detail in the place of the published placeholder', () => {
    expect(new EventError(-2002, '+x').message).toBe('invalid token expiration time: +x');
    expect(new EventError(-3004, 'xml').message).toBe('invalid error format specified: xml');
    expect(new EventError(-2018).message).toBe('authentication token invalid');
  });

  it('do not let a value become markup', () => {
    expect(toHtml(new EventError(-3004, '<script>'))).toContain('&lt;script&gt;');
  });

  it('have no code where there is none', () => {
    const error = { status: 404, message: 'wrong URL' };
    expect(toHtml(error)).not.toMatch(/-\d{4}/);
    expect(JSON.parse(toJson(error))).toEqual({ errorMessage: 'wrong URL' });
  });
});

describe('errorFormatOf', () => {
  const formats: [string, string][] = [
    ['', 'html'],
    ['errorFormat=html', 'html'],
    ['errorFormat=json', 'json'],
    ['errorFormat=xml', 'html'],
  ];
  it.each(formats)('%j -> %s', (query, format) => {
    expect(errorFormatOf(decodeParameters(query, ''))).toBe(format);
  });
});
