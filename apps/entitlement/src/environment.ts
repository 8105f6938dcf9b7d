// The service's configuration: every variable it reads, described once and validated at start.
import { type ConfigurationProblem, LiveValue, Rule, SecretVariable, Variable } from '@app/platform/configuration';
import type { CustomerAuthenticator } from '@app/expressplay';
import { LOG_LEVELS, type LogLevel } from '@app/platform/http';
import { IsBoolean, IsIn, Matches } from 'class-validator';
import { AuthEnvironment } from './auth-environment.js';
import { customerAuthenticator, httpUrl, isLoopback, IsWholeNumber } from './environment-values.js';
import { KekRing } from './kek-ring.js';
import { answersOutlastPurchases } from './longest-times.js';
import { sharedPortInProduction } from './management/management-port.js';

/** The service's settings. Inject this class; load it with `loadEnvironment`. */
@Rule<Environment>(oneSourceOfSigningKeys)
@Rule<Environment>(signingKeysOverTls)
@Rule<Environment>(baseUrlInProduction)
@Rule<Environment>(authenticatorsOfTheEnvironment)
@Rule<Environment>(sharedPortInProduction)
@Rule<Environment>(answersOutlastPurchases)
export class Environment extends AuthEnvironment {
  @Variable({ description: 'Kind of deployment: development, test or production.', default: 'production' })
  @IsIn(['development', 'test', 'production'])
  readonly NODE_ENV!: 'development' | 'test' | 'production';

  @Variable({ description: 'Address that the service listens on.', default: '127.0.0.1', example: '0.0.0.0' })
  readonly HOST!: string;

  @Variable({ description: 'Port that the service listens on; 0 takes a free one.', default: '3000' })
  @IsWholeNumber(0, 65_535)
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

  @Variable({ description: 'Most connections to PostgreSQL at once.', default: '10' })
  @IsWholeNumber(1, 1000)
  readonly DATABASE_POOL_SIZE!: number;

  @Variable({ description: 'Longest wait for a connection or a statement of PostgreSQL, in ms.', default: '2000' })
  @IsWholeNumber(1, 60_000)
  readonly DATABASE_TIMEOUT_MS!: number;

  @Variable({ description: 'Which ExpressPlay environment tokens are bought in: test or production.', default: 'test' })
  @IsIn(['test', 'production'])
  readonly EXPRESSPLAY_ENVIRONMENT!: 'test' | 'production';

  @Variable({
    description:
      'Production domain of the account: service.expressplay.com (Europe) or service.expressplay.cn (China).',
    default: 'service.expressplay.com',
  })
  @IsIn(['service.expressplay.com', 'service.expressplay.cn'])
  readonly EXPRESSPLAY_PROD_DOMAIN!: 'service.expressplay.com' | 'service.expressplay.cn';

  @Variable({
    description: 'Where token requests go instead of ExpressPlay, for the emulator.',
    example: 'http://127.0.0.1:3100',
    optional: true,
    parse: httpUrl,
  })
  readonly EXPRESSPLAY_BASE_URL?: string;

  @Variable({
    description: 'The word allow permits EXPRESSPLAY_BASE_URL in the production environment.',
    example: 'allow',
    optional: true,
  })
  @IsIn(['allow'])
  readonly EXPRESSPLAY_BASE_URL_IN_PRODUCTION?: 'allow';

  @Variable({ description: 'Whether licence URLs are asked for with https: true or false.', default: 'true' })
  @IsBoolean()
  readonly EXPRESSPLAY_USE_HTTPS!: boolean;

  @Variable({
    description:
      'Further hosts that licence URLs may have, separated by commas: those of an emulator that is called by another name.',
    example: 'localhost',
    optional: true,
  })
  @Matches(/^[A-Za-z0-9.-]{1,253}$/, { each: true, message: 'must be names of hosts, without scheme, port and path' })
  readonly EXPRESSPLAY_LICENSE_HOSTS?: string[];

  @SecretVariable({
    description:
      'The ExpressPlay API key: a number, a comma and 32 hex digits, after test: or production: (needed when EXPRESSPLAY_ENVIRONMENT is production).',
    parse: customerAuthenticator,
  })
  readonly EXPRESSPLAY_CUSTOMER_AUTHENTICATOR!: LiveValue<CustomerAuthenticator>;

  @SecretVariable({
    description:
      'A second API key of the environment, tried when ExpressPlay refuses the first one: for changing keys.',
    optional: true,
    parse: customerAuthenticator,
  })
  readonly EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT!: LiveValue<CustomerAuthenticator | undefined>;

  @Variable({ description: 'Longest wait for a connection to ExpressPlay, in ms.', default: '1000' })
  @IsWholeNumber(1, 60_000)
  readonly EXPRESSPLAY_CONNECT_TIMEOUT_MS!: number;

  @Variable({ description: 'Longest wait for a whole answer of ExpressPlay, in ms.', default: '5000' })
  @IsWholeNumber(1, 60_000)
  readonly EXPRESSPLAY_TIMEOUT_MS!: number;

