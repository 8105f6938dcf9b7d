// The variables of commands that work on content keys: the service's own, by the same names.
import { LiveValue, SecretVariable } from '@app/configuration';
import { password, postgresUrl } from '../../apps/entitlement/src/environment-values.js';
import { KekRing } from '../../apps/entitlement/src/kek-ring.js';

export class KeysEnvironment {
  @SecretVariable({ description: 'PostgreSQL connection string.', parse: postgresUrl })
  readonly DATABASE_URL!: LiveValue<string>;

  @SecretVariable({
    description: 'Password of the PostgreSQL user, in place of the one in DATABASE_URL.',
    optional: true,
    parse: password,
  })
  readonly DATABASE_PASSWORD!: LiveValue<string | undefined>;

  @SecretVariable({
    description: 'Key-encryption keys (KEKs): id=KEK entries, the old ones and the new one.',
    parse: (secret) => KekRing.parse(secret),
  })
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}
