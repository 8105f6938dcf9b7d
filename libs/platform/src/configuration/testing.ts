// For tests: a folder of secrets as Kubernetes mounts one, where names lead through a link that is replaced in one step.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `<folder>/<name>` links to `..data/<name>`, `..data` to a folder of this state of the secret, and a change makes a new
 * folder and renames a new link over `..data`: a reader finds the old state or the new one, whole.
 */
export class MountedSecrets {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mounted-secrets-'));
  readonly #linked = new Set<string>();
  #state: Readonly<Record<string, string>> = {};
  #revision = 0;

  constructor(contents: Readonly<Record<string, string>> = {}) {
    this.swap(contents);
  }

  /** The path to give in `NAME_FILE`; the file may come later. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Replaces the named files, all at once; undefined removes one. Others stay. */
  swap(changes: Readonly<Record<string, string | undefined>>): void {
    this.#revision += 1;
    const folder = `..revision-${this.#revision}`;
    mkdirSync(join(this.#folder, folder));
    const entries = Object.entries({ ...this.#state, ...changes });
    this.#state = Object.fromEntries(entries.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
    for (const [name, text] of Object.entries(this.#state)) {
      writeFileSync(join(this.#folder, folder, name), text, { mode: 0o400 });
      if (!this.#linked.has(name)) symlinkSync(join('..data', name), join(this.#folder, name));
      this.#linked.add(name);
    }
    symlinkSync(folder, join(this.#folder, '..data_tmp'));
    renameSync(join(this.#folder, '..data_tmp'), join(this.#folder, '..data'));
    // What was there before is gone, as it is with Kubernetes.
    rmSync(join(this.#folder, `..revision-${this.#revision - 1}`), { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
