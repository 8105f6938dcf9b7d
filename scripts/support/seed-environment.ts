// What writing the demo data needs: a database, and the KEK that the demo's content keys are wrapped under.
import { LiveValue, SecretVariable } from '@app/platform/configuration';
import { KekRing } from '../../apps/entitlement/src/keks.js';
import { DatabaseEnvironment } from '../../apps/entitlement/src/environment/database.js';

export class SeedEnvironment extends DatabaseEnvironment {
  @SecretVariable({
    description: 'Key-encryption keys (KEKs): id=KEK entries; the first wraps the demo content keys.',
    example: 'demo=000102030405060708090a0b0c0d0e0f',
    parse: (secret) => KekRing.parse(secret),
  })
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}
