import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problems.js';
import { exchange, raw, type RawAnswer } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';

const GOOD = '{"contentId":"sintel","drm":"playready"}';

let service: TestService;
let bearer: string;
beforeAll(async () => {
  service = await TestService.start();
  bearer = await service.issuer.token('alice');
});
afterAll(() => service.stop());

/** Asks for a licence token with a body of bytes. */
async function send(
  body: string | Buffer,
  headers: readonly string[] = ['Content-Type: application/json'],
  address = '/v1/license-tokens',
): Promise<RawAnswer> {
  const head = [
    `POST ${address} HTTP/1.1`,
    'Host: player.test',
    `Authorization: Bearer ${bearer}`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  const [answer, ...others] = await exchange(service.url, { parts: [raw(head), body] });
  expect(others).toEqual([]);
  return answer!;
}

it('a good request is served, so that the refusals below are for their bodies', async () => {
  const answer = await send(GOOD);
  expect(answer.status).toBe(200);
  expect((await send(`\u{FEFF}${GOOD}`)).status).toBe(200);
});

describe('JSON that does harm', () => {
  it.each([
    ['a deep list', '['.repeat(8000)],
    ['deep objects', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`],
    ['depth in a field', `{"contentId":"sintel","drm":"playready","offline":${'['.repeat(50)}${']'.repeat(50)}}`],
    ['many fields', `{${Array.from({ length: 1200 }, (_, n) => `"k${n}":0`).join(',')}}`],
    ['many items', `[${'0,'.repeat(7000)}0]`],
    ['__proto__ escaped', '{"contentId":"sintel","drm":"playready","\\u005f_proto__":{"offline":true}}'],
    ['a field twice', '{"contentId":"sintel","contentId":"big-buck-bunny","drm":"playready"}'],
    ['a field twice, once escaped', '{"contentId":"sintel","content\\u0049d":"big-buck-bunny","drm":"playready"}'],
    ['a huge number', `{"contentId":${'9'.repeat(10_000)},"drm":"playready"}`],
    ['invalid UTF-8', Buffer.concat([Buffer.from('{"contentId":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])],
    ['UTF-16', Buffer.from(GOOD, 'utf16le')],
    ['half of it', GOOD.slice(0, -1)],
    ['two of them', `${GOOD}${GOOD}`],
    ['NaN', '{"contentId":NaN,"drm":"playready"}'],
    ['a list', `[${GOOD}]`],
    ['a text', JSON.stringify(GOOD)],
    ['null', 'null'],
    ['nothing', ''],
  ])('%s', async (_, body) => {
    expectProblem(await send(body), 400, 'invalid-request');
  });

  it('leaves every prototype as it was', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['offline']).toBeUndefined();
  });
});

describe('names that all objects have are fields like any other', () => {
  const names = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
  it.each(names)('%s', async (name) => {
    const inBody = await send(`{"contentId":"sintel","drm":"playready","${name}":true}`);
    const inQuery = await send(GOOD, undefined, `/v1/license-tokens?${name}=true`);
    const list = await service.http().get(`/v1/entitlements?${name}=1`).set('Authorization', `Bearer ${bearer}`);
    for (const answer of [inBody, inQuery, { ...list, body: list.text, headers: list.headers, status: list.status }]) {
      expectProblem(answer, 400, 'invalid-request');
      expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ field: name, message: 'is not a known field' }] });
    }
  });
});

describe('mass assignment: fields that nobody asked for', () => {
  it.each([
    ['a user', { userId: 'alice' }],
    ['rights', { rights: { type: 'buy-to-own' } }],
    ['a purchase', { purchase: { externalId: 'x' } }],
    ['an expiry', { tokenExpiresAt: '2099-01-01T00:00:00Z' }],
    ["ExpressPlay's own parameters", { rightsType: 'BuyToOwn', customerAuthenticator: '1,2' }],
  ])('%s', async (_, more) => {
    const answer = await send(JSON.stringify({ contentId: 'sintel', drm: 'playready', ...more }));
    expectProblem(answer, 400, 'invalid-request');
    const { errors } = JSON.parse(answer.body) as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field)).toEqual(Object.keys(more));
  });

  it.each([
    ['a query', '?offline=true'],
    ['an authenticator in the query', '?customerAuthenticator=1'],
    ['a bearer token in the query', '?access_token=x'],
    ['a prototype in the query', '?__proto__[offline]=true'],
    ['many parameters', `?${Array.from({ length: 1000 }, (_, n) => `a${n}`).join('&')}`],
  ])('%s', async (_, query) => {
    const answer = await send(GOOD, undefined, `/v1/license-tokens${query}`);
    expectProblem(answer, 400, 'invalid-request');
  });
});

describe('injection in ids', () => {
  it.each([
    ["SQL: ' OR 1=1 --"],
    ['../../etc/passwd'],
    ['a\0b'],
    ['a\r\nSet-Cookie: b=c'],
    ['<script>'],
    ['${jndi:ldap://x}'],
    ['{{7*7}}'],
    ['sintel '],
    ['ſintel'],
    ['s\u0131ntel'],
    ['-sintel'],
    [''],
    ['x'.repeat(129)],
  ])('%j', async (contentId) => {
    const answer = await send(JSON.stringify({ contentId, drm: 'playready' }));
    expectProblem(answer, 400, 'invalid-request');
    if (contentId !== '') expect(answer.body).not.toContain(JSON.stringify(contentId).slice(1, -1));
  });

  it.each([[{ $ne: null }], [['sintel']], [7], [true], [null]])('%j in place of a text', async (contentId) => {
    expectProblem(await send(JSON.stringify({ contentId, drm: 'playready' })), 400, 'invalid-request');
  });
});

describe('bodies that are not plain JSON', () => {
  it.each([
    ['a form', 'contentId=sintel&drm=playready', ['Content-Type: application/x-www-form-urlencoded']],
    ['a multipart form', '--a\r\n\r\n\r\n--a--', ['Content-Type: multipart/form-data; boundary=a']],
    ['XML with an entity', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', ['Content-Type: text/xml']],
    [
      'XML as keys are sent',
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
      ['Content-Type: application/xml'],
    ],
    ['text', GOOD, ['Content-Type: text/plain']],
    ['no type', GOOD, []],
    ['another JSON', GOOD, ['Content-Type: application/json-patch+json']],
    ['lines of JSON', GOOD, ['Content-Type: application/x-ndjson']],
    ['a malformed type', GOOD, ['Content-Type: application']],
    ['gzip', gzipSync(GOOD), ['Content-Type: application/json', 'Content-Encoding: gzip']],
    ['a bomb', gzipSync(Buffer.alloc(5_000_000)), ['Content-Type: application/json', 'Content-Encoding: gzip']],
    ['brotli', GOOD, ['Content-Type: application/json', 'Content-Encoding: br']],
    ['identity and gzip', GOOD, ['Content-Type: application/json', 'Content-Encoding: identity, gzip']],
  ])('%s', async (_, body, headers) => {
    const answer = await send(body, headers);
    expectProblem(answer, 415, 'unsupported-media-type');
    if (headers.length > 1) expect(answer.headers['accept-encoding']).toBe('identity');
  });

  it.each([
    ['a body that says it is too large', (size: number) => `Content-Length: ${size}`, (body: string) => body],
    [
      'a body that does not say how large it is',
      () => 'Transfer-Encoding: chunked',
      (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
  ])('%s', async (_, length, encode) => {
    const body = JSON.stringify({ contentId: 'x'.repeat(20_000), drm: 'playready' });
    const head = ['POST /v1/license-tokens HTTP/1.1', 'Host: player.test', 'Content-Type: application/json'];
    const [answer] = await exchange(service.url, { parts: [raw([...head, length(body.length)]), encode(body)] });
    expectProblem(answer!, 413, 'payload-too-large');
    expect(answer?.headers['connection']).toBe('close');
  });
});
