// The environment schemas, for the checks that compare documents with them.
import { describeEnvironment } from '@app/platform/configuration';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { BearerEnvironment } from '../../apps/entitlement/src/cli/import/bearer.js';
import { Environment as EmulatorEnvironment } from '../../apps/expressplay-emulator/src/environment.js';

/** Both apps' environments by their sections in the configuration document, in its order. */
export const ENVIRONMENTS = [
  { section: 'entitlement', variables: describeEnvironment(Environment) },
  { section: 'expressplay-emulator', variables: describeEnvironment(EmulatorEnvironment) },
];

/** Every variable that may be mentioned: those of the schemas, their `_FILE` forms, and the few foreign ones. */
export const KNOWN_VARIABLES: ReadonlySet<string> = new Set([
  ...[...ENVIRONMENTS.flatMap(({ variables }) => variables), ...describeEnvironment(BearerEnvironment)].flatMap(
    ({ name, fileVariable }) => (fileVariable === undefined ? [name] : [name, fileVariable]),
  ),
  'CI',
  'GF_ANALYTICS_CHECK_FOR_UPDATES',
  'GF_ANALYTICS_REPORTING_ENABLED',
  'GF_AUTH_ANONYMOUS_ENABLED',
  'GF_AUTH_DISABLE_LOGIN_FORM',
  'GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION',
  'NODE_OPTIONS',
  'NO_COLOR',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SERVICE_NAME',
  'POSTGRES_DB',
  'POSTGRES_PASSWORD',
  'POSTGRES_USER',
  'SOURCE_DATE_EPOCH',
]);
