import { DomainError } from '@app/platform/problems';
import { describe, expect, it } from 'vitest';
import { parseJsonBody } from './json.js';

const LIMITS = { maxDepth: 3, maxMembers: 10 };

function outcome(body: string | Buffer): unknown {
  try {
    return parseJsonBody(Buffer.from(body), LIMITS);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid-request') throw error;
    return error.detail;
  }
}

describe('parseJsonBody', () => {
  it.each([
    '{}',
    '[]',
    '7',
    '"text"',
    'null',
    '{"a":{"b":["c"]}}',
    '{"a":"{[{[{[,,,,,,,,,,,:"}',
    '{"a":"\\"{{{{","b":"\\\\"}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":1}}',
    '{"proto":1}',
    '{"a":"__proto__"}',
  ])('reads %s', (text) => {
    expect(outcome(text)).toEqual(JSON.parse(text));
  });

  it('takes a byte order mark away', () => {
    expect(outcome('\u{FEFF}{"a":1}')).toEqual({ a: 1 });
  });

  it.each([
    ['nothing', '', 'The body is empty; a JSON object is expected.'],
    ['half a body', '{"a":', 'The body is not valid JSON.'],
    ['an open string', '{"a":"\\', 'The body is not valid JSON.'],
    ['two values', '{}{}', 'The body is not valid JSON.'],
    ['a comment', '{}//', 'The body is not valid JSON.'],
    ['closed too often', ']]]]', 'The body is not valid JSON.'],
    ['no UTF-8', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'The body is not valid UTF-8.'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'The body is not valid JSON.'],
    ['depth of lists', '[[[[1]]]]', 'The body is nested too deeply.'],
    ['depth of objects', '{"a":{"a":{"a":{}}}}', 'The body is nested too deeply.'],
    ['unfinished depth', '['.repeat(5000), 'The body is nested too deeply.'],
    ['many items', `[${'0,'.repeat(12)}0]`, 'The body has too many members.'],
    ['many lists', `[${'[],'.repeat(6)}[]]`, 'The body has too many members.'],
    ['a name twice', '{"a":1,"a":2}', 'Check these fields: a.'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}', 'Check these fields: a.'],
    ['a prototype', '{"__proto__":{}}', 'Check these fields: __proto__.'],
    ['an escaped prototype', '{"\\u005f_proto__":{}}', 'Check these fields: __proto__.'],
    ['a prototype with space before the colon', '{"__proto__"\n:{}}', 'Check these fields: __proto__.'],
    ['a deep prototype', '{"a":[0,{"__proto__":1}]}', 'Check these fields: a.1.__proto__.'],
    ['a constructor', '{"constructor":{"prototype":{}}}', 'Check these fields: constructor.'],
    ['toString', '{"toString":1}', 'Check these fields: toString.'],
    ['no name twice', '{"":1,"":2}', 'Check these fields: "".'],
    ['a deep name twice', '{"b":[1],"a":{"b":2,"b":3}}', 'Check these fields: a.b.'],
  ])('refuses %s', (_, body, detail) => {
    expect(outcome(body)).toBe(detail);
  });

  it.each([
    ['quotes that are escaped to the end', '\\"'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['strings', '"a"'],
  ])('takes time in proportion to the text for %s', (_, part) => {
    const text = `"${part.repeat(2_000_000 / part.length)}`;
    const started = performance.now();
    expect(outcome(text)).toBe('The body is not valid JSON.');
    // Time by the square of the length would be hours.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
