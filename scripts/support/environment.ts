// What commands on the database are told: the service's own variables, by the same names, so that secrets can be files too.
import 'reflect-metadata';
import { LiveValue, loadEnvironment, SecretVariable } from '@app/platform/configuration';
import { currentDatabaseUrl, DatabaseEnvironment } from '../../apps/entitlement/src/environment/database.js';
import { KekRing } from '../../apps/entitlement/src/keks.js';

/**
 * The connection string, with the password that is set beside it.
 * @throws ConfigurationError when DATABASE_URL is not set, nor DATABASE_URL_FILE
 */
export function requiredDatabaseUrl(): string {
  return currentDatabaseUrl(loadEnvironment(DatabaseEnvironment, process.env));
}

/** What writing the demo data needs: a database, and the KEK that the demo's content keys are wrapped under. */
export class SeedEnvironment extends DatabaseEnvironment {
  @SecretVariable({
    description: 'Key-encryption keys (KEKs): id=KEK entries; the first wraps the demo content keys.',
    example: 'demo=000102030405060708090a0b0c0d0e0f',
    parse: (secret) => KekRing.parse(secret),
  })
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;
}
