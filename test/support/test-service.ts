// The service in this process, with a real Postgres, the emulator over its port, and a clock that the test moves.
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request from 'supertest';
import { inject } from 'vitest';
import { type ApiClient, createApiClient, type Schemas } from '@app/api-client';
import { Clock, ManualClock } from '@app/platform/clock';
import { loadEnvironment } from '@app/platform/configuration';
import { fastifyAdapter, listenForManagement, type ServerLimits } from '@app/platform/http';
import { applicationSpec } from '../../apps/entitlement/src/app.js';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { Pauses } from '../../apps/entitlement/src/license-tokens/expressplay.js';
import type { AccountDirectory } from '../../apps/expressplay-emulator/src/accounts/accounts.js';
import { startEmulator, type RunningEmulator } from '../../apps/expressplay-emulator/src/testing/running-emulator.js';
import { AUDIENCE, ISSUER, TestIssuer, type TokenOptions } from './issuer.js';
import { LogCapture } from './log-capture.js';
import type { PgBouncer } from './pgbouncer.js';
import { TcpProxy } from './tcp-proxy.js';
import { TestDatabase } from './test-database.js';

/** The published sample's, which the emulator takes for the test environment. */
export const AUTHENTICATOR = '201722,1ad8eed133edf43cbcc185f0236828ae';

/** A process has one log, so the services that a test file starts one after the other share it. */
const processLog = new LogCapture();

/** What a test may want otherwise. */
export interface TestServiceOptions {
  /** Further environment variables of the service. */
  environment?: Record<string, string>;
  /** Environment variables of the emulator. */
  emulator?: Record<string, string>;
  /** Limits of the servers other than the service's own. */
  limits?: Partial<ServerLimits>;
  /** Modules beside the service's own, for routes that only a test has. */
  modules?: (new () => object)[];
  /** Puts others in the place of providers. */
  override?: (module: TestingModuleBuilder) => void;
  /** How long ExpressPlay is left alone, other than the service's own pauses. */
  pauses?: Partial<Pauses>;
  /** The emulator's accounts, when the test withdraws some. */
  accounts?: AccountDirectory;
  /** What stands between the service and Postgres. */
  pooler?: PgBouncer;
  /** A database that is there, in place of one of its own. */
  databaseUrl?: string;
}

export class TestService {
  private constructor(
    readonly app: NestFastifyApplication,
    /** Where it listens. */
    readonly url: string,
    readonly clock: ManualClock,
    readonly issuer: TestIssuer,
    readonly emulator: RunningEmulator,
    readonly database: TestDatabase,
    /** Between service and emulator, and between service and Postgres: stop one, and the other side seems stopped. */
    readonly wires: { emulator: TcpProxy; postgres: TcpProxy },
    readonly log: LogCapture,
    /** Where management listens, when it has a port of its own; else where everything listens. */
    readonly managementUrl: string,
  ) {}

