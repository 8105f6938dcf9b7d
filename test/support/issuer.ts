// Signs bearer tokens with a key pair made at run time, and publishes its public half as a JWKS file.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import type { Clock } from '@app/platform/clock';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'entitlement-test';
const KEY_ID = 'test-key';

/** What differs from a good token. */
export interface TokenOptions {
  scope?: string;
  issuer?: string;
  audience?: string;
  /** Seconds from now. */
  expiresIn?: number;
}

export class TestIssuer {
  private constructor(
    private readonly folder: string,
    private readonly privateKey: CryptoKey,
    private readonly clock: Clock,
  ) {}

  static async create(clock: Clock): Promise<TestIssuer> {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const folder = await mkdtemp(join(tmpdir(), 'entitlement-test-jwks-'));
    const key = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' };
    await writeFile(join(folder, 'jwks.json'), JSON.stringify({ keys: [key] }));
    return new TestIssuer(folder, privateKey, clock);
  }

  get jwksFile(): string {
    return join(this.folder, 'jwks.json');
  }

  /** Where `jwksFile` is, for `AUTH_JWKS_URL`. */
  get jwksUrl(): string {
    return pathToFileURL(this.jwksFile).href;
  }

  /** A bearer token for a user, by the injected clock. */
  token(user: string, options: TokenOptions = {}): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    return new SignJWT({ scope: options.scope ?? 'playback' })
      .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
      .setSubject(user)
      .setIssuer(options.issuer ?? ISSUER)
      .setAudience(options.audience ?? AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + (options.expiresIn ?? 600))
      .sign(this.privateKey);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
