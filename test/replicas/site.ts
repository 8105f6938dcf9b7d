// A deployment: one Postgres, one ExpressPlay, and as many processes of the service as a test starts.
import { inject } from 'vitest';
import { ManualClock, SystemClock } from '@app/platform/clock';
import { startEmulator, type RunningEmulator } from '../../apps/expressplay-emulator/src/testing/running-emulator.js';
import { AUDIENCE, ISSUER, TestIssuer } from '../support/issuer.js';
import { TestDatabase } from '../support/test-database.js';
import { AUTHENTICATOR, type LedgerRow } from '../support/test-service.js';
import { Replica } from './replica.js';

/** Terms of the rentals that are sold here. */
export const PLAY_DURATION_SECONDS = 172_800;

/** The machine's clock, which the processes have too. */
class TickingClock extends ManualClock {
  override now(): Date {
    return new Date();
  }
}

/** The database of a deployment. */
export type SiteDatabase = Pick<TestDatabase, 'url' | 'query' | 'drop'>;

export class Site {
  readonly #replicas: Replica[] = [];
  #viewers = 0;

  private constructor(
    readonly emulator: RunningEmulator,
    readonly database: SiteDatabase,
    readonly issuer: TestIssuer,
  ) {}

  /** @param made its database, by default one of its own on the server of all tests */
  static async start(made: Promise<SiteDatabase> = TestDatabase.create()): Promise<Site> {
    const clock = new TickingClock(new Date());
    const [emulator, database, issuer] = await Promise.all([
      startEmulator(clock.now(), {}, { clock }),
      made,
      TestIssuer.create(new SystemClock()),
    ]);
    return new Site(emulator, database, issuer);
  }

  /**
   * One more process, with wires of its own.
   * @param environment settings that differ from a site's
   */
  async startReplica(environment: Record<string, string> = {}): Promise<Replica> {
    const replica = await Replica.start({
      emulatorUrl: this.emulator.url,
      databaseUrl: this.database.url,
      environment: {
        NODE_ENV: 'test',
        // Two busy cores must not look like an outage.
        DATABASE_TIMEOUT_MS: '4000',
        EXPRESSPLAY_TIMEOUT_MS: '10000',
        EXPRESSPLAY_ENVIRONMENT: 'test',
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
        CONTENT_KEY_KEKS: `test=${inject('kek')}`,
        AUTH_ISSUER: ISSUER,
        AUTH_AUDIENCE: AUDIENCE,
        AUTH_JWKS_URL: this.issuer.jwksUrl,
        SHUTDOWN_DRAIN_SECONDS: '0',
        RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
        RATE_LIMIT_PER_USER_PER_MINUTE: '0',
        TOKEN_LIMIT_PER_USER: '1000',
        TOKEN_LIMIT_PER_TITLE: '1000',
        ...environment,
      },
    });
    this.#replicas.push(replica);
    return replica;
  }

  /** A viewer with one rental that has not been started, and their bearer token. */
  async viewerWithRental(): Promise<{ user: string; bearer: string }> {
    this.#viewers += 1;
    const user = `viewer-${this.#viewers}`;
    await this.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES ($1, $1, 'sintel', 'rental', now(), now() + interval '30 days', $2)`,
      [user, PLAY_DURATION_SECONDS],
    );
    return { user, bearer: await this.issuer.token(user) };
  }

  /** When the viewer's rental was first played, in milliseconds. */
  async firstPlay(user: string): Promise<number | null> {
    const [row] = await this.database.query<{ first_play_at: Date | null }>(
      'SELECT first_play_at FROM purchase WHERE user_id = $1',
      [user],
    );
    return row?.first_play_at?.getTime() ?? null;
  }

  /** The viewer's rows in the ledger, the oldest first. */
  ledger(user: string): Promise<(LedgerRow & { decided_at: Date })[]> {
    return this.database.query('SELECT * FROM issuance WHERE user_id = $1 ORDER BY decided_at', [user]);
  }

  /** The cookies of all tokens that ExpressPlay has issued. */
  async issuedCookies(): Promise<Set<string>> {
    const answer = await fetch(`${this.emulator.url}/emulator/requests`);
    const requests = (await answer.json()) as { outcome: unknown; cookie: string | null }[];
    return new Set(
      requests.flatMap(({ outcome, cookie }) => (outcome === 'issued' && cookie !== null ? [cookie] : [])),
    );
  }

  /** The cookie in a token. */
  async cookieOf(token: string): Promise<string | null> {
    const answer = await fetch(`${this.emulator.url}/emulator/tokens/${token}`);
    return ((await answer.json()) as { cookie: string | null }).cookie;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.stop()));
    await Promise.all([this.emulator.close(), this.database.drop(), this.issuer.remove()]);
  }
}
