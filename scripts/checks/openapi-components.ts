// What the API's document says once and refers to: headers, problems and an example of each.
import { HttpException } from '@nestjs/common';
import {
  DomainError,
  invalidFields,
  type ProblemCode,
  PROBLEM_MEDIA_TYPE,
  problemDocument,
  PROBLEMS,
  toDomainError,
} from '@app/platform/problems';
import { InsufficientScopeError, UnauthenticatedError } from '../../apps/entitlement/src/auth/auth.errors.js';
import { CONTENT_ID_RULE, UnknownContentError } from '../../apps/entitlement/src/catalog/content.js';
import {
  DrmNotAvailableError,
  KidRequiredError,
  NotEntitledError,
  noTermsError,
  UPSTREAM,
} from '../../apps/entitlement/src/license-tokens/license-tokens.errors.js';
import type { AnswerHeader } from '../../apps/entitlement/src/openapi/documentation.js';
import { OverloadedError } from '../../apps/entitlement/src/overload.js';
import { VERSION_USED } from '../../apps/entitlement/src/purchases/outcomes.js';

const [PROBLEM_TYPE = PROBLEM_MEDIA_TYPE] = PROBLEM_MEDIA_TYPE.split(';');
const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

const REQUEST_ID = '0b8f6a1e-6c1d-4f6e-9a55-2f0f8f5f9f43';

/** One occurrence of each, as the service makes it. */
const OCCURRENCES: readonly DomainError[] = [
  ...[404, 408, 413, 415, 429, 431, 500, 503].map((status) => toDomainError(new HttpException('', status))),
  ...Object.entries(UPSTREAM).map(([code, { detail }]) => new DomainError(code as ProblemCode, detail)),
  invalidFields([{ field: 'contentId', message: CONTENT_ID_RULE }]),
  new UnauthenticatedError('expired'),
  new InsufficientScopeError('playback'),
  new NotEntitledError('rental-period-ended'),
  new UnknownContentError(),
  new DrmNotAvailableError(),
  noTermsError('offline-not-available'),
  new KidRequiredError(['0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d', '5f0c9a52e1f24c6f8f0e4d5a7b3c2d10']),
  new OverloadedError(),
  new DomainError('purchase-not-found', 'There is no such purchase.'),
  new DomainError('output-policy-not-found', 'There is no such output policy.'),
  new DomainError('version-conflict', `version ${VERSION_USED}.`, {
    extensions: { errors: [{ field: 'version', message: VERSION_USED }] },
  }),
  new DomainError('precondition-failed', 'It has another version than If-Match says; read it again.'),
  new DomainError('method-not-allowed', 'This address takes POST.'),
  new DomainError('not-acceptable', 'This address answers in application/json or text/uri-list.'),
];

/** What accompanies a problem, by its code or its status. */
const PROBLEM_HEADERS: Readonly<Record<string | number, AnswerHeader>> = {
  'insufficient-scope': 'WWW-Authenticate',
  401: 'WWW-Authenticate',
  405: 'Allow',
  429: 'Retry-After',
  503: 'Retry-After',
};

const REQUEST_ID_SCHEMA = {
  type: 'string',
  description: 'Letters, digits, dots, underscores and hyphens.',
  pattern: '^[A-Za-z0-9._-]{1,128}$',
  examples: [REQUEST_ID],
};

const text = (description: string, more: object) => ({ type: 'string', description, ...more });

/** Headers of answers. */
export const HEADERS: Readonly<Record<AnswerHeader | 'X-Request-Id', object>> = {
  Allow: {
    description: 'The methods that the address takes.',
    schema: text('Names of methods.', { examples: ['GET, HEAD'] }),
  },
  ETag: {
    description: 'The version of what was answered, in quotes, for `If-Match`.',
    schema: text('An entity tag.', { pattern: String.raw`^"\d+"$`, examples: ['"3"'] }),
  },
  'Retry-After': {
    description: 'In how many seconds trying again makes sense.',
    schema: { type: 'integer', description: 'Seconds.', minimum: 0, examples: [5] },
  },
  Vary: {
    description: 'The headers of the request that the answer depends on.',
    schema: text('Names of headers.', { examples: ['Accept'] }),
  },
  'WWW-Authenticate': {
    description: 'What is wrong with the bearer token (RFC 6750, section 3).',
    schema: text('A challenge.', { pattern: '^Bearer ', examples: ['Bearer realm="entitlement"'] }),
  },
  'X-Request-Id': {
    description: 'The id of the request: yours, or a new one. The log and the problem document have it too.',
    schema: REQUEST_ID_SCHEMA,
  },
};

/** The parameter of every operation. */
export const REQUEST_ID_PARAMETER = {
  name: 'X-Request-Id',
  in: 'header',
  description: 'An id of your own, by which the log and the ledger will know this request.',
  required: false,
  schema: REQUEST_ID_SCHEMA,
};

/** The parameter of what is written with a version. */
export const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  description:
    "The ETag that was read, so that nobody else's change is overwritten: with another version it is 412. `*` demands that the thing is there. Without it the last `PUT` counts.",
  required: false,
  schema: text('Entity tags, separated by commas, or `*`.', { examples: ['"3"'] }),
};

/** The headers of an answer: every one has the id of the request. */
export function headersOf(more: readonly AnswerHeader[] = []): object {
  return Object.fromEntries(['X-Request-Id', ...more].map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The example of each code. */
export function problemExamples(): Record<string, object> {
  return Object.fromEntries(
    PROBLEM_CODES.map((code) => {
      const occurrence = OCCURRENCES.find((error) => error.code === code);
      if (occurrence === undefined) throw new Error(`The problem ${code} has no example.`);
      return [code, { summary: PROBLEMS[code].title, value: problemDocument(occurrence, REQUEST_ID) }];
    }),
  );
}

/** The answers that some problems are given in, one for each status. */
export function problemAnswers(codes: readonly ProblemCode[]): { name: string; status: number; answer: object }[] {
  const wanted = PROBLEM_CODES.filter((code) => codes.includes(code));
  return [...new Set(wanted.map((code) => PROBLEMS[code].status))].map((status) => {
    const same = wanted.filter((code) => PROBLEMS[code].status === status);
    const pascalCase = (code: string) => code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    return { name: same.map(pascalCase).join('Or'), status, answer: answerOf(same) };
  });
}

function answerOf(codes: readonly ProblemCode[]): object {
  const narrowed = { type: 'object', required: ['code'], properties: { code: { enum: codes } } };
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed] };
  return {
    description: `${codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.toLowerCase()}`).join('; ')}.`,
    headers: headersOf([
      ...new Set(codes.flatMap((code) => PROBLEM_HEADERS[code] ?? PROBLEM_HEADERS[PROBLEMS[code].status] ?? [])),
    ]),
    content: { [PROBLEM_TYPE]: { schema, examples } },
  };
}
