// Whether ExpressPlay's token services can be reached and are what answers.
import { describeEventCode, type TokenService } from '@app/expressplay';
import { failed, ok, warning, type Check, type CheckContext, type Finding } from './check.js';
import { askAll, hostOf, type Answer } from './token-services.js';

const NO_AUTHENTICATOR = -2017;

/**
 * Each service is sent a request without an authenticator. It says everything there is to see from here: name, connection,
 * certificate, path, and that a token service answers (-2017). It names no account, so nobody can be charged for it.
 */
export const expressPlayCheck: Check = {
  name: 'expressplay',
  summary: "ExpressPlay's token services",
  needs: ['EXPRESSPLAY_ENVIRONMENT', 'EXPRESSPLAY_PROD_DOMAIN', 'EXPRESSPLAY_BASE_URL'],
  run: reachability,
};

async function reachability({ environment, timeoutMs }: CheckContext): Promise<Finding[]> {
  const answers = await askAll(environment, timeoutMs);
  const findings = [...answers].map(([service, answer]) => finding(service, answer, hostOf(service, environment)));
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
  switch (answer.kind) {
    case 'no-answer':
      return failed(looked, answer.message, adviceFor(answer.code));
    case 'unreadable':
      return failed(looked, answer.message, WRONG_ADDRESS);
    case 'token':
      return failed(
        looked,
        'it sold a token for a request without an authenticator: this is not ExpressPlay',
        WRONG_ADDRESS,
      );
    case 'refused': {
      const { code, httpStatus } = answer;
      if (code === NO_AUTHENTICATOR)
        return ok(looked, `answers (a request without an authenticator is refused, ${code})`);
      if (code === undefined) return failed(looked, `HTTP ${httpStatus} without an event code`, WRONG_ADDRESS);
      return warning(looked, `answers with ${codeText(code)}`, 'See docs/expressplay.md for this code.');
    }
  }
}

/** A code with its documented meaning. */
export function codeText(code: number): string {
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
