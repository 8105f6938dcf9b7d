// Configuration of ExpressPlay: which of its environments is asked, with which key, and how long an answer may take.
import {
  type AuthenticatorSource,
  CustomerAuthenticator,
  InvalidTokenRequestError,
  type TokenServiceLocation,
} from '@app/expressplay';
import {
  type ConfigurationProblem,
  InvalidValueError,
  LiveValue,
  SecretVariable,
  Variable,
} from '@app/platform/configuration';
import { IsIn } from 'class-validator';
import { httpUrl, IsIntegerBetween } from './formats.js';

/** The variables of ExpressPlay; a part of `Environment`. */
export class ExpressPlayEnvironment {
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

  @Variable({
    description:
      "How the account's Widevine takes generalFlags: 8-digits, which ask for a licence to keep, or 4-digits, which refuse offline requests.",
    default: '8-digits',
  })
  @IsIn(['8-digits', '4-digits'])
  readonly WIDEVINE_GENERAL_FLAGS!: '8-digits' | '4-digits';

  @Variable({
    description:
      "How the account reads Widevine's licenseDuration: play-time, as published, or time-to-start, beside a playbackDuration.",
    default: 'play-time',
  })
  @IsIn(['play-time', 'time-to-start'])
  readonly WIDEVINE_LICENSE_DURATION!: 'play-time' | 'time-to-start';

  @Variable({ description: 'Longest wait for a token of ExpressPlay, all tries together, in ms.', default: '5000' })
  @IsIntegerBetween(1, 60_000)
  readonly EXPRESSPLAY_TIMEOUT_MS!: number;
}

/** Where the token services are. */
export function expressPlayLocation({
  EXPRESSPLAY_ENVIRONMENT: environment,
  EXPRESSPLAY_PROD_DOMAIN: prodDomain,
  EXPRESSPLAY_BASE_URL: baseUrl,
  EXPRESSPLAY_BASE_URL_IN_PRODUCTION: permission,
}: ExpressPlayEnvironment): TokenServiceLocation {
  return {
    environment,
    prodDomain,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(permission === undefined ? {} : { baseUrlInProduction: permission }),
  };
}

/** The authenticators in force, also when their files change. */
export function authenticatorsOf({
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: first,
  EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: second,
}: ExpressPlayEnvironment): AuthenticatorSource {
  return {
    current: () => ({ first: first.current, second: second.current }),
    refresh: () => ({ first: first.refresh(), second: second.refresh() }),
  };
}

/**
 * Hosts that licence URLs may have beside those of ExpressPlay and of `EXPRESSPLAY_BASE_URL`: an emulator in a container is called
 * by another name by the players of this machine.
 */
export function licenseHosts({
  EXPRESSPLAY_BASE_URL: baseUrl,
  EXPRESSPLAY_ENVIRONMENT: kind,
}: ExpressPlayEnvironment): string[] {
  return baseUrl !== undefined && kind === 'test' ? ['localhost'] : [];
}

/** Longest wait for a connection, in ms: a host that is not there is given up long before one that is slow. */
export function connectTimeoutMs({ EXPRESSPLAY_TIMEOUT_MS: timeoutMs }: ExpressPlayEnvironment): number {
  return Math.min(timeoutMs, Math.max(1000, timeoutMs / 5));
}

export function baseUrlInProduction(
  environment: Partial<ExpressPlayEnvironment>,
  isSet: (name: string) => boolean,
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
export function authenticatorsOfTheEnvironment(environment: Partial<ExpressPlayEnvironment>): ConfigurationProblem[] {
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

function authenticatorProblem(
  found: TokenServiceLocation['environment'] | undefined,
  wanted: TokenServiceLocation['environment'],
): string | undefined {
  if (found === wanted) return undefined;
  if (found !== undefined) return `is for the ${found} environment, but EXPRESSPLAY_ENVIRONMENT is ${wanted}`;
  return wanted === 'production' ? 'must begin with production: when EXPRESSPLAY_ENVIRONMENT is production' : undefined;
}

/** ExpressPlay's customer authenticator: the table "Token parameters" of its interface. */
export function customerAuthenticator(secret: Buffer): CustomerAuthenticator {
  try {
    return CustomerAuthenticator.parse(secret.toString());
  } catch (error) {
    if (!(error instanceof InvalidTokenRequestError)) throw error;
    throw new InvalidValueError(
      'must be a number, a comma and 32 hex digits, with test: or production: in front or not',
    );
  }
}
