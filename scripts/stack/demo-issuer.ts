// Who signs the bearer tokens of a local stack: a key pair made when it starts, kept in a folder that goes with it.
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';

/** What a stack tells the commands beside it. */
interface IssuerFile {
  issuer: string;
  audience: string;
  privateJwk: JWK;
}

/** What goes into a token. */
export interface TokenClaims {
  /** The user id, as the `sub` claim. */
  user: string;
  /** Space-separated scopes. */
  scope: string;
  /** Life in seconds; negative for one that has expired. */
  expiresInSeconds: number;
}

export const DEMO_ISSUER = 'https://issuer.example';
export const DEMO_AUDIENCE = 'entitlement';
const ALGORITHM = 'ES256';
const STATE = '.stack';

/** The issuer of the stack whose service listens on `port`. */
export class DemoIssuer {
  readonly #folder: string;

  constructor(readonly port: number) {
    this.#folder = resolve(STATE, `port-${port}`);
  }

  /** The public half, for `AUTH_JWKS_FILE`. */
  get jwksFile(): string {
    return join(this.#folder, 'jwks.json');
  }

  /** Makes a key pair and writes both halves. */
  async create(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    const kid = `stack-${this.port}-${Date.now()}`;
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' }] };
    const secret: IssuerFile = {
      issuer: DEMO_ISSUER,
      audience: DEMO_AUDIENCE,
      privateJwk: { ...(await exportJWK(privateKey)), kid, alg: ALGORITHM },
    };
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.jwksFile, JSON.stringify(jwks));
    await writeFile(this.#secretFile, JSON.stringify(secret), { mode: 0o600 });
  }

  /**
   * Signs a bearer token that the stack accepts.
   * @throws Error when no stack runs on this port
   */
  async token({ user, scope, expiresInSeconds }: TokenClaims): Promise<string> {
    const { issuer, audience, privateJwk } = await this.#read();
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ scope })
      .setProtectedHeader({ alg: ALGORITHM, kid: privateJwk.kid ?? '', typ: 'at+jwt' })
      .setSubject(user)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(Math.min(now, now + expiresInSeconds))
      .setExpirationTime(now + expiresInSeconds)
      .sign(await importJWK(privateJwk, ALGORITHM));
  }

  /** Forgets the keys. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    // Another stack, on another port, may still need the folder above.
    await rmdir(resolve(STATE)).catch(() => undefined);
  }

  get #secretFile(): string {
    return join(this.#folder, 'issuer.json');
  }

  async #read(): Promise<IssuerFile> {
    try {
      return JSON.parse(await readFile(this.#secretFile, 'utf8')) as IssuerFile;
    } catch (cause) {
      const hint = 'Start one with `npm run stack`, or name its port with PORT.';
      throw new Error(`No stack is running on port ${this.port}. ${hint}`, { cause });
    }
  }
}
