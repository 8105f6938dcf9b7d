// Reads an answer of the token services: a token, a refusal, or neither. Nothing of it is believed before it is checked.
import { RefusedError, UnreadableAnswerError, type UnreadableReason } from './errors.js';
import type { LicenseHostCheck } from './hosts.js';
import { PARAMETERS } from './parameters.js';
import type { HttpAnswer } from './transport.js';

/** A token as ExpressPlay sold it, in one shape for both shapes of answer. */
export interface IssuedToken {
  /** The licence URL with the token in it, ready to use. */
  licenseUrl: string;
  /** The licence URL without the token. */
  licenseAcquisitionUrl: string;
  /** The token: URL-safe base64. A secret of the player's until it is redeemed. */
  token: string;
}

/** `-dddd` standing alone: not a part of a date, of `ISO-8859-1` or of a length in pixels. */
const CODE_IN_TEXT = /(?<![\w-])-\d{4}(?![\w-])/;

/** What is known of the request that an answer belongs to. */
interface AnswerContext {
  /** The authenticators that were sent or might have been, to keep them out of the excerpt of a refusal. */
  authenticators: readonly string[];
  isLicenseHost: LicenseHostCheck;
}

/**
 * The token in an answer. The body decides what it is (table "Response"): its content type does not say which of the two shapes a
 * 200 has, and an event code is a refusal whatever the status.
 *
 * @param answer what came
 * @throws RefusedError when ExpressPlay said no
 * @throws UnreadableAnswerError when the answer is neither a token nor a refusal
 */
export function readTokenAnswer(answer: HttpAnswer, context: AnswerContext): IssuedToken {
  const { status, body } = answer;
  const json = jsonObject(body);
  const code = json === undefined ? undefined : codeInJson(json);
  if (code !== undefined || status < 200 || status > 299) throw refusal(answer, json, code, context);
  if (status !== 200) throw new UnreadableAnswerError(status, 'unexpected-status');
  if (json !== undefined) return tokenFromPair(json, context.isLicenseHost);
  if (body.trimStart().startsWith('<') && CODE_IN_TEXT.test(visibleText(body))) {
    throw refusal(answer, undefined, undefined, context);
  }
  return tokenFromUrl(body, context.isLicenseHost);
}

/**
 * The JSON of an answer of the account's API; undefined when it is empty.
 *
 * @param authenticator the one that was sent
 * @throws RefusedError, UnreadableAnswerError
 */
export function readJsonAnswer(answer: HttpAnswer, authenticator: string): unknown {
  const { status, body } = answer;
  const json = jsonObject(body);
  const code = json === undefined ? undefined : codeInJson(json);
  if (code !== undefined || status < 200 || status > 299) {
    throw refusal(answer, json, code, { authenticators: [authenticator] }, 'the request');
  }
  if (body.trim() === '') return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new UnreadableAnswerError(status, 'no-record');
  }
}

/** What is wrong with a 200. */
const unreadable = (reason: UnreadableReason) => new UnreadableAnswerError(200, reason);

type JsonObject = Record<string, unknown>;

function refusal(
  answer: HttpAnswer,
  json: JsonObject | undefined,
  code: number | undefined,
  context: Pick<AnswerContext, 'authenticators'>,
  what?: string,
): RefusedError {
  const text = json === undefined ? visibleText(answer.body) : (messageInJson(json) ?? answer.body);
  const [inText] = (json === undefined && CODE_IN_TEXT.exec(text)) || [];
  const found = inText === undefined ? code : Number(inText);
  return new RefusedError(answer.status, found, excerptOf(text, context.authenticators), what);
}

function jsonObject(body: string): JsonObject | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(body) as JsonObject;
  } catch {
    return undefined;
  }
}

/** The code of `errorCode` or `code`, written as a number or as text. Event codes are negative. */
function codeInJson(json: JsonObject): number | undefined {
  return [json['errorCode'], json['code']]
    .filter((value) => typeof value === 'number' || (typeof value === 'string' && /^-\d{1,6}$/.test(value)))
    .map(Number)
    .find((value) => Number.isInteger(value) && value < 0);
}

function messageInJson(json: JsonObject): string | undefined {
  return [json['errorMessage'], json['message']].find((value) => typeof value === 'string');
}

const TOKEN_PARAMETER = 'ExpressPlayToken';
const URL_SAFE_BASE64 = /^[A-Za-z0-9_-]+={0,2}$/;

/**
 * `http` or `https`, a host, perhaps a port, path and query, of the characters of RFC 3986. Stricter than URL parsers, which guess and
 * do not agree: a player's must not find another host in it than the one that was checked here. Credentials would go to the player
 * with the URL; behind a fragment the token would never reach the server.
 */
