// Reads an answer of the token services: a token, a refusal, or neither.
import { RefusedError, UnreadableAnswerError } from './errors.js';
import { excerptOf, visibleText } from './excerpt.js';
import type { HttpAnswer } from './http-transport.js';
import { tokenFromPair, tokenFromUrl } from './issued-token.js';
import type { LicenseHostCheck } from './license-hosts.js';
import type { IssuedToken } from './token-request.js';

/** `-dddd` standing alone: not a part of a date, of `ISO-8859-1` or of a length in pixels. */
const CODE_IN_TEXT = /(?<![\w-])-\d{4}(?![\w-])/;

/** What is known of the request that an answer belongs to. */
export interface AnswerContext {
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
  if (code !== undefined || status < 200 || status > 299) {
    throw refusal(answer, json, code, context);
  }
  if (status !== 200) {
    throw new UnreadableAnswerError(status, 'unexpected-status');
  }
  if (json !== undefined) {
    return tokenFromPair(status, json['licenseAcquisitionUrl'], json['token'], context.isLicenseHost);
  }
  if (body.trimStart().startsWith('<') && CODE_IN_TEXT.test(visibleText(body))) {
    throw refusal(answer, undefined, undefined, context);
  }
  return tokenFromUrl(status, body, context.isLicenseHost);
}

type JsonObject = Record<string, unknown>;

function refusal(
  answer: HttpAnswer,
  json: JsonObject | undefined,
  code: number | undefined,
  context: AnswerContext,
): RefusedError {
  const text = json === undefined ? visibleText(answer.body) : (messageInJson(json) ?? answer.body);
  const found = json === undefined ? codeInText(text) : code;
  return new RefusedError(answer.status, found, excerptOf(text, context.authenticators));
}

function jsonObject(body: string): JsonObject | undefined {
  if (!body.trimStart().startsWith('{')) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

function codeInText(text: string): number | undefined {
  const match = CODE_IN_TEXT.exec(text);
  return match === null ? undefined : Number(match[0]);
}
