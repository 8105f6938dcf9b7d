// What a refusal means to those who run a service on this client: whose it is to fix, and how it is answered.
import { type EventCode, isEventCode } from './codes.js';
import type { InvalidTokenRequestError, RefusedError } from './errors.js';

/**
 * Who can fix what a refusal is about.
 *
 * - `ours`: the program that built the request, or the clock of its machine
 * - `operator`: whoever looks after the account, its authenticator and its options
 * - `balance`: the same, by buying tokens
 * - `content`: whoever looks after one title's key, KID, IV and output policy
 * - `transient`: ExpressPlay, and most often it has by the next try
 * - `unknown`: nobody can tell from the answer
 */
export type EventClass = 'ours' | 'operator' | 'balance' | 'content' | 'transient' | 'unknown';

/** What to make of a refusal. */
export interface EventClassification {
  readonly class: EventClass;
  /** Whether the same request may be sent again without a person's doing. A token refused is not charged for. */
  readonly retry: boolean;
  /** What a player learns of it, who learns no more. */
  readonly problem: 'upstream-rejected' | 'upstream-unavailable' | 'token-balance-exhausted';
  /** `error` when a person has to act, `warn` when it may pass by itself. */
  readonly logLevel: 'error' | 'warn';
  /** What an operator does about it. */
  readonly action: string;
}

const FOR_A_PERSON = { retry: false, problem: 'upstream-rejected', logLevel: 'error' } as const;

type Row = (action: string) => EventClassification;
const ours: Row = (action) => ({ class: 'ours', ...FOR_A_PERSON, action });
const operator: Row = (action) => ({ class: 'operator', ...FOR_A_PERSON, action });
const content: Row = (action) => ({ class: 'content', ...FOR_A_PERSON, action });
const balance: Row = (action) => ({ class: 'balance', ...FOR_A_PERSON, problem: 'token-balance-exhausted', action });
const transient: Row = (action) => ({
  class: 'transient',
  retry: true,
  problem: 'upstream-unavailable',
  logLevel: 'warn',
  action,
});

const REPORT = 'Report it with the id of the issuance: requests are checked for this before they are sent.';
const NOT_SENT = 'Report it with the id of the issuance: no request should have got as far as this.';
const FIX_POLICY = "Correct the title's output policy.";
const FIX_KID = "Correct the title's KID: 32 hex digits, or ^ and 1 to 64 characters.";

