// Whether ExpressPlay's token services can be reached and are what answers, and whether they take the customer authenticator.
import {
  classifyEvent,
  type CustomerAuthenticator,
  describeEventCode,
  ExpressPlayClient,
  PARAMETERS,
  RefusedError,
  type TokenService,
  tokenServiceUrl,
  TransportError,
  UnreadableAnswerError,
} from '@app/expressplay';
import type { Environment } from '../../environment.js';
import { connectTimeoutMs, expressPlayLocation } from '../../environment/expressplay.js';
import { type Check, type CheckContext, EXPRESSPLAY_VARIABLES, failed, type Finding, ok, warning } from './check.js';

const NO_AUTHENTICATOR = -2017;

/**
 * Each service is sent a request without an authenticator. It says everything there is to see from here: name, connection,
 * certificate, path, and that a token service answers (-2017). It names no account, so nobody can be charged for it.
 */
export const expressPlayCheck: Check = {
  name: 'expressplay',
  summary: "ExpressPlay's token services",
  needs: EXPRESSPLAY_VARIABLES,
  run: reachability,
};

async function reachability({ environment, timeoutMs }: CheckContext): Promise<Finding[]> {
  const answers = await askAll(environment, timeoutMs);
  const findings = [...answers].map(([service, answer]) =>
    finding(service, answer, new URL(tokenServiceUrl(service, expressPlayLocation(environment))).host),
  );
  if (environment.EXPRESSPLAY_ENVIRONMENT === 'production' && environment.EXPRESSPLAY_BASE_URL !== undefined) {
    const advice = 'Unset EXPRESSPLAY_BASE_URL unless a proxy of yours stands there.';
    findings.push(
      warning('EXPRESSPLAY_BASE_URL', "production's requests go to another host than ExpressPlay's", advice),
    );
  }
  return findings;
}

function finding(service: TokenService, answer: Answer, host: string): Finding {
  const looked = `${service} at ${host}`;
  if (answer === undefined) {
    const found = 'it sold a token for a request without an authenticator: this is not ExpressPlay';
    return failed(looked, found, WRONG_ADDRESS);
  }
  if (answer instanceof TransportError) return failed(looked, answer.message, adviceFor(answer.code));
  if (answer instanceof UnreadableAnswerError) return failed(looked, answer.message, WRONG_ADDRESS);
  const { code, httpStatus } = answer;
  if (code === NO_AUTHENTICATOR) return ok(looked, `answers (a request without an authenticator is refused, ${code})`);
  if (code === undefined) return failed(looked, `HTTP ${httpStatus} without an event code`, WRONG_ADDRESS);
  return warning(looked, `answers with ${codeText(code)}`, 'See docs/expressplay.md for this code.');
}

const AUTHENTICATORS = ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT'] as const;
/** Missing or invalid: an authenticator of the other environment is invalid as well. */
const REFUSED = [-2017, -2018];
/** This service is not part of the account. */
const NOT_BOOKED = [-5002, -6006, -6009, -7011];

/**
 * Each service is sent the authenticator and nothing to make a token of: no key id, no key, no rights. That is refused for
 * what is missing, after the authenticator was looked at, and nothing is sold.
 */
export const authenticatorCheck: Check = {
  name: 'authenticator',
  summary: 'the customer authenticator in its environment',
  needs: [...EXPRESSPLAY_VARIABLES, ...AUTHENTICATORS],
  run: authenticators,
};

async function authenticators({ environment, timeoutMs }: CheckContext): Promise<Finding[]> {
  const wanted = environment.EXPRESSPLAY_ENVIRONMENT;
  const findings: Finding[] = [];
  for (const variable of AUTHENTICATORS) {
    const authenticator = environment[variable].current;
    if (authenticator === undefined) continue;
    const said =
      authenticator.environment === undefined
        ? `does not say its environment (write ${wanted}: in front of it, and a mix-up is refused)`
        : // Another one has not passed the configuration.
          `says that it is for ${authenticator.environment}, which is this environment`;
    findings.push(ok(variable, said));
    const answers = await askAll(environment, timeoutMs, authenticator);
    findings.push(...[...answers].map(([service, answer]) => authenticatorFinding(variable, service, answer, wanted)));
  }
  return findings;
}

