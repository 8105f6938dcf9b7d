// The bodies of errors, in the two formats that `errorFormat` chooses between.
import type { FastifyReply } from 'fastify';
import { PARAMETERS } from '@app/expressplay';
import { EventError } from './event-error.js';
import type { TokenParameters } from './token-parameters.js';

/** How the body of an error is written. */
type ErrorFormat = 'html' | 'json';

/** An error as it is answered; one that is not among the event codes has a status and a message alone. */
interface ErrorAnswer {
  readonly status: number;
  readonly code?: number;
  readonly message: string;
}

const DEFAULT_FORMAT = 'html';

/** Checks `errorFormat`. @throws EventError -3004 */
export function checkErrorFormat(parameters: TokenParameters): void {
  const format = parameters.get(PARAMETERS.errorFormat);
  if (format !== undefined && !isErrorFormat(format)) throw new EventError(-3004, format);
}

/** The format of a request's errors: `html` unless `json` was asked for, also when neither was. */
export function errorFormatOf(parameters: TokenParameters): ErrorFormat {
  const format = parameters.get(PARAMETERS.errorFormat);
  return isErrorFormat(format) ? format : DEFAULT_FORMAT;
}

/** Writes an error to a reply. */
export function sendError(reply: FastifyReply, format: ErrorFormat, error: ErrorAnswer): void {
  const json = format === 'json';
  void reply
    .status(error.status)
    .header('cache-control', 'no-store')
    .type(json ? 'application/json' : 'text/html; charset=utf-8')
    .send(json ? toJson(error) : toHtml(error));
}

/** `{"errorCode": -2018, "errorMessage": "..."}`: the published interface leaves the members open. */
export function toJson({ code, message }: ErrorAnswer): string {
  return JSON.stringify({ errorCode: code, errorMessage: message });
}

/** A page whose first `-dddd` is the code. */
export function toHtml({ code, message }: ErrorAnswer): string {
  const title = code === undefined ? 'Error' : `Error ${code}`;
  return (
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head>` +
    `<body><h1>${title}</h1><p>${escapeHtml(message)}</p></body></html>\n`
  );
}

function isErrorFormat(text: string | undefined): text is ErrorFormat {
  return text === 'html' || text === 'json';
}

const HTML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => HTML_ENTITIES[character] ?? character);
}
