// The secrets of a run, all of them known, so that they can be looked for.
import { randomBytes } from 'node:crypto';
import { wrapKey } from '@app/expressplay';
import type { TestDatabase } from '../support/test-database.js';
import { CanaryFinder } from './finder.js';

/** Id of the canary KEK, which is no secret. */
export const KEK_ID = 'canary';

export class CanarySecrets {
  readonly finder = new CanaryFinder();
  readonly kek = this.#key('KEK');
  readonly contentKey = this.#key('content key');
  readonly databasePassword = this.#key('database password').toString('hex');
  readonly #apiKey = this.#key('customer authenticator');
  readonly #nextApiKey = this.#key('second customer authenticator');

  /** The two authenticators, in ExpressPlay's format. */
  readonly authenticators = [
    `301722,${this.#apiKey.toString('hex')}`,
    `301723,${this.#nextApiKey.toString('hex')}`,
  ] as const;

  /** Puts the content key, wrapped under the KEK, in the place of every title's. */
  async plant(database: TestDatabase): Promise<void> {
    const ek = Buffer.from(wrapKey(this.kek, this.contentKey));
    this.finder.addKey('wrapped content key', ek);
    await database.query(`UPDATE content_key SET kek_id = $1, ek = $2 WHERE source = 'wrapped'`, [KEK_ID, ek]);
  }

  /** `CONTENT_KEY_KEKS`. */
  get keks(): string {
    return `${KEK_ID}=${this.kek.toString('hex')}`;
  }

  #key(name: string): Buffer {
    const key = randomBytes(16);
    this.finder.addKey(name, key);
    return key;
  }
}
