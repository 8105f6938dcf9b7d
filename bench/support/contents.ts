// Titles without keys, which is enough for what is never granted.
import type { Client } from 'pg';

/** Makes `content-0` and so on. */
export async function makeContents(client: Client, count: number): Promise<void> {
  await client.query(`
    INSERT INTO output_policy (name, analog_video_opl, compressed_digital_audio_opl, compressed_digital_video_opl,
      uncompressed_digital_audio_opl, uncompressed_digital_video_opl)
    VALUES ('bench', 150, 250, 400, 250, 270)`);
  await client.query(
    `INSERT INTO content (id, title, output_policy_name)
     SELECT 'content-' || n, 'Title ' || n, 'bench' FROM generate_series(0, $1::int - 1) n`,
    [count],
  );
}
