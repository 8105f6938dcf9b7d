import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/problems.js';
import { exchange, raw } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';

const HOST = 'Host: player.test';
const CLOSE = 'Connection: close';
const POST = ['POST /v1/license-tokens HTTP/1.1', HOST, 'Content-Type: application/json'];
const LIVE = 'GET /health/live HTTP/1.1';
/** What an attacker hides behind the first request. */
const SMUGGLED = raw([LIVE, HOST, CLOSE]);

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

/** Whatever was sent, the service serves on. */
async function expectAlive(): Promise<void> {
  const [answer] = await exchange(service.url, { parts: [SMUGGLED] });
  expect(answer?.status).toBe(200);
}

describe('request smuggling: one answer, and the connection is closed', () => {
  it.each([
    ['CL.TE', raw([...POST, 'Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)],
    ['TE.CL', raw([...POST, 'Transfer-Encoding: chunked', 'Content-Length: 4'], `2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`)],
    ['two Content-Length', raw([...POST, 'Content-Length: 2', 'Content-Length: 0'], `{}${SMUGGLED}`)],
    ['two equal Content-Length', raw([...POST, 'Content-Length: 2', 'Content-Length: 2'], `{}${SMUGGLED}`)],
    ['a list of Content-Length', raw([...POST, 'Content-Length: 2, 2'], `{}${SMUGGLED}`)],
    ['Content-Length with a sign', raw([...POST, 'Content-Length: +2'], `{}${SMUGGLED}`)],
    ['negative Content-Length', raw([...POST, 'Content-Length: -1'], `{}${SMUGGLED}`)],
    ['hexadecimal Content-Length', raw([...POST, 'Content-Length: 0x2'], `{}${SMUGGLED}`)],
    ['huge Content-Length', raw([...POST, 'Content-Length: 99999999999999999999'], `{}${SMUGGLED}`)],
    ['space before the colon', raw([...POST, 'Transfer-Encoding : chunked'], `0\r\n\r\n${SMUGGLED}`)],
    ['an unknown transfer coding', raw([...POST, 'Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`)],
    ['identity after chunked', raw([...POST, 'Transfer-Encoding: chunked, identity'], `0\r\n\r\n${SMUGGLED}`)],
    ['gzip, chunked', raw([...POST, 'Transfer-Encoding: gzip, chunked'], `0\r\n\r\n${SMUGGLED}`)],
    [
      'chunked twice',
      raw([...POST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`),
    ],
    [
      'chunks in HTTP 1.0',
      raw(
        [POST[0]!.replace('1.1', '1.0'), ...POST.slice(1), 'Connection: keep-alive', 'Transfer-Encoding: chunked'],
        `2\r\n{}\r\n0\r\n\r\n${SMUGGLED}`,
      ),
    ],
    ['a folded header', raw([...POST, 'X-A: b\r\n Transfer-Encoding: chunked'], SMUGGLED)],
    ['a bad chunk size', raw([...POST, 'Transfer-Encoding: chunked'], `zz\r\n{}\r\n0\r\n\r\n${SMUGGLED}`)],
    ['a negative chunk size', raw([...POST, 'Transfer-Encoding: chunked'], `-1\r\n{}\r\n0\r\n\r\n${SMUGGLED}`)],
    ['a huge chunk size', raw([...POST, 'Transfer-Encoding: chunked'], `fffffffffffffffff\r\n{}${SMUGGLED}`)],
    ['bare line feeds in chunks', raw([...POST, 'Transfer-Encoding: chunked'], `2\n{}\n0\n\n${SMUGGLED}`)],
    ['a body of GET', raw([LIVE, HOST, `Content-Length: ${SMUGGLED.length}`], SMUGGLED)],
    ['a chunked body of GET', raw([LIVE, HOST, 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)],
    ['a body of HEAD', raw(['HEAD /health/live HTTP/1.1', HOST, 'Content-Length: 5'], SMUGGLED)],
    ['a line feed in a header value', raw([...POST, 'X-A: b\nTransfer-Encoding: chunked'], SMUGGLED)],
    ['a null byte in a header value', raw([...POST, 'X-A: b\0c'], SMUGGLED)],
    ['no version, then more', `GET /health/live\r\n\r\n${SMUGGLED}`],
  ])('%s', async (name, text) => {
    const answers = await exchange(service.url, { parts: [text] });
    expect(answers).toHaveLength(1);
    if (name === 'a body of HEAD') expect(answers[0]?.status).toBe(400);
    else expectProblem(answers[0]!, 400, 'invalid-request');
    await expectAlive();
  });
});

describe('a header that may be read in two ways', () => {
  it.each([
    ['Authorization', ['Authorization: Bearer one', 'Authorization: Bearer two']],
    ['Authorization, once in capitals', ['Authorization: Bearer one', 'AUTHORIZATION: Bearer two']],
    ['Host', [HOST]],
    ['Content-Type', ['Content-Type: text/plain']],
    ['Origin', ['Origin: https://a.test', 'Origin: https://b.test']],
  ])('two of %s are refused', async (_, headers) => {
    const [answer] = await exchange(service.url, { parts: [raw([...POST, ...headers, 'Content-Length: 2'], '{}')] });
    expectProblem(answer!, 400, 'invalid-request');
    expect(answer?.headers['connection']).toBe('close');
    expect(answer?.body).not.toMatch(/one|two|\.test/);
  });
});

describe('what is hardly HTTP', () => {
  it.each([
    ['bytes', Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]), 400, 'invalid-request'],
    ['a TLS handshake', Buffer.from('160301020001000001fc0303', 'hex'), 400, 'invalid-request'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'invalid-request'],
    ['HTTP/0.9', 'GET /\r\n\r\n', 400, 'invalid-request'],
    ['an unknown method', raw(['STEAL / HTTP/1.1', HOST]), 400, 'invalid-request'],
    ['no host', raw([LIVE]), 400, 'invalid-request'],
    ['a tunnel', raw(['CONNECT internal:5432 HTTP/1.1', HOST]), 405, 'method-not-allowed'],
    ['a large header', raw([LIVE, HOST, `X-Large: ${'x'.repeat(20_000)}`]), 431, 'headers-too-large'],
    ['a large address', raw([`GET /${'x'.repeat(20_000)} HTTP/1.1`, HOST]), 431, 'headers-too-large'],
    [
      'many headers',
      raw([LIVE, HOST, ...Array.from({ length: 150 }, (_, n) => `X-${n}: 1`)]),
      431,
      'headers-too-large',
    ],
    ['an expectation', raw([LIVE, HOST, 'Expect: 200-maybe', CLOSE]), 400, 'invalid-request'],
    [
      'an upgrade',
      raw(['GET /v1 HTTP/1.1', HOST, 'Upgrade: h2c', 'Connection: Upgrade, close']),
      404,
      'route-not-found',
    ],
  ])('%s', async (_, text, status, code) => {
    const answers = await exchange(service.url, { parts: [text] });
    expect(answers).toHaveLength(1);
    expectProblem(answers[0]!, status, code);
    await expectAlive();
  });
});

describe('addresses', () => {
  it.each([
    ['malformed escapes', '/v1/%zz', 400, 'invalid-request'],
    ['an escape cut short', '/v1/%E0%A4%A', 400, 'invalid-request'],
    ['overlong UTF-8', '/v1/%c0%ae%c0%ae/etc', 400, 'invalid-request'],
    ['path traversal', '/v1/../../etc/passwd', 404, 'route-not-found'],
    ['encoded path traversal', '/v1/%2e%2e/%2e%2e/etc/passwd', 404, 'route-not-found'],
    ['a null byte', '/v1/license-tokens%00', 404, 'route-not-found'],
    ['two slashes', '//v1/license-tokens', 404, 'route-not-found'],
    ['another case', '/V1/license-tokens', 404, 'route-not-found'],
    ['a proxy request', 'http://internal.test/v1/nothing', 404, 'route-not-found'],
    ['no slash', '*license-tokens', 404, 'route-not-found'],
    ['a script', '/<script>alert(1)</script>', 404, 'route-not-found'],
    ['line breaks', '/v1/%0d%0aSet-Cookie:%20a=b', 404, 'route-not-found'],
  ])('%s', async (_, path, status, code) => {
    const answers = await exchange(service.url, { parts: [raw([`GET ${path} HTTP/1.1`, HOST, CLOSE])] });
    expect(answers).toHaveLength(1);
    expectProblem(answers[0]!, status, code);
    expect(answers[0]?.body).not.toMatch(/script|passwd|internal\.test/);
    expect(answers[0]?.headers).not.toHaveProperty('set-cookie');
  });

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('%s is ignored', async (header) => {
    const request = raw(['GET /v1/license-tokens HTTP/1.1', HOST, `${header}: POST`, CLOSE]);
    const [answer] = await exchange(service.url, { parts: [request] });
    expectProblem(answer!, 405, 'method-not-allowed');
    expect(answer?.headers['allow']).toBe('POST');
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND'])(
    '%s is answered with what is allowed',
    async (method) => {
      const request = raw([`${method} /v1/license-tokens HTTP/1.1`, HOST, 'Content-Length: 0', CLOSE]);
      const [answer] = await exchange(service.url, { parts: [request] });
      expectProblem(answer!, 405, 'method-not-allowed');
      expect(answer?.headers['allow']).toBe('POST');
      expect(answer?.body).not.toContain('player.test');
    },
  );
});