function authenticatorFinding(variable: string, service: TokenService, answer: Answer, environment: string): Finding {
  const looked = `${variable} at ${service}`;
  if (answer === undefined) {
    const advice = 'This is not how ExpressPlay answers: report it.';
    return warning(looked, 'a request for nothing was answered with a token', advice);
  }
  const elsewhere = 'See the check `expressplay`.';
  if (!(answer instanceof RefusedError)) return failed(looked, answer.message, elsewhere);
  const { code, httpStatus } = answer;
  if (code === undefined) return failed(looked, `HTTP ${httpStatus} without an event code`, elsewhere);
  if (REFUSED.includes(code)) {
    const advice = `See that ${variable} is the account's authenticator for the ${environment} environment.`;
    return failed(looked, `refused, ${codeText(code)}`, advice);
  }
  if (NOT_BOOKED.includes(code)) {
    return warning(looked, codeText(code), `Ask ExpressPlay for ${service}, or do not offer titles with it.`);
  }
  const { class: kind, action } = classifyEvent(code, httpStatus);
  switch (kind) {
    case 'operator':
    case 'balance':
      return failed(looked, codeText(code), action);
    case 'transient':
    case 'unknown':
      return warning(looked, `it cannot be told whether it is taken: ${codeText(code)}`, action);
    case 'ours':
    case 'content':
      return ok(looked, `not refused (an incomplete request is: ${codeText(code)})`);
  }
}

/** A code with its documented meaning. */
function codeText(code: number): string {
  const described = describeEventCode(code);
  return described === undefined ? String(code) : `${code}: ${described.meaning}`;
}

const WRONG_ADDRESS =
  'Something else than a token service answers: see EXPRESSPLAY_BASE_URL, EXPRESSPLAY_PROD_DOMAIN, and proxies in between.';

function adviceFor(code: string | undefined): string {
  if (code !== undefined && /CERT|TLS|SSL|SELF_SIGNED|ALTNAME/.test(code)) {
    return 'The certificate is not trusted here: see proxies that open TLS, the clock, and NODE_EXTRA_CA_CERTS.';
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'The name has no address here: see DNS and EXPRESSPLAY_BASE_URL.';
  if (code === 'ECONNREFUSED')
    return 'Nobody listens there: see EXPRESSPLAY_BASE_URL, and start the emulator if that is meant.';
  return 'See that a NetworkPolicy or firewall lets this process through on port 443, and EXPRESSPLAY_BASE_URL.';
}

const TOKEN_SERVICES = ['playready', 'fairplay', 'widevine'] as const satisfies readonly TokenService[];

/** What became of a request: how it failed, or undefined when it was answered with a token. */
type Answer = RefusedError | UnreadableAnswerError | TransportError | undefined;

/**
 * Asks each service once for a token that it cannot sell: the request names no key and no rights, and, without an
 * authenticator, no account. What is refused is not charged for.
 */
async function askAll(
  environment: Environment,
  timeoutMs: number,
  authenticator?: CustomerAuthenticator,
): Promise<Map<TokenService, Answer>> {
  const client = new ExpressPlayClient({
    ...expressPlayLocation(environment),
    // Not sent by itself with a raw request.
    customerAuthenticator: '0,00000000000000000000000000000000',
    useHttps: true,
    connectTimeoutMs: Math.min(timeoutMs, connectTimeoutMs(environment)),
    timeoutMs: Math.min(timeoutMs, environment.EXPRESSPLAY_TIMEOUT_MS),
    maxConnections: 1,
  });
  const key = authenticator?.keyFor(environment.EXPRESSPLAY_ENVIRONMENT);
  const parameters: [string, string][] = [[PARAMETERS.errorFormat, 'json']];
  if (key !== undefined) parameters.unshift([PARAMETERS.customerAuthenticator, key]);
  try {
    const answers = TOKEN_SERVICES.map(
      async (service) => [service, await failureOf(client.requestRaw(service, parameters))] as const,
    );
    return new Map(await Promise.all(answers));
  } finally {
    await client.close();
  }
}

async function failureOf(call: Promise<unknown>): Promise<Answer> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const isOfUpstream = [RefusedError, UnreadableAnswerError, TransportError].some((type) => error instanceof type);
    if (isOfUpstream) return error as Answer;
    throw error;
  }
}