  @Variable({ description: 'Most connections to each ExpressPlay host at once.', default: '64' })
  @IsWholeNumber(1, 1000)
  readonly EXPRESSPLAY_MAX_CONNECTIONS!: number;

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

  @Variable({ description: 'Most requests that are worked on at once; more are refused.', default: '500' })
  @IsWholeNumber(1, 100_000)
  readonly MAX_REQUESTS_IN_FLIGHT!: number;

  @Variable({ description: 'How long to go on serving after SIGTERM while not ready, in seconds.', default: '5' })
  @IsWholeNumber(0, 300)
  readonly SHUTDOWN_DRAIN_SECONDS!: number;

  @Variable({
    description:
      'How long a licence token can be redeemed, in seconds, at most 30 days; of a rental at most 60 seconds.',
    default: '300',
  })
  @IsWholeNumber(1, 2_592_000)
  readonly TOKEN_TTL_SECONDS!: number;

  @Variable({
    description: 'Most licence tokens a user is granted in the window of TOKEN_LIMIT_WINDOW_SECONDS; 0 sets no limit.',
    default: '200',
  })
  @IsWholeNumber(0, 1_000_000)
  readonly TOKEN_LIMIT_PER_USER!: number;

  @Variable({
    description: 'Most licence tokens a user is granted for one title in the same window; 0 sets no limit.',
    default: '50',
  })
  @IsWholeNumber(0, 1_000_000)
  readonly TOKEN_LIMIT_PER_TITLE!: number;

  @Variable({ description: 'How long a granted licence token counts against the limits, in seconds.', default: '3600' })
  @IsWholeNumber(1, 86_400)
  readonly TOKEN_LIMIT_WINDOW_SECONDS!: number;

  @Variable({
    description:
      'When a started rental ends: either (period or play duration, whichever is first) or start-by (play duration alone).',
    default: 'either',
  })
  @IsIn(['either', 'start-by'])
  readonly RENTAL_END_RULE!: 'either' | 'start-by';
}

function oneSourceOfSigningKeys(
  _: Partial<Environment>,
  isSet: (name: keyof Environment) => boolean,
): ConfigurationProblem[] {
  const [url, file] = [isSet('AUTH_JWKS_URL'), isSet('AUTH_JWKS_FILE')];
  if (url !== file) return [];
  const problem = url
    ? 'is set together with AUTH_JWKS_FILE; set only one of the two'
    : 'is not set, nor is AUTH_JWKS_FILE; set one of the two';
  return [{ variable: 'AUTH_JWKS_URL', problem }];
}

/** Whoever can answer in the issuer's place can sign tokens, so the answer has to be authenticated. */
function signingKeysOverTls({ NODE_ENV: kind, AUTH_JWKS_URL: text }: Partial<Environment>): ConfigurationProblem[] {
  const url = text === undefined ? undefined : new URL(text);
  if (kind !== 'production' || url === undefined || url.protocol === 'https:' || isLoopback(url)) return [];
  return [{ variable: 'AUTH_JWKS_URL', problem: 'must be an https URL when NODE_ENV is production' }];
}

function baseUrlInProduction(
  environment: Partial<Environment>,
  isSet: (name: keyof Environment) => boolean,
): ConfigurationProblem[] {
  const refused =
    environment.EXPRESSPLAY_ENVIRONMENT === 'production' &&
    isSet('EXPRESSPLAY_BASE_URL') &&
    environment.EXPRESSPLAY_BASE_URL_IN_PRODUCTION !== 'allow';
  if (!refused) return [];
  const problem =
    'must be unset when EXPRESSPLAY_ENVIRONMENT is production, unless EXPRESSPLAY_BASE_URL_IN_PRODUCTION is allow';
  return [{ variable: 'EXPRESSPLAY_BASE_URL', problem }];
}

/**
 * One value decides which hosts are asked and which authenticators may be sent to them. Production's have to carry its name:
 * a key without one would be sent by any deployment that it came to by mistake.
 */
function authenticatorsOfTheEnvironment(environment: Partial<Environment>): ConfigurationProblem[] {
  const { EXPRESSPLAY_ENVIRONMENT: wanted } = environment;
  return (['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT'] as const).flatMap(
    (variable) => {
      const authenticator = environment[variable]?.current;
      if (wanted === undefined || authenticator === undefined) return [];
      const problem = authenticatorProblem(authenticator.environment, wanted);
      return problem === undefined ? [] : [{ variable, problem }];
    },
  );
}

type ExpressPlayEnvironment = Environment['EXPRESSPLAY_ENVIRONMENT'];

function authenticatorProblem(
  found: ExpressPlayEnvironment | undefined,
  wanted: ExpressPlayEnvironment,
): string | undefined {
  if (found === wanted) return undefined;
  if (found !== undefined) return `is for the ${found} environment, but EXPRESSPLAY_ENVIRONMENT is ${wanted}`;
  return wanted === 'production' ? 'must begin with production: when EXPRESSPLAY_ENVIRONMENT is production' : undefined;
}