/** What to make of each documented code (for the meanings see `EVENT_CODES`). */
export const EVENT_CLASSES: Readonly<Record<EventCode, EventClassification>> = {
  [-2002]: ours(
    "Compare this machine's clock with the time (`entitlementctl doctor`), and check the configured token life: 1 second to 30 days.",
  ),
  [-2003]: operator(
    'Ask ExpressPlay which addresses the account accepts, and compare them with those this service calls from.',
  ),
  [-2005]: content("Check the title's content key, wrapped key and key delivery."),
  [-2008]: content(FIX_POLICY),
  [-2017]: operator(
    'Check the configured authenticator, and that nothing between here and ExpressPlay rewrites requests.',
  ),
  [-2018]: operator(
    'Compare authenticator and environment: test and production have one each. Ask ExpressPlay if it was withdrawn.',
  ),
  [-2019]: balance('Buy tokens for the account. Until then every request in this environment is refused.'),
  [-2020]: ours(REPORT),
  [-2021]: ours(REPORT),
  [-2022]: ours("Compare this machine's clock with the time: an end shortly ahead here was past at ExpressPlay."),
  [-2023]: ours('Give rentals a play duration, or ask ExpressPlay why this account must have one.'),
  [-2025]: ours(REPORT),
  [-2027]: content("Replace the title's content key by one of 16 bytes."),
  [-2030]: transient('Wait. If it lasts for minutes, ask ExpressPlay, with the time and the excerpt in the log.'),
  [-2031]: operator('Ask ExpressPlay why the account is disabled.'),
  [-2033]: ours(REPORT),
  [-2034]: content(FIX_POLICY),
  [-2035]: content("Give the policy's extension its payload."),
  [-2036]: content("Give the policy's extension a type of 4 letters or digits."),
  [-2037]: content("Write the payload of the policy's extension in base64."),
  [-2040]: content('Write the flags as 8 hex digits.'),
  [-3004]: ours(NOT_SENT),
  [-4001]: ours(NOT_SENT),
  [-4010]: ours(NOT_SENT),
  [-4018]: content(FIX_KID),
  [-4019]: transient(
    'Wait. If one title alone has it, put its key into the key storage under its KID and the KEK that is sent.',
  ),
  [-4020]: content(FIX_KID),
  [-4021]: content(FIX_KID),
  [-4022]: content(FIX_KID),
  [-4024]: content(
    "Wrap the title's key again. If every title has it, the KEK that is configured is not the one they are wrapped under.",
  ),
  [-5001]: content(FIX_POLICY),
  [-5002]: operator('Have ExpressPlay switch PlayReady on.'),
  [-5003]: ours(REPORT),
  [-5004]: ours(NOT_SENT),
  [-5005]: ours(NOT_SENT),
  [-5006]: content('Give the policy all five levels.'),
  [-5007]: ours(REPORT),
  [-6001]: content(FIX_POLICY),
  [-6002]: ours(NOT_SENT),
  [-6003]: content("Correct the title's IV: 32 hex digits."),
  [-6004]: transient(
    "Wait. If one title alone has it, check its key and IV; if all have, ask ExpressPlay about FairPlay's certificate.",
  ),
  [-6005]: content('Check that the title has a wrapped key, or with key storage a KID.'),
  [-6006]: operator(
    'Have ExpressPlay authorise the account for FairPlay: it needs the deployment package that Apple gives out.',
  ),
  [-6007]: ours(REPORT),
  [-6008]: ours(NOT_SENT),
  [-6009]: operator('Have ExpressPlay switch FairPlay on.'),
  [-7002]: ours(NOT_SENT),
  [-7003]: content('Give the policy a Widevine security level.'),
  [-7004]: content('Set the security level to 1, 2, 3, 4 or 5.'),
  [-7006]: content('Give the policy an HDCP output control.'),
  [-7007]: ours(REPORT),
  [-7008]: transient('Wait. If one title alone has it, check its key and output policy; if all have, ask ExpressPlay.'),
  [-7009]: content(FIX_POLICY),
  [-7011]: operator('Have ExpressPlay switch Widevine on.'),
};

/**
 * What to make of a refusal. A documented code decides alone, whatever the status. Anything else is of class `unknown` and never
 * sent again: whoever answered may have stood between us and an ExpressPlay that issued a token and may have charged for it.
 *
 * @param code the event code of a `RefusedError`, documented or not; undefined when the answer had none
 * @param httpStatus the status of the answer
 */
export function classifyEvent(code: number | undefined, httpStatus: number): EventClassification {
  if (code !== undefined && isEventCode(code)) return EVENT_CLASSES[code];
  const serverTrouble = httpStatus >= 500 || httpStatus === 429;
  return {
    class: 'unknown',
    retry: false,
    problem: serverTrouble ? 'upstream-unavailable' : 'upstream-rejected',
    logLevel: code === undefined && serverTrouble ? 'warn' : 'error',
    action:
      code === undefined
        ? 'Look at status and excerpt in the log: a gateway, a wrong base URL or an ExpressPlay in trouble answers like this.'
        : 'Ask ExpressPlay what the code means, then add it to the table of codes.',
  };
}

/** What to make of a refusal, by ExpressPlay or before sending. A fault without a code can only be the content's. */
export function classifyRefusal(error: InvalidTokenRequestError | RefusedError): EventClassification {
  if (error.kind === 'refused') return classifyEvent(error.code, error.httpStatus);
  return error.code === undefined ? content('Correct the parameter that the error names.') : EVENT_CLASSES[error.code];
}
