// Property: whatever it is given and whatever it is answered, the client throws nothing but its own errors and believes no bad answer.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ExpressPlayClient,
  ExpressPlayError,
  InvalidTokenRequestError,
  RefusedError,
  type IssuedToken,
  type TokenRequest,
} from '@app/expressplay';
import { SERVICES } from './documented-codes.js';
import { ACCOUNTS } from './support/accounts.js';
import { fairPlayRequests, playReadyRequests, widevineRequests } from './support/arbitrary-requests.js';
import { EmulatorSession } from './support/emulator-session.js';
import { clientOf } from './support/test-client.js';
import { NOW } from './support/valid-requests.js';

/** Expects no errors but the client's own. The token, or undefined when there is none. */
async function expectTokenOrOwnError(call: Promise<IssuedToken>): Promise<IssuedToken | undefined> {
  try {
    return await call;
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressPlayError);
    return undefined;
  }
}

describe('whatever is asked', () => {
  let emulator: EmulatorSession;
  let client: ExpressPlayClient;
  beforeAll(async () => {
    emulator = await EmulatorSession.start();
    client = clientOf(emulator);
  });
  afterAll(async () => {
    await client.close();
    await emulator.close();
  });

  const text = fc.string({ unit: 'binary', maxLength: 70 });
  const number = fc.oneof(fc.integer(), fc.double());
  const bytes = fc.uint8Array({ maxLength: 40 });
  const key = fc.oneof(
    fc.record({ kind: fc.constant('clear' as const), contentKey: bytes }),
    fc.record({ kind: fc.constant('wrapped' as const), kek: bytes, ek: bytes }),
    fc.record({ kind: fc.constant('key-storage' as const), kek: bytes }),
  );
  const extension = fc.record({ type: text, payload: text });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined });
  const common = {
    key,
    kid: fc.oneof(text, fc.constantFrom('^', '', '0'.repeat(32))),
    expiresAt: fc.oneof(
      fc.date(),
      fc.date({ min: new Date(NOW.getTime() - 5000), max: new Date(NOW.getTime() + 5000) }),
    ),
    cookie: maybe(text),
    additionalParameters: maybe(fc.array(fc.record({ name: text, value: text }), { maxLength: 3 })),
  };
  const requests: fc.Arbitrary<TokenRequest> = fc.oneof(
    fc.record({
      drm: fc.constant('playready' as const),
      rights: fc.oneof(
        fc.record({ type: fc.constant('buy-to-own' as const), persistent: fc.boolean() }),
        fc.record({ type: fc.constant('rental' as const), periodEndTime: fc.date(), playDurationSeconds: number }),
      ),
      opl: fc.record({
        analogVideo: number,
        compressedDigitalAudio: number,
        compressedDigitalVideo: number,
        uncompressedDigitalAudio: number,
        uncompressedDigitalVideo: number,
      }),
      outputControlFlags: maybe(text),
      extension: maybe(extension),
      ...common,
    }),
    fc.record({
      drm: fc.constant('fairplay' as const),
      iv: text,
      rentalDurationSeconds: maybe(number),
      extensions: maybe(fc.array(extension, { maxLength: 3 })),
      ...common,
    }),
    fc.record({
      drm: fc.constant('widevine' as const),
      securityLevel: number,
      hdcpOutputControl: number,
      licenseDurationSeconds: maybe(number),
      contentId: maybe(text),
      extensions: maybe(fc.array(extension, { maxLength: 3 })),
      ...common,
    }),
  );

  it('typed requests end in a token or in an error of the client', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        await expectTokenOrOwnError(client.requestToken(request));
      }),
      { numRuns: 400 },
    );
  });

  it('what is refused is refused before it is sent, unless only the keys are wrong', async () => {
    const valid = fc.oneof(playReadyRequests, fairPlayRequests, widevineRequests);
    // A valid request with one field of any other request, which may be all the same to it.
    const spoilt = fc.tuple(valid, requests, fc.nat()).map(([good, other, index]): TokenRequest => {
      const fields = Object.entries(other).filter(([name]) => name !== 'drm' && name in good);
      const [name, value] = fields[index % fields.length]!;
      return { ...good, [name]: value };
    });
    const outcomes = { issued: 0, unsent: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(spoilt, async (request) => {
        try {
          await client.requestToken(request);
          outcomes.issued++;
        } catch (error) {
          if (error instanceof RefusedError) {
            expect([-4019, -4024]).toContain(error.code);
            outcomes.refused++;
          } else {
            expect(error).toBeInstanceOf(InvalidTokenRequestError);
            outcomes.unsent++;
          }
        }
      }),
      { numRuns: 600 },
    );
    // That it is worth something: all three happen.
    expect(Object.values(outcomes).every((count) => count > 20)).toBe(true);
  });

  it('parameters as they are end in a token or in an error of the client', async () => {
    const entries = fc.array(
      fc.tuple(fc.oneof(text, fc.constantFrom('customerAuthenticator', 'kid', 'kek', 'errorFormat')), text),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SERVICES), entries, async (service, parameters) => {
        await expectTokenOrOwnError(client.requestRaw(service, parameters));
      }),
      { numRuns: 200 },
    );
  });
});

