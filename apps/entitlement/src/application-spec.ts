// The service as `main.ts` and the tests start it: its module, its listeners, and what they ask of requests.
import { type ApplicationSpec, type CrossOrigin, isLoopbackOrigin } from '@app/platform/http';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import { answerTimeoutMs, RECEIVE_TIMEOUT_MS } from './deadlines.js';
import type { Environment } from './environment.js';
import { BODY_LIMIT_BYTES, MAX_CONNECTIONS, MAX_JSON_DEPTH, MAX_JSON_MEMBERS } from './limits.js';
import { managementPort } from './management/management-port.js';
import { placeOfRoute } from './management/route-places.js';

/** @param log where log lines go, the standard output by default */
export function applicationSpec(environment: Environment, log?: DestinationStream): ApplicationSpec {
  return {
    name: 'Entitlement',
    module: AppModule.forEnvironment(environment, log),
    host: environment.HOST,
    port: environment.PORT,
    portVariable: 'PORT',
    management: managementPort(environment),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    trustedProxies: environment.TRUSTED_PROXIES ?? [],
    limits: {
      headersTimeoutMs: RECEIVE_TIMEOUT_MS,
      bodyTimeoutMs: RECEIVE_TIMEOUT_MS,
      answerTimeoutMs: answerTimeoutMs(environment),
      keepAliveTimeoutMs: environment.KEEP_ALIVE_TIMEOUT_MS,
      maxConnections: MAX_CONNECTIONS,
      maxJsonDepth: MAX_JSON_DEPTH,
      maxJsonMembers: MAX_JSON_MEMBERS,
    },
    crossOrigin: crossOrigin(environment),
    rules: {
      placeOf: placeOfRoute,
      hstsMaxAgeSeconds: environment.HSTS_MAX_AGE_SECONDS,
      requestsPerMinute: {
        public: environment.RATE_LIMIT_PER_ADDRESS_PER_MINUTE,
        management: environment.RATE_LIMIT_MANAGEMENT_PER_MINUTE,
      },
    },
  };
}

/** What a player's requests carry beyond what browsers let every page send. */
const PLAYERS_HEADERS = 'Authorization, Content-Type, X-Request-Id, traceparent, tracestate';

/** In development any page of this machine, unless some are named. */
function crossOrigin({ CORS_ALLOWED_ORIGINS: named, NODE_ENV: kind }: Environment): CrossOrigin | undefined {
  if (named === undefined && kind !== 'development') return undefined;
  const allows = named === undefined ? isLoopbackOrigin : (origin: string) => named.includes(origin);
  return { allows, requestHeaders: PLAYERS_HEADERS };
}
