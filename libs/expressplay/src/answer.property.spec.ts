import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withTcpServer } from '../test-support/local-server.js';
import { AUTHENTICATOR, NOW, widevineRequest } from '../test-support/requests.js';
import { readTokenAnswer } from './answer.js';
import { ExpressPlayClient, ExpressPlayError, type IssuedToken, RefusedError, UnreadableAnswerError } from './index.js';

const HOST = 'fp.test.expressplay.com';

/** One of the values of several rows. */
const oneOf = (...rows: string[][]): fc.Arbitrary<string> => fc.constantFrom(...rows.flat());

/** Pieces that answers are made of, whole and broken. */
const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  oneOf(
    ['https://', 'http:', 'ftp://', 'javascript:', '//', HOST, `user@${HOST}`, `${HOST}.evil.example`, 'evil.example'],
    [':80', ':99999', '/', '\\', '@', '#', '?', '&', '%', '%3D', '\r\n'],
    ['ExpressPlayToken=', 'AQAA-_1', 'AQ==', '{', '}', '"', ',', ':', '"token"', '"licenseAcquisitionUrl"'],
    ['"errorCode":-2018', '"code":"-5003"', '"message":null', '<', '>', '<!--', '<script', ' -2019 ', AUTHENTICATOR],
  ),
);

const url = fc
  .array(piece, { maxLength: 4 })
  .chain((rest) =>
    fc.constantFrom(`https://${HOST}/r`, 'https://evil.example/r', 'https://').map((start) => start + rest.join('')),
  );

const json = fc
  .record(
    {
      licenseAcquisitionUrl: fc.oneof(url, fc.jsonValue()),
      token: fc.oneof(fc.constantFrom('AQAA', 'AQ=='), piece, fc.jsonValue()),
      errorCode: fc.oneof(fc.integer(), fc.jsonValue()),
      code: fc.oneof(fc.constantFrom('-2018', -2018), fc.jsonValue()),
      errorMessage: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value));

const goodUrl = `https://${HOST}/r`;

const goodUrlAnyToken = piece.chain((token) =>
  fc.constantFrom(
    `${goodUrl}?ExpressPlayToken=${encodeURIComponent(token)}`,
    JSON.stringify({ licenseAcquisitionUrl: goodUrl, token }),
  ),
);

const body = fc.oneof(
  goodUrlAnyToken,
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.json(),
  json,
  url.map((text) => `${text}?ExpressPlayToken=AQAA`),
);

function expectBelievable({ licenseUrl, licenseAcquisitionUrl, token }: IssuedToken): void {
  expect(token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
  const [whole, bare] = [new URL(licenseUrl), new URL(licenseAcquisitionUrl)];
  expect(whole.searchParams.getAll('ExpressPlayToken')).toEqual([token]);
  expect(bare.searchParams.has('ExpressPlayToken')).toBe(false);
  for (const { hostname, username, password, hash } of [whole, bare]) {
    expect({ hostname, username, password, hash }).toEqual({ hostname: HOST, username: '', password: '', hash: '' });
  }
}

describe('any answer', () => {
  it('is a token that can be believed, a refusal, or unreadable', () => {
    const isLicenseHost = (hostname: string): boolean => hostname === HOST;
    const met = new Set<string>();
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 0, max: 999 }));
    fc.assert(
      fc.property(status, body, (httpStatus, text) => {
        const answer = { status: httpStatus, body: text };
        try {
          expectBelievable(readTokenAnswer(answer, { authenticators: [AUTHENTICATOR], isLicenseHost }));
          met.add('token');
        } catch (error) {
          if (error instanceof RefusedError) {
            met.add('refused');
            expect(error.excerpt.length).toBeLessThanOrEqual(200);
            expect(error.excerpt).not.toContain(AUTHENTICATOR.slice(-32));
          } else if (error instanceof UnreadableAnswerError) {
            met.add(error.reason);
          } else {
            throw error;
          }
        }
      }),
      { numRuns: 3000 },
    );
    for (const outcome of [
      'token',
      'refused',
      'no-token',
      'bad-url',
      'foreign-host',
      'bad-token',
      'unexpected-status',
    ]) {
      expect(met).toContain(outcome);
    }
  });
});

const header = fc.oneof(
  oneOf(
    ['content-length: 3', 'content-length: -1', 'content-length: 99999999999', 'content-length: 0'],
    ['transfer-encoding: chunked', 'transfer-encoding: gzip', 'content-encoding: gzip', 'connection: close'],
    ['connection: upgrade\r\nupgrade: websocket', 'location: http://evil.example/', 'content-type: text/uri-list'],
    ['content-type: \u0000', 'keep-alive: timeout=0', ': x', 'no colon', `x: ${'y'.repeat(20_000)}`],
  ),
  fc.string({ unit: 'binary' }),
);

const head = fc
  .tuple(fc.oneof(fc.constant(200), fc.integer({ min: 0, max: 1100 })), fc.array(header, { maxLength: 3 }))
  .map(([status, headers]) => [`HTTP/1.1 ${status} Whatever`, ...headers, '', ''].join('\r\n'));

const payload = fc.oneof(
  body.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.alloc(70_000, 'x')),
);

const bytesOnTheWire = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(head, payload).map(([start, rest]) => Buffer.concat([Buffer.from(start), rest])) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
);

describe('any bytes on the wire', () => {
  it('make the client answer with a token or with an error of its own', async () => {
    let answer: Buffer = Buffer.alloc(0);
    const accept = (socket: Socket): void => {
      socket.once('data', () => socket.end(answer));
    };
    await withTcpServer(accept, async (server) => {
      const client = new ExpressPlayClient({
        environment: 'test',
        prodDomain: 'service.expressplay.com',
        baseUrl: server.url,
        customerAuthenticator: AUTHENTICATOR,
        useHttps: true,
        connectTimeoutMs: 1000,
        timeoutMs: 1000,
        maxConnections: 2,
        now: () => NOW,
      });
      const met = new Set<string>();
      await fc.assert(
        fc.asyncProperty(bytesOnTheWire, async (bytes) => {
          answer = bytes;
          const outcome = await client.requestToken(widevineRequest()).catch((error: unknown) => error);
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(ExpressPlayError);
            met.add((outcome as ExpressPlayError).kind);
            return;
          }
          const { licenseUrl, licenseAcquisitionUrl, token } = outcome as IssuedToken;
          expect(token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
          for (const believed of [licenseUrl, licenseAcquisitionUrl].map((text) => new URL(text))) {
            expect(believed.protocol).toMatch(/^https?:$/);
            expect(believed.hostname).toMatch(/\.test\.expressplay\.com$/);
          }
        }),
        { numRuns: 300 },
      );
      await client.close();
      expect(met).toContain('refused');
      expect(met).toContain('unreadable');
      expect(met).toContain('transport');
    });
  }, 20_000);
});
