import { describe, expect, it } from 'vitest';
import { acceptedMediaType } from './license-tokens.controller.js';

function answerTo(accept: string | undefined): string {
  try {
    return acceptedMediaType(accept);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const JSON_ANSWER = 'application/json';
const URL_ANSWER = 'text/uri-list';
const NONE = 'This address answers in application/json or text/uri-list.';

describe('acceptedMediaType', () => {
  it.each([
    // Anything.
    [undefined, JSON_ANSWER],
    ['', JSON_ANSWER],
    [' ', JSON_ANSWER],
    [', ,', JSON_ANSWER],
    ['*/*', JSON_ANSWER],
    ['json', JSON_ANSWER],
    ['text/html, image/gif, *; q=.2, */*; q=.2', JSON_ANSWER],
    ['application/json, text/plain, */*', JSON_ANSWER],
    // Ranges.
    ['application/json', JSON_ANSWER],
    ['APPLICATION/JSON', JSON_ANSWER],
    ['application/*', JSON_ANSWER],
    ['text/uri-list', URL_ANSWER],
    ['text/*', URL_ANSWER],
    ['application/problem+json, application/json', JSON_ANSWER],
    ['application/problem+json', NONE],
    ['image/png', NONE],
    // Parameters.
    ['application/json;charset=utf-8', JSON_ANSWER],
    ['application/json; charset="utf-8"', JSON_ANSWER],
    ['application/json;odata=verbose;q=0.1, text/uri-list;q=0.2', URL_ANSWER],
    ['application/json;profile="a,b;q=0"', JSON_ANSWER],
    ['text/uri-list;q=0.5;ext=1', URL_ANSWER],
    // Weights.
    ['application/json;q=0.2, text/uri-list;q=0.9', URL_ANSWER],
    ['application/json ; Q=0.2 , text/uri-list ; Q=0.9', URL_ANSWER],
    ['application/json;charset=utf-8;q=.2,text/uri-list;q=1.000', URL_ANSWER],
    ['text/*;q=0.5, */*;q=0.4', URL_ANSWER],
    ['application/json;q=0', NONE],
    ['application/json;q=0.000, */*', URL_ANSWER],
    ['*/*;q=0.0', NONE],
    // Weights that are none.
    ['*/*;q=abc', JSON_ANSWER],
    ['text/uri-list;q=abc', URL_ANSWER],
    ['text/uri-list;q=, application/json;q=0.9', URL_ANSWER],
    ['text/uri-list;q, application/json;q=0.9', URL_ANSWER],
    ['text/uri-list;q=-1;q=x', URL_ANSWER],
    ['text/uri-list;q="0"', URL_ANSWER],
    ['text/uri-list;q=1e9', URL_ANSWER],
    ['text/uri-list;q="', URL_ANSWER],
  ])('of %j is %s', (accept, expected) => {
    expect(answerTo(accept)).toBe(expected);
  });

  it('takes time in proportion to the header', () => {
    const started = performance.now();
    for (const part of [';', ';"', ';q="\\"', '; q', ';q=0.', ',']) answerTo(`a/b${part.repeat(16_000 / part.length)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
