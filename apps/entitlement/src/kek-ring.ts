// The KEKs that are in force together, cleared when they are replaced and the last request that uses them has ended.
import type { Retirable } from '@app/platform/configuration';
import { parseKeks } from './keks.js';

/** The KEKs of one state of `CONTENT_KEY_KEKS`, by their ids. Printing one shows none of them. */
export class KekRing implements Retirable {
  // Private to the language, so that no logger and no inspection gets to see it.
  readonly #keks: ReadonlyMap<string, Uint8Array>;
  #borrowers = 0;
  #retired = false;
  #cleared = false;

  /** @param keks at least one, 16 bytes each; they are this ring's from now on */
  constructor(keks: ReadonlyMap<string, Uint8Array>) {
    this.#keks = keks;
  }

  /** Reads one from `CONTENT_KEY_KEKS`. @throws InvalidValueError as `parseKeks` */
  static parse(text: Uint8Array): KekRing {
    return new KekRing(parseKeks(text));
  }

  /** In the order of the configuration. */
  get ids(): readonly string[] {
    return [...this.#keks.keys()];
  }

  /**
   * The KEK of an id, for use until the present piece of synchronous work ends, or as long as the ring is borrowed.
   *
   * @throws Error when the ring has been cleared: zeros must not be taken for a key
   */
  get(id: string): Uint8Array | undefined {
    if (this.#cleared) throw new Error('these KEKs are no longer in force and have been cleared');
    return this.#keks.get(id);
  }

  /** The first of the configuration, under which new content keys are wrapped. @throws as `get` */
  first(): { readonly id: string; readonly kek: Uint8Array } {
    for (const id of this.#keks.keys()) {
      const kek = this.get(id);
      if (kek !== undefined) return { id, kek };
    }
    throw new Error('there is no KEK');
  }

  /** Keeps the KEKs from being cleared until the answer is called, once. */
  borrow(): () => void {
    this.#borrowers += 1;
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      this.#borrowers -= 1;
      this.#clearWhenUnused();
    };
  }

  retire(): void {
    this.#retired = true;
    this.#clearWhenUnused();
  }

  #clearWhenUnused(): void {
    // Later, because whoever took a KEK in the present piece of work without borrowing may still be at it.
    setImmediate(() => {
      if (!this.#retired || this.#borrowers > 0 || this.#cleared) return;
      this.#cleared = true;
      for (const kek of this.#keks.values()) kek.fill(0);
    });
  }
}
