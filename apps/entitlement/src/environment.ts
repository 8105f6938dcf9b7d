// The service's configuration: every variable it reads, described once and validated at start.
import {
  type ConfigurationProblem,
  composedOf,
  LiveValue,
  Rule,
  SecretVariable,
  Variable,
} from '@app/platform/configuration';
import { LOG_LEVELS, type LogLevel } from '@app/platform/http';
import { IsIn, IsNumber, Max, Min } from 'class-validator';
import { AuthEnvironment } from './environment/auth.js';
import { DatabaseEnvironment } from './environment/database.js';
import {
  authenticatorsOfTheEnvironment,
  baseUrlInProduction,
  ExpressPlayEnvironment,
} from './environment/expressplay.js';
import { httpUrl, isLoopback, IsIntegerBetween } from './environment/formats.js';
import { HttpEnvironment } from './environment/http.js';
import { answersInTime } from './deadlines.js';
import { KekRing } from './keks.js';
import { sharedPortInProduction } from './management-port.js';

const SHARE = { message: 'must be a number from 0 to 1' };

/** The service's settings. Inject this class; load it with `loadEnvironment`. */
@Rule<Environment>(noFormerSettings)
@Rule<Environment>(signingKeysOverTls)
@Rule<Environment>(baseUrlInProduction)
@Rule<Environment>(authenticatorsOfTheEnvironment)
@Rule<Environment>(sharedPortInProduction)
@Rule<Environment>(answersInTime)
export class Environment extends composedOf(
  DatabaseEnvironment,
  HttpEnvironment,
  AuthEnvironment,
  ExpressPlayEnvironment,
) {
  @Variable({ description: 'Kind of deployment: development, test or production.', default: 'production' })
  @IsIn(['development', 'test', 'production'])
  readonly NODE_ENV!: 'development' | 'test' | 'production';

  @Variable({ description: 'Address that the service listens on.', default: '127.0.0.1', example: '0.0.0.0' })
  readonly HOST!: string;

  @Variable({ description: 'Port that the service listens on; 0 takes a free one.', default: '3000' })
  @IsIntegerBetween(0, 65_535)
  readonly PORT!: number;

  @Variable({ description: 'Lowest level that is logged.', default: 'info' })
  @IsIn([...LOG_LEVELS])
  readonly LOG_LEVEL!: LogLevel;

  @Variable({
    description:
      'Log lines as json for machines or pretty for people; by default pretty in development, else json. The image has json alone.',
    optional: true,
  })
  @IsIn(['json', 'pretty'])
  readonly LOG_FORMAT?: 'json' | 'pretty';

  @Variable({
    description:
      'Base URL of an OpenTelemetry collector that takes traces by OTLP over HTTP; unset, nothing is traced or exported.',
    example: 'http://127.0.0.1:4318',
    optional: true,
    parse: httpUrl,
  })
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @Variable({
    description: 'Share of the requests that are traced, from 0 to 1, whatever callers ask for.',
    default: '1',
    example: '0.1',
  })
  @IsNumber({}, SHARE)
  @Min(0, SHARE)
  @Max(1, SHARE)
  readonly OTEL_TRACES_SAMPLER_ARG!: number;

  @Variable({ description: 'Most connections to PostgreSQL at once.', default: '10' })
  @IsIntegerBetween(1, 1000)
  readonly DATABASE_POOL_SIZE!: number;

  @Variable({ description: 'Longest wait for a connection or a statement of PostgreSQL, in ms.', default: '2000' })
  @IsIntegerBetween(1, 60_000)
  readonly DATABASE_TIMEOUT_MS!: number;

  @SecretVariable({
    description:
      'Key-encryption keys (KEKs) of content keys: id=KEK entries, each KEK 32 hex digits; the first wraps new keys.',
    parse: (secret) => KekRing.parse(secret),
  })
  readonly CONTENT_KEY_KEKS!: LiveValue<KekRing>;

  @Variable({
    description: 'How content keys are sent to ExpressPlay: wrapped (KEK and wrapped key) or clear.',
    default: 'wrapped',
  })
  @IsIn(['wrapped', 'clear'])
  readonly CONTENT_KEY_DELIVERY!: 'wrapped' | 'clear';

  @Variable({
    description:
      'Most requests that are worked on at once; more are refused, and fewer while they wait for each other.',
    default: '500',
  })
  @IsIntegerBetween(1, 100_000)
  readonly MAX_REQUESTS_IN_FLIGHT!: number;

  @Variable({ description: 'How long to go on serving after SIGTERM while not ready, in seconds.', default: '5' })
  @IsIntegerBetween(0, 300)
  readonly SHUTDOWN_DRAIN_SECONDS!: number;

  @Variable({
    description:
      'How long a licence token can be redeemed, in seconds, at most 30 days; of a rental at most 60 seconds.',
    default: '300',
  })
  @IsIntegerBetween(1, 2_592_000)
  readonly TOKEN_TTL_SECONDS!: number;

  @Variable({
    description: 'Most licence tokens a user is granted in an hour; 0 sets no limit.',
    default: '200',
  })
  @IsIntegerBetween(0, 1_000_000)
  readonly TOKEN_LIMIT_PER_USER!: number;

  @Variable({
    description: 'Most licence tokens a user is granted for one title in an hour; 0 sets no limit.',
    default: '50',
  })
  @IsIntegerBetween(0, 1_000_000)
  readonly TOKEN_LIMIT_PER_TITLE!: number;

  @Variable({
    description:
      'When a started rental ends: either (period or play duration, whichever is first) or start-by (play duration alone).',
    default: 'either',
  })
  @IsIn(['either', 'start-by'])
  readonly RENTAL_END_RULE!: 'either' | 'start-by';
}

/** Settings of earlier versions, and what holds now: who still sets one is told so. */
const FORMER_SETTINGS = {
  API_DOCS_ENABLED: 'the API page is always served with management',
  PUBLIC_URL: 'the API page calls its own host',
  HSTS_MAX_AGE_SECONDS: 'it is a year when NODE_ENV is production, and nothing otherwise',
  KEEP_ALIVE_TIMEOUT_MS: 'it is 620 seconds',
  EXPRESSPLAY_MAX_CONNECTIONS: 'it is an eighth of MAX_REQUESTS_IN_FLIGHT',
  AUTH_JWKS_FILE: 'name the file in AUTH_JWKS_URL, as in file:///etc/bff/jwks.json',
  AUTH_JWKS_MAX_STALE_SECONDS: 'it is an hour',
};

function noFormerSettings(_: Partial<Environment>, isSet: (name: string) => boolean): ConfigurationProblem[] {
  return Object.entries(FORMER_SETTINGS)
    .filter(([name]) => isSet(name))
    .map(([variable, now]) => ({ variable, problem: `is no setting any more and must be unset: ${now}` }));
}

/** Whoever can answer in the issuer's place can sign tokens, so the answer has to be authenticated. */
function signingKeysOverTls({ NODE_ENV: kind, AUTH_JWKS_URL: text }: Partial<Environment>): ConfigurationProblem[] {
  const url = text === undefined ? undefined : new URL(text);
  if (kind !== 'production' || url === undefined || url.protocol !== 'http:' || isLoopback(url)) return [];
  return [{ variable: 'AUTH_JWKS_URL', problem: 'must be an https URL when NODE_ENV is production' }];
}
