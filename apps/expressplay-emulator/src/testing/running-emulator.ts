// The emulator in this process, on a free port, with a clock that the test moves.
import { Clock, ManualClock } from '@app/platform/clock';
import { loadEnvironment } from '@app/platform/configuration';
import { fastifyAdapter } from '@app/platform/http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { DestinationStream } from 'pino';
import { AccountDirectory } from '../accounts/accounts.js';
import { applicationSpec } from '../app.js';
import { Environment } from '../environment.js';

/** A started emulator. */
export interface RunningEmulator {
  /** Where it is, without a slash at the end. */
  readonly url: string;
  readonly clock: ManualClock;
  close(): Promise<void>;
}

/** What a test may have in common with the emulator. A process has one log, so whoever is started first sets it. */
export interface SharedWithEmulator {
  clock?: ManualClock;
  log?: DestinationStream;
  /** Accounts that the test holds in its hand, in place of those of the environment. */
  accounts?: AccountDirectory;
}

/** Starts one. `variables` are those of its environment. */
export async function startEmulator(
  now: Date,
  variables: Record<string, string> = {},
  { clock = new ManualClock(now), log, accounts }: SharedWithEmulator = {},
): Promise<RunningEmulator> {
  const environment = loadEnvironment(Environment, { LOG_LEVEL: 'silent', ...variables });
  const spec = applicationSpec(environment, log);
  const building = Test.createTestingModule({ imports: [spec.module] })
    .overrideProvider(Clock)
    .useValue(clock);
  if (accounts !== undefined) building.overrideProvider(AccountDirectory).useValue(accounts);
  const testing = await building.compile();
  const app = testing.createNestApplication<NestFastifyApplication>(fastifyAdapter(spec));
  await spec.configure(app);
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), clock, close: () => app.close() };
}
