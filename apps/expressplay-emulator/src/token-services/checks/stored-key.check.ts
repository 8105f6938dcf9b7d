// The one check that asks key storage, and so comes after those of the parameters.
import { unwrapKey } from '@app/expressplay';
import type { KeyStorage } from '../../key-storage/key-storage.js';
import { EventError } from '../../protocol/event-error.js';
import type { KeySource } from './key.checks.js';

/** Checks that a key from storage is there and was wrapped under the request's KEK. @throws EventError -4019 */
export function checkStoredKey(storage: KeyStorage, source: KeySource): void {
  if (source.kind !== 'stored') return;
  const wrapped = storage.find(source.kid);
  if (wrapped === undefined) throw new EventError(-4019, 'no key is stored under this kid');
  try {
    unwrapKey(source.kek, wrapped);
  } catch {
    throw new EventError(-4019, 'the stored key was not wrapped under this kek');
  }
}