  static async start(options: TestServiceOptions = {}): Promise<TestService> {
    const clock = new ManualClock(new Date(inject('seededAt')));
    const log = processLog;
    log.clear();
    const [issuer, emulator, database] = await Promise.all([
      TestIssuer.create(clock),
      startEmulator(
        clock.now(),
        { LOG_LEVEL: 'trace', ...options.emulator },
        { clock, log, accounts: options.accounts },
      ),
      TestDatabase.create(),
    ]);
    const databaseUrl = new URL(options.databaseUrl ?? options.pooler?.url(database.name) ?? database.url);
    const wires = {
      emulator: new TcpProxy({ host: '127.0.0.1', port: Number(new URL(emulator.url).port) }),
      postgres: new TcpProxy({ host: databaseUrl.hostname, port: Number(databaseUrl.port || 5432) }),
    };
    await Promise.all([wires.emulator.start(), wires.postgres.start()]);
    databaseUrl.host = `127.0.0.1:${wires.postgres.port}`;

    const environment = loadEnvironment(Environment, {
      NODE_ENV: 'test',
      LOG_LEVEL: 'trace',
      DATABASE_URL: databaseUrl.href,
      EXPRESSPLAY_ENVIRONMENT: 'test',
      EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${wires.emulator.port}`,
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
      EXPRESSPLAY_TIMEOUT_MS: '2000',
      CONTENT_KEY_KEKS: `test=${inject('kek')}`,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_URL: issuer.jwksUrl,
      SHUTDOWN_DRAIN_SECONDS: '0',
      // A test asks more often than any client, always from the same address.
      RATE_LIMIT_PER_ADDRESS_PER_MINUTE: '0',
      RATE_LIMIT_PER_USER_PER_MINUTE: '0',
      RATE_LIMIT_MANAGEMENT_PER_MINUTE: '0',
      ...options.environment,
    });
    const { module, configure, management, ...server } = applicationSpec(environment, log);
    const building = Test.createTestingModule({ imports: [module, ...(options.modules ?? [])] })
      .overrideProvider(Clock)
      .useValue(clock)
      .overrideProvider(Pauses)
      .useValue({ ...new Pauses(), ...options.pauses });
    options.override?.(building);
    const testing = await building.compile();
    const app = testing.createNestApplication<NestFastifyApplication>(
      fastifyAdapter({
        ...server,
        limits: { ...server.limits, ...options.limits },
        managementApart: management !== undefined,
      }),
    );
    await configure(app);
    const apart = management && (await listenForManagement(app, management));
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    return new TestService(app, url, clock, issuer, emulator, database, wires, log, apart ?? url);
  }

  /** supertest on the service's port. */
  http(): ReturnType<typeof request> {
    return request(this.app.getHttpServer());
  }

  /** Asks for a licence token as a user. */
  async ask(user: string, body: object, options: TokenOptions & { accept?: string } = {}): Promise<request.Response> {
    const bearer = await this.issuer.token(user, options);
    return this.http()
      .post('/v1/license-tokens')
      .set('Authorization', `Bearer ${bearer}`)
      .set('Accept', options.accept ?? 'application/json')
      .send(body);
  }

  /** A client of the API as a user. Management's routes are asked where management listens. */
  client(user: string, options: TokenOptions = {}): ApiClient {
    const players = options.scope === undefined || options.scope === 'playback';
    return createApiClient({
      baseUrl: players ? this.url : this.managementUrl,
      bearer: () => this.issuer.token(user, options),
    });
  }

  /**
   * A licence token, for a user who gets one.
   * @throws Error with the problem for one who does not
   */
  async issue(user: string, body: Schemas['LicenseTokenRequest']): Promise<Schemas['LicenseToken']> {
    const { data, error } = await this.client(user).POST('/v1/license-tokens', { body });
    if (data === undefined) throw new Error(`${user} got no token: ${JSON.stringify(error)}`);
    return data;
  }

  /** What the emulator says a token carries. */
  async carried(token: unknown): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.emulator.url}/emulator/tokens/${String(token)}`);
    return ((await answer.json()) as { parameters: Record<string, unknown> }).parameters;
  }

  /** The cookies of all tokens that ExpressPlay has issued. */
  async issuedCookies(): Promise<string[]> {
    const answer = await fetch(`${this.emulator.url}/emulator/requests`);
    const requests = (await answer.json()) as { outcome: unknown; cookie: string }[];
    return requests.filter(({ outcome }) => outcome === 'issued').map(({ cookie }) => cookie);
  }

  /** The ledger, the oldest row first. */
  ledger(): Promise<LedgerRow[]> {
    return this.database.query<LedgerRow>('SELECT * FROM issuance ORDER BY decided_at, user_id');
  }

  /** Ends the service as SIGTERM does, with the drain. */
  terminate(): Promise<void> {
    // Nest's types leave out the signal that its own handlers pass.
    return (this.app as unknown as { close(signal: string): Promise<void> }).close('SIGTERM');
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.wires.emulator.stop(), this.wires.postgres.stop()]);
    await Promise.all([this.emulator.close(), this.database.drop(), this.issuer.remove()]);
  }
}

/** Callers have this long, in ms, to send the headers of a request, and again its body. */
export function receiveWithin(ms: number): Partial<ServerLimits> {
  return { headersTimeoutMs: ms, bodyTimeoutMs: ms };
}

/** The columns of the ledger that tests look at. */
export interface LedgerRow {
  id: string;
  user_id: string;
  content_id: string;
  drm: string;
  decision: string;
  reason: string | null;
  rights_type: string | null;
  rights_end_at: Date | null;
  play_duration_seconds: number | null;
  first_play: boolean;
  expressplay_code: number | null;
  request_id: string;
}
