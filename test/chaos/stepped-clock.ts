// A clock of a replica's own that jumps, as one does that is set right: by Debian's libfaketime.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

/** The library; undefined where it is not installed. */
export function faketimeLibrary(): string | undefined {
  const folders = existsSync(LIBRARIES) ? readdirSync(LIBRARIES) : [];
  return folders
    .map((folder) => join(LIBRARIES, folder, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
}

export class SteppedClock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'stepped-clock-'));
  readonly #file = join(this.#folder, 'offset');

  constructor(private readonly library: string) {
    this.step(0);
  }

  /** For a process that is to have it; what it measures with its monotonic clock stays true. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      // How long the library keeps what it has read, in seconds.
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds from now on it is so much before (negative) or after the machine's, a second later at most */
  step(seconds: number): void {
    writeFileSync(this.#file, `${seconds < 0 ? '' : '+'}${seconds}`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
