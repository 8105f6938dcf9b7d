// Titles for load and scale, with output policies and content keys.
import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { wrapKey } from '@app/key-wrapping';
import type { GenerateOptions } from './generate-options.js';
import type { SeedKek } from './seed-demo-data.js';

const CHUNK = 1000;

const POLICIES = `
  INSERT INTO output_policy (name, analog_video_opl, compressed_digital_audio_opl, compressed_digital_video_opl,
    uncompressed_digital_audio_opl, uncompressed_digital_video_opl, unknown_output_behavior, offline_allowed,
    widevine_security_level, widevine_hdcp)
  VALUES ('generated-sd', 100, 100, 250, 100, 250, 'Allow', true, 1, 0),
         ('generated-hd', 150, 250, 400, 250, 270, 'Allow', true, 1, 1),
         ('generated-uhd', 201, 300, 500, 300, 300, 'Disallow', false, 5, 2)
  ON CONFLICT DO NOTHING`;

// One in ten is without FairPlay, one in fifty withdrawn, one in a hundred still to come.
const CONTENTS = `
  INSERT INTO content (id, title, kid, iv, output_policy_name, available_from, withdrawn_at)
  SELECT 'generated-' || n, 'Generated title ' || n, kid, CASE WHEN n % 10 > 0 THEN iv END,
         (ARRAY['generated-sd', 'generated-hd', 'generated-hd', 'generated-uhd'])[n % 4 + 1],
         CASE WHEN n % 100 = 99 THEN $4::timestamptz + n % 90 * interval '1 day' END,
         CASE WHEN n % 50 = 49 AND n % 100 <> 99 THEN $4::timestamptz - n % 400 * interval '1 day' END
  FROM unnest($1::int[], $2::text[], $3::text[]) AS title (n, kid, iv)
  ON CONFLICT DO NOTHING`;

const KEYS = `
  INSERT INTO content_key (content_id, kek_id, ek)
  SELECT 'generated-' || n, $2, ek FROM unnest($1::int[], $3::bytea[]) AS key (n, ek)
  ON CONFLICT DO NOTHING`;

/** Writes those that are not there yet. Content keys are random, and wrapped under the KEK before they leave this process. */
export async function generateContents(client: Client, options: GenerateOptions, { id, kek }: SeedKek): Promise<void> {
  await client.query(POLICIES);
  for (let first = 1; first <= options.contents; first += CHUNK) {
    const length = Math.min(CHUNK, options.contents - first + 1);
    const numbers = Array.from({ length }, (_, index) => first + index);
    const hex = (kind: string) => numbers.map((n) => hexOf(`${kind} ${options.seed} ${n}`));
    await client.query(CONTENTS, [numbers, hex('kid'), hex('iv'), options.at]);
    await client.query(KEYS, [numbers, id, numbers.map(() => Buffer.from(wrapKey(kek, randomBytes(16))))]);
  }
}

/** 16 bytes that are always the same for a name: KIDs and IVs are no secrets. */
function hexOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
