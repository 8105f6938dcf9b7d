// The headers of answers, and those that a request may have.
import type { AnswerHeader } from './operation.js';
import { hex, text, whole, type Schema } from './schema.js';

interface HeaderObject {
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
}

const REQUEST_ID = text('Letters, digits, dots, underscores and hyphens.', {
  pattern: '^[A-Za-z0-9._-]{1,128}$',
  examples: ['0b8f6a1e-6c1d-4f6e-9a55-2f0f8f5f9f43'],
});

/** By name, for the document's components. */
export const ANSWER_HEADERS: Readonly<Record<AnswerHeader | 'X-Request-Id', HeaderObject>> = {
  'X-Request-Id': {
    description: 'The id of the request: yours, or a new one. The log and the problem document have it too.',
    schema: REQUEST_ID,
  },
  ETag: {
    description: 'The version of what was answered, in quotes, for `If-Match`.',
    schema: text('An entity tag.', { pattern: String.raw`^"\d+"$`, examples: ['"3"'] }),
  },
  Vary: {
    description: 'The headers of the request that the answer depends on.',
    schema: text('Names of headers.', { examples: ['Accept'] }),
  },
  'Retry-After': {
    description: 'In how many seconds trying again makes sense.',
    schema: whole('Seconds.', { minimum: 0, examples: [5] }),
  },
  'WWW-Authenticate': {
    description: 'What is wrong with the bearer token (RFC 6750, section 3).',
    schema: text('A challenge.', { pattern: '^Bearer ', examples: ['Bearer realm="entitlement"'] }),
  },
  Allow: {
    description: 'The methods that the address takes.',
    schema: text('Names of methods.', { examples: ['GET, HEAD'] }),
  },
};

/** Headers of requests, by the name a handler reads them by; those that OpenAPI has another place for are null. */
export const REQUEST_HEADERS: Readonly<Record<string, { name: string; description: string; schema: Schema } | null>> = {
  accept: null,
  'if-match': {
    name: 'If-Match',
    description:
      "The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts.",
    schema: text('Entity tags, separated by commas, or `*`.', { examples: ['"3"'] }),
  },
};

/** The parameter of every operation. */
export const REQUEST_ID_PARAMETER = {
  name: 'X-Request-Id',
  in: 'header',
  description: 'An id of your own, by which the log and the ledger will know this request.',
  required: false,
  schema: REQUEST_ID,
};

/** The id of an issuance. */
export const ISSUANCE_ID = hex(32, 'The row of the ledger; ExpressPlay’s redemption log has it as the cookie.');
