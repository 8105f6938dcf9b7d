// What the heap holds of keys after requests: a heap snapshot, as somebody would take one, is searched for them.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHeapSnapshot } from 'node:v8';
import { loadEnvironment } from '@app/platform/configuration';
import { ExpressPlayClient, wrapKey } from '@app/expressplay';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredContentKey } from '../catalog/content.js';
import { Environment } from '../environment.js';
import { ContentKeys } from './content-keys.js';

const ANSWER = 'https://fp.test.expressplay.com/hms/fp/rights/?ExpressPlayToken=AQAA';
const REQUESTS = 20;

// Bytes lie outside of the heap that a snapshot shows, so these are not what is found.
const [KEK, CONTENT_KEY] = [randomBytes(16), randomBytes(16)];
const KEY: StoredContentKey = { source: 'wrapped', kekId: 'a-long-id-of-a-kek', ek: wrapKey(KEK, CONTENT_KEY) };

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'key-memory-'));
  writeFileSync(
    join(folder, 'keks'),
    Buffer.concat([Buffer.from('a-long-id-of-a-kek='), hexOf(KEK), Buffer.from('\n')]),
  );
  // It takes bytes and makes no text of them.
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${ANSWER.length}\r\nConnection: close\r\n\r\n${ANSWER}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  server.close();
});

/** Lower-case hex digits as bytes, made without a string of them. */
function hexOf(bytes: Uint8Array): Buffer {
  return Buffer.from(
    Array.from(bytes).flatMap((byte) => [...byte.toString(16).padStart(2, '0')].map((digit) => digit.charCodeAt(0))),
  );
}

/** Which of the secrets are in a snapshot of the heap. Taking one collects garbage first. */
async function inHeap(secrets: Readonly<Record<string, Buffer>>): Promise<string[]> {
  const found = new Set<string>();
  let rest = Buffer.alloc(0);
  for await (const chunk of getHeapSnapshot()) {
    const text = Buffer.concat([rest, chunk as Buffer]);
    for (const [name, secret] of Object.entries(secrets)) if (text.includes(secret)) found.add(name);
    rest = text.subarray(Math.max(0, text.length - 100));
  }
  return [...found];
}

async function request(delivery: string): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const environment = loadEnvironment(Environment, {
    DATABASE_URL: 'postgresql://localhost/x',
    EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: `1,${'0'.repeat(32)}`,
    CONTENT_KEY_KEKS_FILE: join(folder, 'keks'),
    CONTENT_KEY_DELIVERY: delivery,
    AUTH_ISSUER: 'x',
    AUTH_AUDIENCE: 'x',
    AUTH_JWKS_URL: 'file:///x',
    NODE_ENV: 'test',
  });
  const client = new ExpressPlayClient({
    environment: 'test',
    prodDomain: 'service.expressplay.com',
    baseUrl: `http://127.0.0.1:${port}`,
    customerAuthenticator: `1,${'0'.repeat(32)}`,
    connectTimeoutMs: 5000,
    timeoutMs: 5000,
    maxConnections: 2,
    useHttps: true,
  });
  const keys = new ContentKeys(environment);
  for (let count = 0; count < REQUESTS; count += 1) {
    const borrowed = keys.borrow();
    await client.requestToken({
      drm: 'fairplay',
      iv: '0'.repeat(32),
      key: borrowed.sourcesOf([KEY])[0]!,
      expiresAt: new Date(Date.now() + 60_000),
    });
    borrowed.giveBack();
  }
  await client.close();
  // Kept until the snapshot is taken, as it is in a service.
  kept.push(environment, keys, client);
}

const kept: unknown[] = [];

describe('after requests', () => {
  it('no KEK and no content key is in the heap, neither of the wrapped nor of the clear way', async () => {
    for (const delivery of ['wrapped', 'clear']) await request(delivery);
    const canary = randomBytes(16);
    kept.push({ held: hexOf(canary).toString() });
    const found = await inHeap({
      KEK: hexOf(KEK),
      'content key': hexOf(CONTENT_KEY),
      'id of the KEK': Buffer.from(KEY.kekId),
      'string that is kept': hexOf(canary),
    });
    expect(found.toSorted()).toEqual(['id of the KEK', 'string that is kept']);
  }, 60_000);
});
