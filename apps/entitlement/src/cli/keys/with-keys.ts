// The KEKs and the database of commands that look after content keys.
import { LiveValue, SecretVariable } from '@app/platform/configuration';
import { DatabaseEnvironment } from '../../environment/database.js';
import { KekRing } from '../../keks.js';
import { AccountApiEnvironment } from '../account-api.js';
import { withDatabase } from '../context.js';
import { ContentKeysRepository } from './content-keys.repository.js';

const KEKS = {
  description: 'Key-encryption keys (KEKs): id=KEK entries, the old ones and the new one.',
  parse: (secret: Buffer) => KekRing.parse(secret),
};

export class KeysEnvironment extends DatabaseEnvironment {
  @SecretVariable(KEKS)
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}

/** With ExpressPlay, for its key storage. */
export class KeyStorageEnvironment extends AccountApiEnvironment {
  @SecretVariable(KEKS)
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}

/** Runs work with both, and clears the KEKs after it. */
export async function withKeys<T>(
  settings: KeysEnvironment,
  readOnly: boolean,
  work: (rows: ContentKeysRepository, keks: KekRing) => Promise<T>,
): Promise<T> {
  const keks = settings.CONTENT_KEY_KEKS.current;
  const giveBack = keks.borrow();
  const session = { timeoutMs: 10_000, poolSize: 4, readOnly };
  try {
    return await withDatabase(settings, session, (prisma) => work(new ContentKeysRepository(prisma), keks));
  } finally {
    giveBack();
    keks.retire();
  }
}
