// `npm run bench -- tokens`: what a licence token costs the service's process, and how long it takes with ExpressPlay next door.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase, freePort } from '@app/embedded-postgres';
import { generate } from '../prisma/seed/generate.js';
import { App } from '../scripts/stack/app.js';
import { runCommand } from '../scripts/support/run-command.js';
import { MeasuredService } from './support/measured-service.js';
import { timingOf } from './support/timing.js';

const USERS = 200;
const CONTENTS = 40;
const WARM_UP = 1000;
const DRMS = ['playready', 'widevine'];
/** The emulator's own test account. */
const AUTHENTICATOR = '201722,1ad8eed133edf43cbcc185f0236828ae';

await runCommand(async () => {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '10000' }, clients: { type: 'string', default: '8' } },
  });
  const [requests, clients] = [Number(values.requests), Number(values.clients)];
  for (const [name, value] of Object.entries({ requests, clients })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1.`);
  }
  const server = await databaseServer(process.env.DATABASE_URL);
  const name = `bench_tokens_${process.pid}`;
  const kek = randomBytes(16);
  let emulator: App | undefined;
  try {
    const url = await createDatabase(server.url, name);
    await fill(url, kek);
    const port = await freePort();
    emulator = await startEmulator(port);
    const service = await MeasuredService.start(url, 'playback', {
      CONTENT_KEY_KEKS: `bench=${kek.toString('hex')}`,
      EXPRESSPLAY_BASE_URL: `http://127.0.0.1:${port}`,
      EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: AUTHENTICATOR,
      // Counted, as they are in earnest, and never reached.
      TOKEN_LIMIT_PER_USER: '1000000',
      TOKEN_LIMIT_PER_TITLE: '1000000',
    });
    try {
      await measure(service, requests, clients);
    } finally {
      await service.stop();
    }
  } finally {
    await emulator?.stop();
    await dropDatabase(server.url, name);
    await server.stop();
  }
});

async function measure(service: MeasuredService, requests: number, clients: number): Promise<void> {
  const bearers = await Promise.all(Array.from({ length: USERS }, (_, n) => service.bearerOf(`user-${n + 1}`)));
  await ask(service.url, bearers, WARM_UP, clients);
  const before = await service.cpuSeconds();
  const start = performance.now();
  const times = await ask(service.url, bearers, requests, clients);
  const seconds = (performance.now() - start) / 1000;
  const after = await service.cpuSeconds();
  const { p50, p99 } = timingOf(times);
  const cpu = before === undefined || after === undefined ? NaN : ((after - before) * 1000) / requests;
  process.stdout.write(
    `${requests} licence tokens, ${clients} clients: ${(requests / seconds).toFixed(0)} a second; p50 ${p50.toFixed(1)} ms, ` +
      `p99 ${p99.toFixed(1)} ms; ${cpu.toFixed(2)} ms of the service's CPU for each; memory ${(await service.memory())?.peak} MiB at most\n`,
  );
}

/** Every user owns every other title and rents the rest. */
async function fill(url: string, kek: Uint8Array): Promise<void> {
  await applyMigrations(url);
  const options = { purchases: 0, users: USERS, contents: CONTENTS, seed: 1, at: new Date() };
  await generate(url, options, { id: 'bench', kek: Buffer.from(kek) }, () => undefined);
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
     SELECT 'order-' || u || '-' || n, 'user-' || u, 'generated-' || n,
            CASE WHEN rented THEN 'rental' ELSE 'buy-to-own' END::purchase_type, now(),
            CASE WHEN rented THEN now() + interval '30 days' END, CASE WHEN rented THEN 172800 END
     FROM generate_series(1, $1::int) u, generate_series(1, $2::int) n, LATERAL (SELECT n % 2 = 0 AS rented) kind`,
    [USERS, CONTENTS],
  );
  await client.query('ANALYZE');
  await client.end();
}

function startEmulator(port: number): Promise<App> {
  return App.start({
    name: 'emulator',
    main: fileURLToPath(new URL('../apps/expressplay-emulator/src/main.js', import.meta.url)),
    environment: { EMULATOR_PORT: String(port), LOG_LEVEL: 'warn' },
    readyUrl: `http://127.0.0.1:${port}/emulator/health`,
  });
}

/** Milliseconds of each of `count` requests, of which `clients` are under way at once. */
async function ask(url: string, bearers: readonly string[], count: number, clients: number): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const body = { contentId: `generated-${1 + (left % CONTENTS)}`, drm: DRMS[left % 3 === 0 ? 0 : 1] };
      const start = performance.now();
      const answer = await fetch(`${url}/v1/license-tokens`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${bearers[left % bearers.length]}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      times.push(performance.now() - start);
      if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return times;
}