describe('whatever is answered', () => {
  let server: Server;
  let answer: { status: number; contentType: string; body: Uint8Array };
  let client: ExpressPlayClient;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(answer.status, { 'content-type': answer.contentType });
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    client = new ExpressPlayClient({
      environment: 'test',
      prodDomain: 'service.expressplay.com',
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      customerAuthenticator: ACCOUNTS.good,
      connectTimeoutMs: 5_000,
      timeoutMs: 5_000,
      maxConnections: 4,
      useHttps: false,
    });
  });
  afterAll(async () => {
    await client.close();
    await new Promise((resolve) => void server.close(resolve));
  });

  const token = fc.oneof(
    fc.base64String({ maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(...'ABCxyz019-_'), minLength: 1, maxLength: 200 }),
    fc.string(),
  );
  const host = fc.constantFrom(
    'fp.service.expressplay.com',
    'pr.test.expressplay.com',
    '127.0.0.1',
    'expressplay.com.evil.example',
    'evilexpressplay.com',
    'user@pr.test.expressplay.com',
    'evil.example',
  );
  const url = fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'ftp://', 'javascript:', '//', ''),
      host,
      fc.constantFrom('', ':80', ':443', ':x'),
      fc.webPath(),
    )
    .map((parts) => parts.join(''));
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((json) => Buffer.from(json)),
    fc
      .record({ licenseAcquisitionUrl: fc.oneof(url, fc.jsonValue()), token: fc.oneof(token, fc.jsonValue()) })
      .map((pair) => Buffer.from(JSON.stringify(pair))),
    fc
      .record({ errorCode: fc.jsonValue(), errorMessage: fc.jsonValue() })
      .map((error) => Buffer.from(JSON.stringify(error))),
    fc.tuple(url, token).map(([base, value]) => Buffer.from(`${base}?ExpressPlayToken=${value}`)),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(`<html><body>${text} -2018</body></html>`)),
    fc.constant(Buffer.alloc(70_000, 'A')),
  );
  const answers = fc.record({
    status: fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 })),
    contentType: fc.constantFrom('text/uri-list', 'text/html', 'application/json', 'image/png'),
    body: bodies,
  });

  it('is a token at a licence host, or an error of the client', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SERVICES), answers, async (service, given) => {
        answer = given;
        const issued = await expectTokenOrOwnError(
          client.requestRaw(service, [['customerAuthenticator', ACCOUNTS.good]]),
        );
        if (issued === undefined) return;
        expect(given.status).toBe(200);
        expect(issued.token).toMatch(/^[A-Za-z0-9_-]+={0,2}$/);
        for (const believed of [issued.licenseUrl, issued.licenseAcquisitionUrl]) {
          const { hostname, protocol } = new URL(believed);
          expect(['http:', 'https:']).toContain(protocol);
          expect(hostname).toMatch(/^127\.0\.0\.1$|\.expressplay\.com$/);
        }
      }),
      { numRuns: 600 },
    );
  });
});
