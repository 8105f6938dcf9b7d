// `npm run db:generate -- --users 100000 --purchases 10000000`: fills the database that DATABASE_URL names, for load and scale.
import { randomBytes } from 'node:crypto';
import { parseKeks } from '../apps/entitlement/src/keks.js';
import { generate } from '../prisma/seed/generate.js';
import { GENERATE_USAGE, generateOptions } from '../prisma/seed/generate-options.js';
import type { SeedKek } from '../prisma/seed/demo-data.js';
import { requiredDatabaseUrl } from './support/environment.js';
import { runCommand } from './support/run-command.js';

await runCommand(async () => {
  const options = generateOptions(process.argv.slice(2), new Date());
  if (options === undefined) return console.log(GENERATE_USAGE);
  await generate(requiredDatabaseUrl(), options, firstKek(process.env.CONTENT_KEY_KEKS), (line) => console.log(line));
  console.log('The data is generated.');
});

function firstKek(keks: string | undefined): SeedKek {
  if (!keks) {
    console.log('CONTENT_KEY_KEKS is not set: the content keys are wrapped under a random KEK that nobody keeps.');
    return { id: 'generated', kek: randomBytes(16) };
  }
  const [first] = parseKeks(Buffer.from(keks));
  if (first === undefined) throw new Error('CONTENT_KEY_KEKS names no KEK.');
  return { id: first[0], kek: first[1] };
}