const PLAIN_URL = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:[/?][\w\-.~:/?[\]@!$&'()*+,;=%]*)?$/i;

/**
 * The PlayReady shape: licence URL and token apart, to be joined for the player.
 *
 * @throws UnreadableAnswerError when a part is absent or not what it should be
 */
function tokenFromPair(
  { licenseAcquisitionUrl: url, token }: JsonObject,
  isLicenseHost: LicenseHostCheck,
): IssuedToken {
  if (typeof url !== 'string' || typeof token !== 'string') throw unreadable('no-token');
  // With a token of its own the joined URL would have two.
  if (checkedUrl(url, isLicenseHost).searchParams.has(TOKEN_PARAMETER)) throw unreadable('bad-url');
  if (!URL_SAFE_BASE64.test(token)) throw unreadable('bad-token');
  const separator = url.includes('?') ? '&' : '?';
  return { licenseUrl: `${url}${separator}${TOKEN_PARAMETER}=${token}`, licenseAcquisitionUrl: url, token };
}

/**
 * The FairPlay and Widevine shape: a `text/uri-list` of one URL with the token in its query.
 *
 * @throws UnreadableAnswerError when it is anything else
 */
function tokenFromUrl(body: string, isLicenseHost: LicenseHostCheck): IssuedToken {
  const [url, ...more] = body
    .split(/\r?\n/)
    .map((line) => line.trim())
    // Comments of a uri-list (RFC 2483).
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (url === undefined || more.length > 0 || !/^https?:/i.test(url)) throw unreadable('no-token');
  const tokens = checkedUrl(url, isLicenseHost).searchParams.getAll(TOKEN_PARAMETER);
  const token = tokens[0];
  if (token === undefined || tokens.length > 1) throw unreadable('no-token');
  if (!URL_SAFE_BASE64.test(token)) throw unreadable('bad-token');
  return { licenseUrl: url, licenseAcquisitionUrl: withoutToken(url), token };
}

/** Cut out of the text, because writing the URL again would drop a port that its scheme implies. */
function withoutToken(url: string): string {
  const start = url.indexOf('?');
  const query = url
    .slice(start + 1)
    .split('&')
    .filter((parameter) => !new URLSearchParams(parameter).has(TOKEN_PARAMETER))
    .join('&');
  return query === '' ? url.slice(0, start) : `${url.slice(0, start)}?${query}`;
}

function checkedUrl(text: string, isLicenseHost: LicenseHostCheck): URL {
  if (!PLAIN_URL.test(text) || !URL.canParse(text)) throw unreadable('bad-url');
  const url = new URL(text);
  if (!isLicenseHost(url.hostname)) throw unreadable('foreign-host');
  return url;
}

const REDACTED = '[redacted]';
const PARAMETER_NAMES: ReadonlySet<string> = new Set(Object.values(PARAMETERS));

/** Comments, styles, scripts and tags. What is left open reaches to the end, so that no text is scanned twice. */
const MARKUP = /<!--[\s\S]*?(?:-->|$)|<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)|<[^<>]*>/gi;

/** An authenticator, whoever's it is, with its comma as it is or percent-encoded. */
const AUTHENTICATOR = /\d{1,20}(?:,|%2C)[0-9a-f]{32}/gi;

/** The values of parameters that hold a key or a token, echoed as a form or as JSON. */
const SECRET_PARAMETER =
  /(?<![A-Za-z])(customerAuthenticator|contentKey|kek|ek|ExpressPlayToken|token)(=|["']\s*:\s*["']?)[^\s"'&<>]+/gi;

/** Keys and KIDs in hex. */
const HEX_RUN = /[0-9a-f]{16,}/gi;

/** Keys and tokens in either base64 alphabet. Parameter names are as long and stay. */
const BASE64_RUN = /[A-Za-z0-9_+/-]{20,}={0,2}/g;

/** Line breaks and control characters would let an answer forge log lines. */
const SPACE = /[\s\p{Cc}]+/gu;

/** The text of an HTML page without its markup; other text stays as it is but for what looks like tags. */
export function visibleText(body: string): string {
  return body.replace(MARKUP, ' ');
}

/**
 * At most 200 characters of an answer's text on one line, fit for a log.
 *
 * @param text what the answer says
 * @param authenticators the authenticators that were sent, removed in whatever surroundings they are echoed
 */
export function excerptOf(text: string, authenticators: readonly string[]): string {
  return authenticators
    .filter((authenticator) => authenticator !== '')
    .reduce((rest, authenticator) => rest.replaceAll(authenticator, REDACTED), text)
    .replace(AUTHENTICATOR, REDACTED)
    .replace(SECRET_PARAMETER, `$1$2${REDACTED}`)
    .replace(HEX_RUN, REDACTED)
    .replace(BASE64_RUN, (run) => (PARAMETER_NAMES.has(run) ? run : REDACTED))
    .replace(SPACE, ' ')
    .trim()
    .slice(0, 200);
}
