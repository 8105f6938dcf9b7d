// The whole service on one machine: Postgres, migrations, demo data, emulator and service.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { applyMigrations, DatabaseUnavailableError, withSession } from '@app/platform/database';
import { databaseServer, type DatabaseServer } from '@app/embedded-postgres';
import { DEMO_TITLES, DEMO_VIEWERS, seedDatabase } from '../../prisma/seed/demo-data.js';
import { stackEnvironmentFile, stackFolder } from '../../apps/entitlement/src/cli/stack.js';
import { integerOption } from '../../apps/entitlement/src/cli/terminal/values.js';
import { App } from './app.js';
import { DEMO_AUDIENCE, DEMO_ISSUER, DemoIssuer } from './demo-issuer.js';

interface StackSettings {
  port: number;
  emulatorPort: number;
  /** An existing Postgres; an embedded one is started when it is absent. */
  databaseUrl?: string;
  /** Of the service, and of the emulator, whose requests are the service's own. */
  logLevels: readonly [service: string, emulator: string];
}

/** What a stack can be told, for the help of the commands that start one. */
export const STACK_VARIABLES = `Variables:
  PORT           port of the service (default: 3000)
  EMULATOR_PORT  port of the ExpressPlay emulator (default: 3100)
  DATABASE_URL   a Postgres that is there, which keeps the demo data (default: an embedded one)
  LOG_LEVEL      lowest level that service and emulator log`;

/**
 * Reads the settings from the environment.
 * @param logLevel of the service, where the environment names none
 * @throws Error naming the variable that is no port, or both that are one
 */
export function stackSettings(logLevel = 'warn'): StackSettings {
  const { DATABASE_URL, LOG_LEVEL, PORT, EMULATOR_PORT } = process.env;
  const port = integerOption('PORT', PORT || String(DEFAULT_PORT), 1, 65_535);
  const emulatorPort = integerOption('EMULATOR_PORT', EMULATOR_PORT || '3100', 1, 65_535);
  if (port === emulatorPort) {
    throw new Error(`PORT and EMULATOR_PORT are both ${port}: the service and the emulator need a port each.`);
  }
  // Quiet, so that what the command itself says stays in sight.
  const logLevels = [LOG_LEVEL || logLevel, LOG_LEVEL || 'warn'] as const;
  return { port, emulatorPort, databaseUrl: DATABASE_URL || undefined, logLevels };
}

/** ExpressPlay's published sample authenticator, which the emulator takes for the test environment. No secret. */
const DEMO_AUTHENTICATOR = '201722,1ad8eed133edf43cbcc185f0236828ae';
const KEK_ID = 'demo';
const HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;

export interface Stack {
  readonly serviceUrl: string;
  readonly emulatorUrl: string;
  readonly databaseUrl: string;
  /** The page that plays titles as the demo's viewers. */
  readonly playerUrl: string;
  /** The env file with the service's settings, from the folder that the stack was started in. */
  readonly environmentFile: string;
  /** How to call a npm script beside it. */
  readonly npm: string;
  readonly issuer: DemoIssuer;
  /** Settles at a signal to end. @throws Error when one of the apps ends by itself */
  untilEnd(signal: Promise<unknown>): Promise<void>;
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
    await seedDatabase(server.url, { id: KEK_ID, kek });

    const issuer = new DemoIssuer(settings.port);
    started.push(() => issuer.remove());
    await issuer.create();

    const serviceUrl = `http://${HOST}:${settings.port}`;
    const playerFile = join(stackFolder(settings.port), 'player.json');
    await writeFile(playerFile, await playerText(serviceUrl, issuer), { mode: 0o600 });

    const [logLevel, emulatorLogLevel] = settings.logLevels;
    const emulatorUrl = `http://${HOST}:${settings.emulatorPort}`;
    progress(`starting the ExpressPlay emulator on ${emulatorUrl}`);
    const emulator = await App.start({
      name: 'emulator',
      main: 'dist/apps/expressplay-emulator/src/main.js',
      environment: {
        EMULATOR_PORT: String(settings.emulatorPort),
        EMULATOR_HOST: HOST,
        EMULATOR_PLAYER_FILE: playerFile,
        LOG_LEVEL: emulatorLogLevel,
      },
      readyUrl: `${emulatorUrl}/emulator/health`,
    });
    started.push(() => emulator.stop());

    progress(`starting the service on ${serviceUrl}`);
    const environment = {
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
      AUTH_JWKS_URL: issuer.jwksUrl,
      // What a `.env` beside the stack may say of the same things does not count here; empty is unset.
      AUTH_SCOPE_PREFIX: process.env.AUTH_SCOPE_PREFIX ?? '',
      DATABASE_URL_FILE: '',
      DATABASE_PASSWORD: '',
      DATABASE_PASSWORD_FILE: '',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_FILE: '',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: '',
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT_FILE: '',
      CONTENT_KEY_KEKS_FILE: '',
      SHUTDOWN_DRAIN_SECONDS: '0',
      LOG_LEVEL: logLevel,
    };
    const environmentFile = stackEnvironmentFile(settings.port);
    // For the command line beside the stack, and for a shell.
    const lines = Object.entries(environment).map(([name, value]) => `${name}='${value}'\n`);
    await writeFile(environmentFile, lines.join(''), { mode: 0o600 });
    const service = await App.start({
      name: 'service',
      main: 'dist/apps/entitlement/src/main.js',
      environment,
      readyUrl: `${serviceUrl}/health/ready`,
    });
    started.push(() => service.stop());

    const broken = Promise.race([emulator.ended().then(() => 'emulator'), service.ended().then(() => 'service')]);
    return {
      serviceUrl,
      emulatorUrl,
      databaseUrl: server.url,
      playerUrl: `${emulatorUrl}/player`,
      environmentFile: relative('', environmentFile),
      npm: `${settings.port === DEFAULT_PORT ? '' : `PORT=${settings.port} `}npm run -s`,
      issuer,
      untilEnd: async (signal) => {
        const ended = await Promise.race([signal.then(() => undefined), broken]);
        if (ended !== undefined) throw new Error(`The ${ended} has ended.`);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the player page is told: its viewers' bearer tokens are good for as long as a stack may stay up. */
async function playerText(service: string, issuer: DemoIssuer): Promise<string> {
  const expiresInSeconds = 30 * 86_400;
  const viewers: Record<string, string> = {};
  for (const user of DEMO_VIEWERS) viewers[user] = await issuer.token({ user, scope: 'playback', expiresInSeconds });
  return JSON.stringify({ service, titles: DEMO_TITLES, viewers });
}

/** A command that asks for a token as a player does, as it can be pasted; its further lines are moved in. */
export function askText({ serviceUrl, npm }: Stack, indent: number): string {
  return [
    `curl -s ${serviceUrl}/v1/license-tokens \\`,
    `-H "Authorization: Bearer $(${npm} token -- bob)" \\`,
    `-H 'Content-Type: application/json' -d '{"contentId":"sintel","drm":"playready"}'`,
  ].join(`\n${' '.repeat(indent + 2)}`);
}

/** @throws Error naming the variable that chooses the port */
async function assertPortIsFree(port: number, variable: string): Promise<void> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const advice = `Choose another one with ${variable}, for example ${variable}=${port + 1000}.`;
    throw new Error(`Port ${port} is taken. ${advice}`, { cause });
  }
  await once(server.close(), 'close');
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
