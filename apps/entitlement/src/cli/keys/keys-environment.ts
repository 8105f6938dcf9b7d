// The variables of commands that work on content keys: the service's own, by the same names.
import { LiveValue, SecretVariable } from '@app/platform/configuration';
import { KekRing } from '../../keks.js';
import { DatabaseEnvironment } from '../../environment/database.js';

export class KeysEnvironment extends DatabaseEnvironment {
  @SecretVariable({
    description: 'Key-encryption keys (KEKs): id=KEK entries, the old ones and the new one.',
    parse: (secret) => KekRing.parse(secret),
  })
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}
