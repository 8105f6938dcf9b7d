// Presents forged tokens to a service whose issuer is a key server of the test's own, and remembers what must leave no trace.
import { PROBLEMS } from '@app/platform/problems';
import { TOKEN_FAULTS, type TokenFault } from '../../apps/entitlement/src/auth/auth.errors.js';
import {
  encodePart,
  KeyServer,
  makeKey,
  sign,
  type SigningKey,
} from '../../apps/entitlement/src/auth/testing/issuer.js';
import { AUDIENCE, ISSUER } from '../support/issuer.js';
import { TestService, type TestServiceOptions } from '../support/test-service.js';

/** What is asked for with each token; alice may have it. */
export const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

/** An attack by its name, the token it presents, and what the service has to say of it. */
export type Attack = [name: string, token: () => string | Promise<string>, fault: TokenFault];

/** An answer of the service. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers: Record<string, string>;
}

/** What a refused caller is told, but for the request id. */
export interface Refusal {
  status: number;
  problem: Record<string, unknown>;
  challenge: string | undefined;
  caching: string | undefined;
}

export class BearerAttacker {
  /** Every token that was presented. */
  readonly presented: string[] = [];
  /** Every answer, with its headers. */
  readonly answers: string[] = [];

  private constructor(
    readonly service: TestService,
    readonly issuer: KeyServer,
    /** A key of the issuer, for RS256. */
    readonly rsa: SigningKey,
    /** A key of the issuer, for ES256. */
    readonly ec: SigningKey,
    /** A key that the issuer does not know. */
    readonly own: SigningKey,
  ) {}

  /**
   * @param environment further variables of the service
   * @param options what else of it is otherwise
   */
  static async start(
    environment: Record<string, string> = {},
    options: TestServiceOptions = {},
  ): Promise<BearerAttacker> {
    const [rsa, ec, own] = await Promise.all([
      makeKey('RS256', 'rsa'),
      makeKey('ES256', 'ec'),
      makeKey('ES256', 'own'),
    ]);
    const issuer = new KeyServer();
    issuer.keys = [rsa.jwk, ec.jwk];
    await issuer.up();
    const service = await TestService.start({
      ...options,
      environment: { AUTH_JWKS_URL: issuer.url, ...environment },
    });
    return new BearerAttacker(service, issuer, rsa, ec, own);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.issuer.down();
  }

  /** The present moment, in whole seconds since 1970. */
  get now(): number {
    return Math.floor(this.service.clock.now().getTime() / 1000);
  }

  /** Claims that are let in, with others in their place. */
  claims(others: Record<string, unknown> = {}): Record<string, unknown> {
    const { now } = this;
    return { iss: ISSUER, aud: AUDIENCE, sub: 'alice', scope: 'playback', iat: now, exp: now + 600, ...others };
  }

  /** A token that is let in, with other claims, further members of the header, or another key. */
  token(claims: Record<string, unknown> = {}, header: object = {}, key: SigningKey = this.ec): Promise<string> {
    return sign(this.claims(claims), key, header);
  }

  /** A token whose signature is made by anything. */
  forge(header: object, signature: (input: string) => string): string {
    const input = `${encodePart(header)}.${encodePart(this.claims())}`;
    return `${input}.${signature(input)}`;
  }

  async present(token: string): Promise<Answer> {
    this.presented.push(token);
    const { status, body, text, headers } = await this.service
      .http()
      .post('/v1/license-tokens')
      .set('Authorization', `Bearer ${token}`)
      .send(PLAYREADY);
    this.answers.push(text + JSON.stringify(headers));
    return { status, body: body as Record<string, unknown>, headers };
  }

  /** Presents a token and answers with what may be said of a refusal; compare it with `refusalOf`. */
  async refusal(token: string): Promise<Refusal> {
    const { status, body, headers } = await this.present(token);
    const { requestId: _, ...problem } = body;
    return { status, problem, challenge: headers['www-authenticate'], caching: headers['cache-control'] };
  }

  /** Parts of presented tokens that are in an answer, or in the log at its most verbose. */
  traces(): string[] {
    const where = this.answers.join('\n') + this.service.log.text;
    const parts = this.presented.flatMap((token) => [token, ...token.split('.')]);
    return [...new Set(parts)].filter((part) => part.length >= 16 && where.includes(part));
  }
}

/** The refusal for a fault: a 401 in fixed words, and nothing else. */
export function refusalOf(fault: TokenFault): Refusal {
  const detail = TOKEN_FAULTS[fault];
  const code = 'unauthenticated';
  const { status, title } = PROBLEMS[code];
  return {
    status: 401,
    problem: { type: `urn:expressplay-bff:problem:${code}`, title, status, detail, code },
    challenge: `Bearer realm="entitlement", error="invalid_token", error_description="${detail}"`,
    caching: 'no-store',
  };
}
