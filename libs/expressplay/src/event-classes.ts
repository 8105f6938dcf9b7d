// Every documented event code's class: one row a code, with the reason for the class and what an operator does about it.
import { classified, unknownRefusal, type EventClassification } from './event-classification.js';
import type { InvalidTokenRequestError, RefusedError } from './errors.js';
import { isEventCode, type EventCode } from './event-codes.js';

const REPORT = 'Report it with the id of the issuance: requests are checked for this before they are sent.';
const NOT_SENT = 'Report it with the id of the issuance: no request should have got as far as this.';
const FIX_POLICY = "Correct the title's output policy.";
const FIX_KID = "Correct the title's KID: 32 hex digits, or ^ and 1 to 64 characters.";

/** What to make of each documented code (for the meanings see `EVENT_CODES`). */
export const EVENT_CLASSES: Readonly<Record<EventCode, EventClassification>> = {
  [-2002]: classified(
    'ours',
    "The end of a token is checked against this machine's clock before it is sent.",
    "Compare this machine's clock with the time (`entitlementctl doctor`), and check the configured token life: 1 second to 30 days.",
  ),
  [-2003]: classified(
    'operator',
    'No parameter that is sent holds an IP address, so it is the address that the request came from.',
    'Ask ExpressPlay which addresses the account accepts, and compare them with those this service calls from.',
  ),
  [-2005]: classified(
    'content',
    'Keys are sent as hex of the right length, so it is this key that cannot be used.',
    "Check the title's content key, wrapped key and key delivery.",
  ),
  [-2008]: classified('content', 'The flags come from the output policy.', FIX_POLICY),
  [-2017]: classified(
    'operator',
    'The authenticator is configured, and something on the way drops it.',
    'Check the configured authenticator, and that nothing between here and ExpressPlay rewrites requests.',
  ),
  [-2018]: classified(
    'operator',
    "The configured authenticator is not one of this environment's.",
    'Compare authenticator and environment: test and production have one each. Ask ExpressPlay if it was withdrawn.',
  ),
  [-2019]: classified(
    'balance',
    'The account has used up its tokens.',
    'Buy tokens for the account. Until then every request in this environment is refused.',
  ),
  [-2020]: classified('ours', 'The client writes the rights type.', REPORT),
  [-2021]: classified('ours', 'The client writes the rights type.', REPORT),
  [-2022]: classified(
    'ours',
    "The end of a rental is checked against this machine's clock before it is sent.",
    "Compare this machine's clock with the time: an end shortly ahead here was past at ExpressPlay.",
  ),
  [-2023]: classified(
    'ours',
    'The play duration is optional in the published table, and was left out.',
    'Give rentals a play duration, or ask ExpressPlay why this account must have one.',
  ),
  [-2025]: classified('ours', 'The client writes the play duration, for rentals alone.', REPORT),
  [-2027]: classified(
    'content',
    "The length is the title's key's.",
    "Replace the title's content key by one of 16 bytes.",
  ),
  [-2030]: classified(
    'transient',
    "An error of ExpressPlay's administration, with nothing wrong in the request.",
    'Wait. If it lasts for minutes, ask ExpressPlay, with the time and the excerpt in the log.',
  ),
  [-2031]: classified('operator', 'The account is switched off.', 'Ask ExpressPlay why the account is disabled.'),
  [-2033]: classified('ours', 'The cookie is the id of the issuance.', REPORT),
  [-2034]: classified('content', 'The levels come from the output policy.', FIX_POLICY),
  [-2035]: classified('content', 'Extensions come from the output policy.', "Give the policy's extension its payload."),
  [-2036]: classified(
    'content',
    'Extensions come from the output policy.',
    "Give the policy's extension a type of 4 letters or digits.",
  ),
  [-2037]: classified(
    'content',
    'Extensions come from the output policy.',
    "Write the payload of the policy's extension in base64.",
  ),
  [-2040]: classified('content', 'The flags come from the output policy.', 'Write the flags as 8 hex digits.'),
  [-3004]: classified('ours', 'The client asks for `json`, always.', NOT_SENT),
  [-4001]: classified(
    'ours',
    'It belongs to devices that redeem tokens; no token is bound to a device here.',
    NOT_SENT,
  ),
  [-4010]: classified('ours', 'It belongs to the redemption of tokens, not to their purchase.', NOT_SENT),
  [-4018]: classified('content', "The KID is the title's.", FIX_KID),
  [-4019]: classified(
    'transient',
    'The key storage failed, or does not hold the key: the code does not say which.',
    'Wait. If one title alone has it, put its key into the key storage under its KID and the KEK that is sent.',
  ),
  [-4020]: classified('content', "The KID is the title's.", FIX_KID),
  [-4021]: classified('content', "The KID is the title's.", FIX_KID),
  [-4022]: classified('content', "The KID is the title's.", FIX_KID),
  [-4024]: classified(
    'content',
    "The wrapped key is the title's, and does not unwrap under the KEK that it names.",
    "Wrap the title's key again. If every title has it, the KEK that is configured is not the one they are wrapped under.",
  ),
  [-5001]: classified('content', 'The behaviour comes from the output policy.', FIX_POLICY),
  [-5002]: classified('operator', 'The option is one of the account.', 'Have ExpressPlay switch PlayReady on.'),
  [-5003]: classified('ours', 'The client writes the flags, and makes every rental persistent.', REPORT),
  [-5004]: classified('ours', 'No token is bound to a device here.', NOT_SENT),
  [-5005]: classified('ours', 'No token is bound to a device here.', NOT_SENT),
  [-5006]: classified('content', 'The levels come from the output policy.', 'Give the policy all five levels.'),
  [-5007]: classified('ours', 'The client sends one or the other.', REPORT),
  [-6001]: classified('content', 'Extensions come from the output policy.', FIX_POLICY),
  [-6002]: classified('ours', 'It belongs to the redemption of tokens, not to their purchase.', NOT_SENT),
  [-6003]: classified('content', "The IV is the title's.", "Correct the title's IV: 32 hex digits."),
  [-6004]: classified(
    'transient',
    'ExpressPlay failed to make the licence, with nothing said against the request.',
    "Wait. If one title alone has it, check its key and IV; if all have, ask ExpressPlay about FairPlay's certificate.",
  ),
  [-6005]: classified(
    'content',
    'Which key parameters are sent follows from what is stored for the title.',
    'Check that the title has a wrapped key, or with key storage a KID.',
  ),
  [-6006]: classified(
    'operator',
    'The authorisation is one of the account.',
    'Have ExpressPlay authorise the account for FairPlay: it needs the deployment package that Apple gives out.',
  ),
  [-6007]: classified('ours', 'The client writes the rental duration.', REPORT),
  [-6008]: classified('ours', 'No token is bound to a device here.', NOT_SENT),
  [-6009]: classified('operator', 'The option is one of the account.', 'Have ExpressPlay switch FairPlay on.'),
  [-7002]: classified('ours', 'No token is bound to a device here.', NOT_SENT),
  [-7003]: classified(
    'content',
    'The level comes from the output policy.',
    'Give the policy a Widevine security level.',
  ),
  [-7004]: classified(
    'content',
    'The level comes from the output policy.',
    'Set the security level to 1, 2, 3, 4 or 5.',
  ),
  [-7006]: classified('content', 'HDCP comes from the output policy.', 'Give the policy an HDCP output control.'),
  [-7007]: classified('ours', 'The client writes the licence duration.', REPORT),
  [-7008]: classified(
    'transient',
    'ExpressPlay failed to make the licence, with nothing said against the request.',
    'Wait. If one title alone has it, check its key and output policy; if all have, ask ExpressPlay.',
  ),
  [-7009]: classified('content', 'Extensions come from the output policy.', FIX_POLICY),
  [-7011]: classified('operator', 'The option is one of the account.', 'Have ExpressPlay switch Widevine on.'),
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

const NOT_SENDABLE = classified(
  'content',
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
