// An issuer of bearer tokens for tests: keys made at run time and a JWKS served on this machine.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose';

/** One signing key of the issuer. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** Makes a key. Without `kid` neither the key set nor the tokens name it. */
export async function makeKey(alg: string, kid?: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), alg, ...(kid === undefined ? {} : { kid }) };
  return { alg, kid, privateKey, jwk };
}

/** Signs claims as they are given. @param header further members of the JOSE header, or others in place of its own */
export function sign(claims: JWTPayload, key: SigningKey, header: object = {}): Promise<string> {
  return signText(JSON.stringify(claims), key, header);
}

/** Signs a text that need not be JSON. */
export function signText(text: string, key: SigningKey, header: object = {}): Promise<string> {
  return new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: key.alg, ...(key.kid === undefined ? {} : { kid: key.kid }), ...header })
    .sign(key.privateKey);
}

/** JSON in base64url, a part of a token. */
export function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Serves a key set over HTTP, counts the requests for it, and can be taken down, brought back and made to misbehave. */
export class KeyServer {
  keys: JWK[] = [];
  status = 200;
  requests = 0;
  /** Path and query of the last request. */
  asked: string | undefined;
  /** Answers in place of the key set. */
  answer: ((response: ServerResponse) => void) | undefined;
  readonly #server: Server = createServer((request, response) => {
    this.requests += 1;
    this.asked = request.url;
    if (this.answer !== undefined) {
      this.answer(response);
      return;
    }
    response.writeHead(this.status, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify({ keys: this.keys }));
  });
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/jwks.json`;
  }

  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Ways in which a key server lets one down, for `answer`. */
export const MISBEHAVIOURS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'never answers': () => undefined,
  'begins and never ends': (response) => void response.writeHead(200).write('{"keys":['),
  'sends a byte now and then': (response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  },
  'answers 10 MiB': (response) => void response.end(`{"keys":[],"x":"${'x'.repeat(10 * 1024 * 1024)}"}`),
  'breaks off': (response) => {
    response.writeHead(200, { 'Content-Length': 1000 }).write('{"keys":[');
    setImmediate(() => response.destroy());
  },
  'answers with garbage': (response) => void response.end('<html>canary</html>'),
  'answers with another JSON': (response) => void response.end('{"canary":1}'),
  'answers with a set of no use': (response) => void response.end('{"keys":[{"kty":"oct","k":"canary"}]}'),
  'answers with nothing': (response) => void response.end(),
  'answers 404': (response) => void response.writeHead(404).end('{"keys":[]}'),
  'answers 500': (response) => void response.writeHead(500).end('canary'),
};
