// Who signs the bearer tokens of a local stack: a key pair made when it starts, kept in a folder that goes with it.
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair } from 'jose';
import { signBearerToken, type TokenClaims } from '../../apps/entitlement/src/cli/token/bearer-signer.js';
import {
  DEMO_ALGORITHM,
  demoIdentity,
  demoIssuerFile,
  stackFolder,
  STACKS_FOLDER,
  type DemoIssuerFile,
} from '../../apps/entitlement/src/cli/stack.js';

export const DEMO_ISSUER = 'https://issuer.example';
export const DEMO_AUDIENCE = 'entitlement';

/** The issuer of the stack whose service listens on `port`. */
export class DemoIssuer {
  readonly #folder: string;

  constructor(readonly port: number) {
    this.#folder = stackFolder(port);
  }

  /** The public half. */
  get jwksFile(): string {
    return join(this.#folder, 'jwks.json');
  }

  /** Where it is, for `AUTH_JWKS_URL`. */
  get jwksUrl(): string {
    return pathToFileURL(resolve(this.jwksFile)).href;
  }

  /** Makes a key pair and writes both halves. */
  async create(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(DEMO_ALGORITHM, { extractable: true });
    const kid = `stack-${this.port}-${Date.now()}`;
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: DEMO_ALGORITHM, use: 'sig' }] };
    const secret: DemoIssuerFile = {
      issuer: DEMO_ISSUER,
      audience: DEMO_AUDIENCE,
      privateJwk: { ...(await exportJWK(privateKey)), kid, alg: DEMO_ALGORITHM },
    };
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.jwksFile, JSON.stringify(jwks));
    await writeFile(demoIssuerFile(this.port), JSON.stringify(secret), { mode: 0o600 });
  }

  /** Signs a bearer token that the stack accepts. @throws Error when no stack runs on this port */
  async token(claims: TokenClaims): Promise<string> {
    const scopePrefix = process.env.AUTH_SCOPE_PREFIX;
    return signBearerToken({ ...(await demoIdentity(this.port)), scopePrefix }, claims, new Date());
  }

  /** Forgets the keys, and whatever else lies in the stack's folder. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    // Another stack, on another port, may still need the folder above.
    await rmdir(resolve(STACKS_FOLDER)).catch(() => undefined);
  }
}
