// Where the settings say that ExpressPlay's token services are.
import type { TokenServiceLocation } from '@app/expressplay';
import type { Environment } from './environment.js';

/** The one reading of these variables, for the service and for who looks after it. */
export function expressPlayLocation({
  EXPRESSPLAY_ENVIRONMENT: environment,
  EXPRESSPLAY_PROD_DOMAIN: prodDomain,
  EXPRESSPLAY_BASE_URL: baseUrl,
  EXPRESSPLAY_BASE_URL_IN_PRODUCTION: baseUrlInProduction,
}: Environment): TokenServiceLocation {
  return {
    environment,
    prodDomain,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(baseUrlInProduction === undefined ? {} : { baseUrlInProduction }),
  };
}
