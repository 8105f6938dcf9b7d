// `npm run bench -- ownership`: can somebody tell from the time of a refusal whether others own the title?
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { applyMigrations } from '@app/platform/database';
import { createDatabase, databaseServer, dropDatabase } from '@app/embedded-postgres';
import { runCommand } from '../scripts/support/run-command.js';
import { makeContents } from './support/contents.js';
import { MeasuredService } from './support/measured-service.js';
import { shareOfSlower } from './support/shares.js';
import { timingOf } from './support/timing.js';

const CONTENTS = 200;
const OWNERS = 500;
const WARM_UP = 500;
/** Standard errors that chance explains. */
const MOST_DEVIATION = 4;

/** What a stranger may ask about a title. */
const QUESTIONS: [string, (url: string, contentId: string) => [string, RequestInit]][] = [
  ['GET /v1/entitlements/{contentId}', (url, contentId) => [`${url}/v1/entitlements/${contentId}`, {}]],
  [
    'POST /v1/license-tokens',
    (url, contentId) => [
      `${url}/v1/license-tokens`,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ contentId, drm: 'widevine' }),
      },
    ],
  ],
];

await runCommand(async () => {
  const { values } = parseArgs({ options: { requests: { type: 'string', default: '20000' } } });
  const requests = Number(values.requests);
  if (!Number.isSafeInteger(requests) || requests < 100) throw new Error('--requests must be a whole number from 100.');
  const server = await databaseServer(process.env.DATABASE_URL);
  const name = `bench_ownership_${process.pid}`;
  try {
    const url = await createDatabase(server.url, name);
    await fill(url);
    const service = await MeasuredService.start(url, 'playback');
    const told: string[] = [];
    try {
      for (const [question, request] of QUESTIONS) {
        await ask(service, request, WARM_UP);
        if (tellsApart(question, await ask(service, request, requests))) told.push(question);
      }
    } finally {
      await service.stop();
    }
    if (told.length > 0) throw new Error(`The time tells whether others own a title: ${told.join(', ')}`);
  } finally {
    await dropDatabase(server.url, name);
    await server.stop();
  }
});

/** Every other title is owned, by many. */
async function fill(url: string): Promise<void> {
  await applyMigrations(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  await makeContents(client, CONTENTS);
  await client.query(
    `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
     SELECT 'order-' || n || '-' || o, 'owner-' || o, 'content-' || n, 'buy-to-own', now()
     FROM generate_series(0, $1::int - 1, 2) n, generate_series(1, $2::int) o`,
    [CONTENTS, OWNERS],
  );
  await client.query('ANALYZE');
  await client.end();
}

/** Milliseconds of refusals, one after the other in random order, so that whatever else happens slows both alike. */
async function ask(
  service: MeasuredService,
  request: (url: string, contentId: string) => [string, RequestInit],
  count: number,
): Promise<{ owned: number[]; free: number[] }> {
  const times = { owned: [] as number[], free: [] as number[] };
  for (let n = 0; n < count; n += 1) {
    const content = Math.floor(Math.random() * CONTENTS);
    const [address, init] = request(service.url, `content-${content}`);
    const start = performance.now();
    const answer = await fetch(address, {
      ...init,
      headers: { ...init.headers, Authorization: `Bearer ${service.bearer}` },
    });
    const text = await answer.text();
    times[content % 2 === 0 ? 'owned' : 'free'].push(performance.now() - start);
    if (!text.includes('no-purchase')) throw new Error(`${answer.status}: ${text}`);
  }
  return times;
}

function tellsApart(question: string, { owned, free }: { owned: number[]; free: number[] }): boolean {
  const { share, error } = shareOfSlower(owned, free);
  const [a, b] = [timingOf(owned), timingOf(free)];
  process.stdout.write(
    `${question}: p50 ${a.p50.toFixed(3)} ms owned by others, ${b.p50.toFixed(3)} ms by nobody; ` +
      `of two answers the slower is the owned title's in ${(share * 100).toFixed(2)} % (+- ${(error * 100).toFixed(2)})\n`,
  );
  return Math.abs(share - 0.5) > MOST_DEVIATION * error;
}
