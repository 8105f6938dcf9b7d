import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { JwksUrl, KeySourceError, MAX_KEY_SET_BYTES } from './key-source.js';
import { KeyServer, MISBEHAVIOURS } from './testing/issuer.js';

let server: KeyServer;
beforeEach(async () => {
  server = new KeyServer();
  await server.up();
  return () => server.down();
});

/** The query says more than anybody needs to know. */
function read(timeoutMs = 3000): Promise<string> {
  return new JwksUrl(`${server.url}?appid=canary`, { timeoutMs, maxStaleSeconds: 0 }).read();
}

async function failure(timeoutMs?: number): Promise<string> {
  const error: unknown = await read(timeoutMs).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(KeySourceError);
  expect(error).not.toHaveProperty('cause');
  expect(String((error as Error).stack)).not.toMatch(/canary|127\.0\.0\.1/);
  return (error as KeySourceError).reason;
}

describe('JwksUrl', () => {
  it('answers with the text of the set', async () => {
    expect(await read()).toBe('{"keys":[]}');
    expect(server.asked).toBe('/jwks.json?appid=canary');
  });

  it.each([
    ['gzip', gzipSync],
    [' GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
    ['', (bytes: Buffer) => bytes],
  ] as const)('reads an answer that comes as %j, which is not asked for', async (encoding, encode) => {
    const text = '\uFEFF{"keys":[],"x":"é"}';
    const body = encode(Buffer.from(text));
    server.answer = (response) => void response.writeHead(200, { 'Content-Encoding': encoding }).end(body);
    expect(await read()).toBe(text.slice(1));
  });

  it.each([
    ['is too large when it is unpacked', 'gzip', gzipSync(Buffer.alloc(MAX_KEY_SET_BYTES + 1)), 'too-large'],
    ['is broken', 'gzip', Buffer.from('canary'), 'encoding'],
    ['ends too soon', 'br', brotliCompressSync('{"keys":[]}').subarray(0, 8), 'encoding'],
    ['is packed twice', 'gzip, gzip', gzipSync(gzipSync('canary')), 'encoding'],
    ['is packed in another way', 'canary', Buffer.from('{"keys":[]}'), 'encoding'],
  ])('refuses an answer that %s', async (_, encoding, body, reason) => {
    server.answer = (response) => void response.writeHead(200, { 'Content-Encoding': encoding }).end(body);
    expect(await failure()).toBe(reason);
  });

  it('takes the largest set, packed', async () => {
    const text = 'x'.repeat(MAX_KEY_SET_BYTES);
    server.answer = (response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(text));
    expect(await read()).toBe(text);
  });

  it.each([
    ['never answers', 'timeout'],
    ['begins and never ends', 'timeout'],
    ['sends a byte now and then', 'timeout'],
    ['answers 10 MiB', 'too-large'],
    ['breaks off', 'unreachable'],
    ['answers 404', 'status'],
    ['answers 500', 'status'],
  ])('gives up on a server that %s', async (name, reason) => {
    server.answer = MISBEHAVIOURS[name];
    // Only a server that is to be waited for in vain may run into the deadline.
    expect(await failure(reason === 'timeout' ? 200 : 20_000)).toBe(reason);
  });

  it('reads no more than it has to of an answer without end', async () => {
    let sent = 0;
    server.answer = (response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    };
    expect(await failure()).toBe('too-large');
    // What is on the way when the connection is ended fits into buffers.
    expect(sent).toBeLessThan(MAX_KEY_SET_BYTES + 8 * 1024 * 1024);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const elsewhere = new KeyServer();
    await elsewhere.up();
    server.answer = (response) => void response.writeHead(status, { Location: elsewhere.url }).end();
    expect(await failure()).toBe('redirect');
    expect(elsewhere.requests).toBe(0);
    await elsewhere.down();
  });

  it('says when nobody is there', async () => {
    await server.down();
    expect(await failure()).toBe('unreachable');
    await server.up();
  });
});
