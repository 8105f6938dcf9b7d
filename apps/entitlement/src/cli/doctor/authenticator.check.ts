// Whether ExpressPlay takes the customer authenticator in this environment.
import { classifyEvent, type TokenService } from '@app/expressplay';
import { type Check, type CheckContext, EXPRESSPLAY_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { type Answer, askAll, codeText } from './expressplay.check.js';

const VARIABLES = ['EXPRESSPLAY_CUSTOMER_AUTHENTICATOR', 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT'] as const;
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
  needs: [...EXPRESSPLAY_VARIABLES, ...VARIABLES],
  run: authenticators,
};

async function authenticators({ environment, timeoutMs }: CheckContext): Promise<Finding[]> {
  const wanted = environment.EXPRESSPLAY_ENVIRONMENT;
  const findings: Finding[] = [];
  for (const variable of VARIABLES) {
    const authenticator = environment[variable].current;
    if (authenticator === undefined) continue;
    const said =
      authenticator.environment === undefined
        ? `does not say its environment (write ${wanted}: in front of it, and a mix-up is refused)`
        : // Another one has not passed the configuration.
          `says that it is for ${authenticator.environment}, which is this environment`;
    findings.push(ok(variable, said));
    const answers = await askAll(environment, timeoutMs, authenticator);
    findings.push(...[...answers].map(([service, answer]) => finding(variable, service, answer, wanted)));
  }
  return findings;
}

function finding(variable: string, service: TokenService, answer: Answer, environment: string): Finding {
  const looked = `${variable} at ${service}`;
  switch (answer.kind) {
    case 'no-answer':
    case 'unreadable':
      return failed(looked, answer.message, 'See the check `expressplay`.');
    case 'token':
      return warning(
        looked,
        'a request for nothing was answered with a token',
        'This is not how ExpressPlay answers: report it.',
      );
    case 'refused':
      break;
  }
  const { code, httpStatus } = answer;
  if (code === undefined)
    return failed(looked, `HTTP ${httpStatus} without an event code`, 'See the check `expressplay`.');
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
