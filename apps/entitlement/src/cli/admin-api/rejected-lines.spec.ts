import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { RejectedFile, SentLines } from './rejected-lines.js';

it('keeps reported lines as they were, by their number, but for those that are too long', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rejected-lines-'));
  const text = `one\r\n\ntw\u00f6\n${'x'.repeat(70_000)}\n five`;
  const sent = new SentLines(11);
  const chunks = Readable.from([Buffer.from(text).subarray(0, 8), Buffer.from(text).subarray(8)]);
  for await (const _chunk of sent.watch(chunks));
  const path = join(folder, 'rejected');
  const file = new RejectedFile(path);
  for (const line of [11, 13, 14, 15, 16]) file.add(sent.take(line));
  expect(file.lines).toBe(3);
  file.close();
  expect(await readFile(path, 'utf8')).toBe('one\ntw\u00f6\n five\n');
  expect(() => new RejectedFile(path)).toThrow(/such a file already/);
  expect(() => new RejectedFile('/nowhere/rejected')).toThrow(
    /^--rejected \/nowhere\/rejected: cannot be written \(ENOENT\)\.$/,
  );
  await rm(folder, { recursive: true });
});
