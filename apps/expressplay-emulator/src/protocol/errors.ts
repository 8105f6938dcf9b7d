// The errors that ExpressPlay answers with, and their bodies in the two formats that `errorFormat` chooses between.
import { EVENT_CODES, type EventCode } from '@app/expressplay';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenParameters } from './parameters.js';
import { parametersOf } from './reading.js';

const UNAUTHORIZED: readonly EventCode[] = [-2017, -2018, -2031];

const SERVER_ERROR: readonly EventCode[] = [-2030, -4019, -6004, -7008];

/** A placeholder such as ": details" at the end of a published meaning, and what the table adds after it. */
const PLACEHOLDER = /: (?:details|format)\b.*$/;

/** Details may quote a value of the request, however long it is. */
const LONG_DETAIL = /^(.{200}).+$/s;

/** A request that ExpressPlay would refuse. Its message is the published meaning, with the detail when there is one. */
export class EventError extends Error {
  override readonly name = 'EventError';

  /**
   * @param code a documented event code
   * @param detail what is wrong, for the person who reads the answer; never a key or an authenticator
   */
  constructor(
    readonly code: EventCode,
    detail?: string,
  ) {
    const meaning = EVENT_CODES[code].meaning.replace(PLACEHOLDER, '');
    const shortened = detail?.replace(LONG_DETAIL, '$1…');
    super(shortened === undefined ? meaning : `${meaning}: ${shortened}`);
  }

  /** The HTTP status of the answer: published are 400, 401 and 50x, which code has which is this project's choice. */
  get status(): 400 | 401 | 500 {
    if (UNAUTHORIZED.includes(this.code)) return 401;
    return SERVER_ERROR.includes(this.code) ? 500 : 400;
  }
}

/** An error that is not among the event codes. */
export class PlainError extends Error {
  override readonly name = 'PlainError';

  /** @param code an event code that is not documented, for clients that meet one */
  constructor(
    readonly status: number,
    message: string,
    readonly code?: number,
  ) {
    super(message);
  }
}

/** The error for an address that ExpressPlay does not have. */
export const wrongUrl = (): PlainError => new PlainError(404, 'wrong URL');

type AnsweredError = Pick<PlainError, 'status' | 'code' | 'message'>;

/** Checks `errorFormat`. @throws EventError -3004 */
export function checkErrorFormat(parameters: TokenParameters): void {
  const format = parameters.get('errorFormat');
  if (format !== undefined && format !== 'html' && format !== 'json') throw new EventError(-3004, format);
}

/** The format of a request's errors: `html` unless `json` was asked for, also when neither was. */
export function errorFormatOf(parameters: TokenParameters): 'html' | 'json' {
  return parameters.get('errorFormat') === 'json' ? 'json' : 'html';
}

/** Answers a request with an error, in the format that it asked for. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: AnsweredError): void {
  const json = errorFormatOf(parametersOf(request)) === 'json';
  void reply
    .status(error.status)
    .header('cache-control', 'no-store')
    .type(json ? 'application/json' : 'text/html; charset=utf-8')
    .send(json ? toJson(error) : toHtml(error));
}

/** `{"errorCode": -2018, "errorMessage": "..."}`: the published interface leaves the members open. */
export function toJson({ code, message }: AnsweredError): string {
  return JSON.stringify({ errorCode: code, errorMessage: message });
}

/** A page whose first `-dddd` is the code. */
export function toHtml({ code, message }: AnsweredError): string {
  const title = code === undefined ? 'Error' : `Error ${code}`;
  return (
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head>` +
    `<body><h1>${title}</h1><p>${escapeHtml(message)}</p></body></html>\n`
  );
}

const HTML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => HTML_ENTITIES[character] ?? character);
}
