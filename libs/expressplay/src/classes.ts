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

/** The problem that a refusal is to a player, who learns no more of it. */
export type EventProblem = 'upstream-rejected' | 'upstream-unavailable' | 'token-balance-exhausted';

/** What to make of a refusal. */
export interface EventClassification {
  readonly class: EventClass;
  /** Why it is of this class. */
  readonly reason: string;
  /** Whether the same request may be sent again without a person's doing. A token refused is not charged for. */
  readonly retry: boolean;
  readonly problem: EventProblem;
  /** `error` when a person has to act, `warn` when it may pass by itself. */
  readonly logLevel: 'error' | 'warn';
  /** What an operator does about it. */
  readonly action: string;
}

type Handling = Pick<EventClassification, 'retry' | 'problem' | 'logLevel'>;

/** Makes the rows of one class: its refusals are handled alike, and differ in reason and action. */
const rowsOf =
  (eventClass: EventClass, handling: Handling) =>
  (reason: string, action: string): EventClassification => ({ class: eventClass, reason, ...handling, action });

const FOR_A_PERSON: Handling = { retry: false, problem: 'upstream-rejected', logLevel: 'error' };
const ours = rowsOf('ours', FOR_A_PERSON);
const operator = rowsOf('operator', FOR_A_PERSON);
const content = rowsOf('content', FOR_A_PERSON);
const balance = rowsOf('balance', { ...FOR_A_PERSON, problem: 'token-balance-exhausted' });
const transient = rowsOf('transient', { retry: true, problem: 'upstream-unavailable', logLevel: 'warn' });

const REPORT = 'Report it with the id of the issuance: requests are checked for this before they are sent.';
const NOT_SENT = 'Report it with the id of the issuance: no request should have got as far as this.';
const FIX_POLICY = "Correct the title's output policy.";
const FIX_KID = "Correct the title's KID: 32 hex digits, or ^ and 1 to 64 characters.";

/** What to make of each documented code (for the meanings see `EVENT_CODES`). */
export const EVENT_CLASSES: Readonly<Record<EventCode, EventClassification>> = {
  [-2002]: ours(
    "The end of a token is checked against this machine's clock before it is sent.",
    "Compare this machine's clock with the time (`entitlementctl doctor`), and check the configured token life: 1 second to 30 days.",
  ),
  [-2003]: operator(
    'No parameter that is sent holds an IP address, so it is the address that the request came from.',
    'Ask ExpressPlay which addresses the account accepts, and compare them with those this service calls from.',
  ),
  [-2005]: content(
    'Keys are sent as hex of the right length, so it is this key that cannot be used.',
    "Check the title's content key, wrapped key and key delivery.",
  ),
  [-2008]: content('The flags come from the output policy.', FIX_POLICY),
  [-2017]: operator(
    'The authenticator is configured, and something on the way drops it.',
    'Check the configured authenticator, and that nothing between here and ExpressPlay rewrites requests.',
  ),
  [-2018]: operator(
    "The configured authenticator is not one of this environment's.",
    'Compare authenticator and environment: test and production have one each. Ask ExpressPlay if it was withdrawn.',
  ),
  [-2019]: balance(
    'The account has used up its tokens.',
    'Buy tokens for the account. Until then every request in this environment is refused.',
  ),
  [-2020]: ours('The client writes the rights type.', REPORT),
  [-2021]: ours('The client writes the rights type.', REPORT),
  [-2022]: ours(
    "The end of a rental is checked against this machine's clock before it is sent.",
    "Compare this machine's clock with the time: an end shortly ahead here was past at ExpressPlay.",
  ),
  [-2023]: ours(
    'The play duration is optional in the published table, and was left out.',
    'Give rentals a play duration, or ask ExpressPlay why this account must have one.',
  ),
  [-2025]: ours('The client writes the play duration, for rentals alone.', REPORT),
  [-2027]: content("The length is the title's key's.", "Replace the title's content key by one of 16 bytes."),
  [-2030]: transient(
    "An error of ExpressPlay's administration, with nothing wrong in the request.",
    'Wait. If it lasts for minutes, ask ExpressPlay, with the time and the excerpt in the log.',
  ),
  [-2031]: operator('The account is switched off.', 'Ask ExpressPlay why the account is disabled.'),
  [-2033]: ours('The cookie is the id of the issuance.', REPORT),
  [-2034]: content('The levels come from the output policy.', FIX_POLICY),
  [-2035]: content('Extensions come from the output policy.', "Give the policy's extension its payload."),
  [-2036]: content(
    'Extensions come from the output policy.',
    "Give the policy's extension a type of 4 letters or digits.",
  ),
  [-2037]: content('Extensions come from the output policy.', "Write the payload of the policy's extension in base64."),
  [-2040]: content('The flags come from the output policy.', 'Write the flags as 8 hex digits.'),
  [-3004]: ours('The client asks for `json`, always.', NOT_SENT),
  [-4001]: ours('It belongs to devices that redeem tokens; no token is bound to a device here.', NOT_SENT),
  [-4010]: ours('It belongs to the redemption of tokens, not to their purchase.', NOT_SENT),
  [-4018]: content("The KID is the title's.", FIX_KID),
  [-4019]: transient(
    'The key storage failed, or does not hold the key: the code does not say which.',
    'Wait. If one title alone has it, put its key into the key storage under its KID and the KEK that is sent.',
  ),
  [-4020]: content("The KID is the title's.", FIX_KID),
  [-4021]: content("The KID is the title's.", FIX_KID),
  [-4022]: content("The KID is the title's.", FIX_KID),
  [-4024]: content(
    "The wrapped key is the title's, and does not unwrap under the KEK that it names.",
    "Wrap the title's key again. If every title has it, the KEK that is configured is not the one they are wrapped under.",
  ),
  [-5001]: content('The behaviour comes from the output policy.', FIX_POLICY),
  [-5002]: operator('The option is one of the account.', 'Have ExpressPlay switch PlayReady on.'),
  [-5003]: ours('The client writes the flags, and makes every rental persistent.', REPORT),
  [-5004]: ours('No token is bound to a device here.', NOT_SENT),
  [-5005]: ours('No token is bound to a device here.', NOT_SENT),
  [-5006]: content('The levels come from the output policy.', 'Give the policy all five levels.'),
  [-5007]: ours('The client sends one or the other.', REPORT),
  [-6001]: content('Extensions come from the output policy.', FIX_POLICY),
  [-6002]: ours('It belongs to the redemption of tokens, not to their purchase.', NOT_SENT),
  [-6003]: content("The IV is the title's.", "Correct the title's IV: 32 hex digits."),
  [-6004]: transient(
    'ExpressPlay failed to make the licence, with nothing said against the request.',
    "Wait. If one title alone has it, check its key and IV; if all have, ask ExpressPlay about FairPlay's certificate.",
  ),
  [-6005]: content(
    'Which key parameters are sent follows from what is stored for the title.',
    'Check that the title has a wrapped key, or with key storage a KID.',
  ),
  [-6006]: operator(
    'The authorisation is one of the account.',
    'Have ExpressPlay authorise the account for FairPlay: it needs the deployment package that Apple gives out.',
  ),
  [-6007]: ours('The client writes the rental duration.', REPORT),
  [-6008]: ours('No token is bound to a device here.', NOT_SENT),
  [-6009]: operator('The option is one of the account.', 'Have ExpressPlay switch FairPlay on.'),
  [-7002]: ours('No token is bound to a device here.', NOT_SENT),
  [-7003]: content('The level comes from the output policy.', 'Give the policy a Widevine security level.'),
  [-7004]: content('The level comes from the output policy.', 'Set the security level to 1, 2, 3, 4 or 5.'),
  [-7006]: content('HDCP comes from the output policy.', 'Give the policy an HDCP output control.'),
  [-7007]: ours('The client writes the licence duration.', REPORT),
  [-7008]: transient(
    'ExpressPlay failed to make the licence, with nothing said against the request.',
    'Wait. If one title alone has it, check its key and output policy; if all have, ask ExpressPlay.',
  ),
  [-7009]: content('Extensions come from the output policy.', FIX_POLICY),
  [-7011]: operator('The option is one of the account.', 'Have ExpressPlay switch Widevine on.'),
};

