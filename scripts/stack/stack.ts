// The whole service on one machine: Postgres, migrations, demo data, emulator and service.
import { randomBytes } from 'node:crypto';
import { applyMigrations, DatabaseUnavailableError, PrismaService, withSession } from '@app/platform/database';
import { databaseServer, type DatabaseServer } from '@app/embedded-postgres';
import { seedDemoData } from '../../prisma/seed/seed-demo-data.js';
import { App } from './app.js';
import { DEMO_AUDIENCE, DEMO_ISSUER, DemoIssuer } from './demo-issuer.js';
import { assertPortIsFree } from './port-check.js';
import type { StackSettings } from './settings.js';

/** ExpressPlay's published sample authenticator, which the emulator takes for the test environment. No secret. */
const DEMO_AUTHENTICATOR = '201722,1ad8eed133edf43cbcc185f0236828ae';
const KEK_ID = 'demo';
const HOST = '127.0.0.1';

/** A running stack. */
export interface Stack {
  readonly serviceUrl: string;
  readonly emulatorUrl: string;
  readonly databaseUrl: string;
  readonly issuer: DemoIssuer;
  /** Settles when one of the apps ends by itself, with the name of it. */
  readonly broken: Promise<string>;
  /** Ends all of it, and leaves no process and no file behind. */
  stop(): Promise<void>;
}

/**
 * Starts everything, one part after the other.
 * @param progress told what is being done
 * @throws Error naming what did not start; what had been started is ended again
 */
export async function startStack(settings: StackSettings, progress: (step: string) => void): Promise<Stack> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    await assertPortIsFree(settings.port, 'PORT');
    await assertPortIsFree(settings.emulatorPort, 'EMULATOR_PORT');

    progress(
      settings.databaseUrl === undefined
        ? 'starting an embedded Postgres'
        : 'using the database of DATABASE_URL; the demo data stays in it',
    );
    const server = await databaseServer(settings.databaseUrl);
    started.push(() => server.stop());
    await assertDatabaseAnswers(server);

    progress('applying migrations');
    await applyMigrations(server.url, { onApplied: (name) => progress(`applied ${name}`) });

    progress('writing the demo data');
    const kek = randomBytes(16);
    await seed(server.url, kek);

    const issuer = new DemoIssuer(settings.port);
    started.push(() => issuer.remove());
    await issuer.create();

    const emulatorUrl = `http://${HOST}:${settings.emulatorPort}`;
    progress(`starting the ExpressPlay emulator on ${emulatorUrl}`);
    const emulator = await App.start({
      name: 'emulator',
      main: 'dist/apps/expressplay-emulator/src/main.js',
      environment: { EMULATOR_PORT: String(settings.emulatorPort), EMULATOR_HOST: HOST, LOG_LEVEL: settings.logLevel },
      readyUrl: `${emulatorUrl}/emulator/health`,
    });
    started.push(() => emulator.stop());

    const serviceUrl = `http://${HOST}:${settings.port}`;
    progress(`starting the service on ${serviceUrl}`);
    const service = await App.start({
      name: 'service',
      main: 'dist/apps/entitlement/src/main.js',
      environment: {
        // Pages of this machine may call it.
        NODE_ENV: 'development',
        PORT: String(settings.port),
        HOST,
        // One port for all of it: two stacks on one machine must not meet on a second one.
        MANAGEMENT_PORT: String(settings.port),
        DATABASE_URL: server.url,
        EXPRESSPLAY_ENVIRONMENT: 'test',
        EXPRESSPLAY_BASE_URL: emulatorUrl,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: DEMO_AUTHENTICATOR,
        CONTENT_KEY_KEKS: `${KEK_ID}=${kek.toString('hex')}`,
        AUTH_ISSUER: DEMO_ISSUER,
        AUTH_AUDIENCE: DEMO_AUDIENCE,
        AUTH_JWKS_FILE: issuer.jwksFile,
        // What a `.env` beside the stack may say of the same things does not count here; empty is unset.
        AUTH_JWKS_URL: '',
        DATABASE_URL_FILE: '',
        DATABASE_PASSWORD: '',
        DATABASE_PASSWORD_FILE: '',
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_FILE: '',
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: '',
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT_FILE: '',
        CONTENT_KEY_KEKS_FILE: '',
        SHUTDOWN_DRAIN_SECONDS: '0',
        LOG_LEVEL: settings.logLevel,
      },
      readyUrl: `${serviceUrl}/health/ready`,
    });
    started.push(() => service.stop());

    const broken = Promise.race([emulator.ended().then(() => 'emulator'), service.ended().then(() => 'service')]);
    return { serviceUrl, emulatorUrl, databaseUrl: server.url, issuer, broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function seed(databaseUrl: string, kek: Uint8Array): Promise<void> {
  const prisma = new PrismaService({ url: databaseUrl, poolSize: 2, timeoutMs: 10_000 });
  try {
    await seedDemoData(prisma, { id: KEK_ID, kek }, new Date());
  } finally {
    await prisma.onApplicationShutdown();
  }
}

async function assertDatabaseAnswers({ url, embedded }: DatabaseServer): Promise<void> {
  try {
    await withSession({ url }, async () => undefined);
  } catch (cause) {
    const why = cause instanceof DatabaseUnavailableError ? cause.found : String(cause);
    const which = embedded ? 'The embedded Postgres' : 'The Postgres that DATABASE_URL names';
    throw new Error(`${which} cannot be used: ${why}. Unset DATABASE_URL to use an embedded one.`, { cause });
  }
}
