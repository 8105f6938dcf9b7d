// An issuer of bearer tokens for tests: keys made at run time and a JWKS served on this machine.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

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

/** Signs claims as they are given. */
export function sign(claims: JWTPayload, key: SigningKey): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .sign(key.privateKey);
}

/** Serves a key set over HTTP, counts the requests for it, and can be taken down and brought back. */
export class KeyServer {
  keys: JWK[] = [];
  status = 200;
  requests = 0;
  readonly #server: Server = createServer((_request, response) => {
    this.requests += 1;
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
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