/**
 * What to make of a refusal. A documented code decides alone, whatever the status; anything else is of class `unknown`.
 *
 * @param code the event code of a `RefusedError`, documented or not; undefined when the answer had none
 * @param httpStatus the status of the answer
 */
export function classifyEvent(code: number | undefined, httpStatus: number): EventClassification {
  return code !== undefined && isEventCode(code) ? EVENT_CLASSES[code] : unknownRefusal(code, httpStatus);
}

const TOO_MANY_REQUESTS = 429;

/**
 * A refusal with an undocumented code or with none. It is never sent again: whoever answered may have stood between us and an
 * ExpressPlay that issued a token and may have charged for it. The status decides no more than what a player learns.
 *
 * @param code the undocumented code, if there was one
 * @param httpStatus the status of the answer
 */
function unknownRefusal(code: number | undefined, httpStatus: number): EventClassification {
  const serverTrouble = httpStatus >= 500 || httpStatus === TOO_MANY_REQUESTS;
  return {
    class: 'unknown',
    reason: code === undefined ? 'The answer names no event code.' : 'The event code is not documented.',
    retry: false,
    problem: serverTrouble ? 'upstream-unavailable' : 'upstream-rejected',
    logLevel: code === undefined && serverTrouble ? 'warn' : 'error',
    action:
      code === undefined
        ? 'Look at status and excerpt in the log: a gateway, a wrong base URL or an ExpressPlay in trouble answers like this.'
        : 'Ask ExpressPlay what the code means, then add it to the table of codes.',
  };
}

const NOT_SENDABLE = content(
  'Texts and additional parameters come from the title and its output policy.',
  'Correct the parameter that the error names.',
);

/** What to make of a refusal, by ExpressPlay or before sending. A fault without a code can only be the content's. */
export function classifyRefusal(error: InvalidTokenRequestError | RefusedError): EventClassification {
  if (error.kind === 'refused') {
    return classifyEvent(error.code, error.httpStatus);
  }
  return error.code === undefined ? NOT_SENDABLE : EVENT_CLASSES[error.code];
}
