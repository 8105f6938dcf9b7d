// The issuer's key set in a file, read again now and then: a mounted file is swapped under its name without notice.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type KeyPace, type KeySource, KeySourceError, MAX_KEY_SET_BYTES } from './key-source.js';

/** A key set in a file. The last good content stays in force for as long as the file cannot be read. */
export class JwksFile implements KeySource {
  readonly pace: KeyPace = {
    refreshSeconds: 5,
    // Reading it takes no time worth sparing.
    overlapSeconds: 0,
    retrySeconds: 5,
    unknownKeySeconds: 1,
    maxStaleSeconds: Number.POSITIVE_INFINITY,
  };

  constructor(private readonly path: string) {}

  async read(): Promise<string> {
    let content: string;
    try {
      // Anything but a file, a pipe or a device say, could be waited on for ever.
      if (!(await stat(this.path)).isFile()) throw new KeySourceError('unreadable');
      content = await text(createReadStream(this.path, { end: MAX_KEY_SET_BYTES }));
    } catch {
      // The error would quote the path.
      throw new KeySourceError('unreadable');
    }
    if (Buffer.byteLength(content) > MAX_KEY_SET_BYTES) throw new KeySourceError('too-large');
    return content;
  }
}
