// Arbitrary requests: hostile ones that are HTTP, and bytes that hardly are.
import fc from 'fast-check';
import type { WireRequest } from './fuzz-connection.js';
import { ADMIN_ROUTES, PUBLIC_ROUTES, type Route } from './fuzz-routes.js';
import { hostileJson, texts } from './fuzz-values.js';

/** Tokens that `Authorization` headers are made of. */
export interface Bearers {
  /** Signed by the issuer, for all routes. */
  good: readonly string[];
  bad: readonly string[];
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'LOCK'];
const HEADER_NAMES = [
  'Accept',
  'Accept-Language',
  'Accept-Encoding',
  'Cookie',
  'X-Request-Id',
  'X-Forwarded-For',
  'Forwarded',
  'Origin',
  'Referer',
  'Range',
  'If-None-Match',
  'If-Match',
  'Content-Encoding',
  'TE',
  'Traceparent',
  'Baggage',
  'X-HTTP-Method-Override',
  'Idempotency-Key',
  'Access-Control-Request-Method',
  'Sec-WebSocket-Key',
  'DPoP',
  '__proto__',
  'constructor',
  'Expect',
  'Connection',
  'Upgrade',
  'Content-Type',
  'Authorization',
  'Host',
  'Via',
];
const TYPES = ['application/json', 'application/json; charset=utf-16', 'application/x-ndjson', 'text/plain', '*', ''];

/** Bytes that a header value may have; 0x80 and above are not text but allowed. */
const headerValues = fc.oneof(
  texts.map((text) => Buffer.from(text).filter((byte) => byte >= 0x20 && byte !== 0x7f)),
  fc.uint8Array({ min: 0x20, max: 0xff, maxLength: 80 }).map((bytes) => bytes.filter((byte) => byte !== 0x7f)),
  fc.constantFrom('x'.repeat(3000), 'x,'.repeat(500), '\t', '100-continue', 'close', 'h2c', '*/*;q=abc').map(latin1),
);
const headers = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom(...HEADER_NAMES), fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,40}$/)), headerValues),
  { maxLength: 4 },
);

const escaped = texts.map((text) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
);
const segments = fc.oneof(escaped, fc.stringMatching(/^[!-~]{0,30}$/), fc.constantFrom('sintel', 'bunny', '..', '%zz'));
const queries = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: segments.map((segment) => `?${segment}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('cursor', 'limit', 'userId', 'from', '__proto__[x]', 'limit[]'), escaped)
      .map(([name, value]) => `?${name}=${value}`),
  },
);

function callsOf(routes: readonly Route[]): fc.Arbitrary<[method: string, target: string]> {
  return fc
    .tuple(fc.constantFrom(...routes), fc.constantFrom(...METHODS), fc.nat({ max: 3 }), segments, queries)
    .map(([{ methods, path }, other, choice, segment, query]) => [
      choice === 0 ? other : methods[choice % methods.length]!,
      path.replace(':id', () => segment) + query,
    ]);
}

const calls = fc.oneof(
  { weight: 5, arbitrary: callsOf(PUBLIC_ROUTES) },
  { weight: 5, arbitrary: callsOf(ADMIN_ROUTES) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(...METHODS),
      fc.array(segments, { maxLength: 4 }).map((path) => `/${path.join('/')}`),
    ),
  },
);

const bodies = fc.oneof(
  { weight: 6, arbitrary: hostileJson.map((json) => Buffer.from(json)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

function authorizations({ good, bad }: Bearers): fc.Arbitrary<readonly string[]> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...good).map((token) => [`Bearer ${token}`]) },
    { weight: 2, arbitrary: fc.constantFrom(...bad).map((token) => [`Bearer ${token}`]) },
    { weight: 1, arbitrary: fc.constantFrom([], ['Bearer'], ['Basic YTpi'], ['Bearer a', 'Bearer b'], ['bearer  ']) },
  );
}

/** Requests whose end a server can tell, so that another may follow. */
export function framedRequests(bearers: Bearers): fc.Arbitrary<WireRequest> {
  return fc
    .record({
      call: calls,
      authorization: authorizations(bearers),
      type: fc.oneof({ weight: 5, arbitrary: fc.constant('application/json') }, fc.constantFrom(...TYPES)),
      headers,
      body: bodies,
      chunked: fc.nat({ max: 9 }).map((n) => n === 0),
      without: fc.nat({ max: 9 }),
    })
    .map(({ call: [method, target], authorization, type, headers: more, body, chunked, without }) => {
      const hasBody = without === 0 ? method === 'GET' : /^P(?:OST|UT|ATCH)$/.test(method);
      const lines = [`${method} ${target} HTTP/1.1`, 'Host: player.test'];
      lines.push(...authorization.map((value) => `Authorization: ${value}`));
      if (hasBody) lines.push(`Content-Type: ${type}`, framing(body, chunked));
      const extra = more.flatMap(([name, value]) => [latin1(`\r\n${name}: `), value]);
      const payload = hasBody ? framed(body, chunked) : Buffer.alloc(0);
      const bytes = Buffer.concat([latin1(lines.join('\r\n')), ...extra, latin1('\r\n\r\n'), payload]);
      return { head: method === 'HEAD', bytes };
    });
}

/** Bytes that begin as a request and go wrong, or are none. Never empty. */
export function brokenBytes(bearers: Bearers): fc.Arbitrary<Buffer> {
  const request = framedRequests(bearers).map(({ bytes }) => bytes);
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const junk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const post = latin1('POST /v1/license-tokens HTTP/1.1\r\nHost: player.test\r\nContent-Type: application/json\r\n');
  const after = fc
    .constantFrom(
      'Content-Length: 9999\r\n\r\n{}',
      'Content-Length: 1\r\n\r\n{"a":1}',
      'Content-Length: -1\r\n\r\n{}',
      'Transfer-Encoding: chunked\r\n\r\n',
      'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: chunked, x\r\n\r\n',
      'Content-Length: 0\r\nContent-Length: 7\r\n\r\n',
      'X\r\n\r\n',
      'X : y\r\n\r\n',
      'X: a\nY: b\r\n\r\n',
      `X: ${'y'.repeat(40_000)}\r\n\r\n`,
      'x: y\r\n'.repeat(2500),
    )
    .map(latin1);
  return fc.oneof(
    // Cut short.
    fc.tuple(request, at).map(([bytes, part]) => bytes.subarray(0, 1 + Math.floor(part * (bytes.length - 1)))),
    // Bytes changed.
    fc.tuple(request, at, junk).map(([bytes, part, other]) => {
      const start = Math.floor(part * bytes.length);
      return Buffer.concat([bytes.subarray(0, start), other, bytes.subarray(start + other.length)]);
    }),
    // Wrong framing, then anything.
    fc.tuple(after, junk).map(([tail, other]) => Buffer.concat([post, tail, other])),
    // Chunks of anything.
    fc
      .tuple(junk, junk)
      .map(([one, other]) =>
        Buffer.concat([post, latin1('Transfer-Encoding: chunked\r\n\r\n'), one, latin1('\r\n'), other]),
      ),
    junk,
  );
}

function framing(body: Buffer, chunked: boolean): string {
  return chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
}

function framed(body: Buffer, chunked: boolean): Buffer {
  if (!chunked) return body;
  const chunk = body.length === 0 ? [] : [latin1(`${body.length.toString(16)}\r\n`), body, latin1('\r\n')];
  return Buffer.concat([...chunk, latin1('0\r\n\r\n')]);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
