// Problem documents in the API's document: their schema, an example for each code, and the answers that have them.
import { DomainError, type ProblemCode, problemDocument, PROBLEMS } from '@app/platform/problems';
import { CONTENT_ID_RULE } from '../catalog/content-id.js';
import { DENIAL_REASONS } from '../entitlements/entitlement.rules.js';
import { VERSION_USED } from '../purchases/versions.rules.js';
import type { AnswerHeader } from './operation.js';
import { listOf, NamedSchema, objectOf, oneOf, type Schema, text, whole } from './schema.js';

/** All codes. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as ProblemCode[];

const REQUEST_ID = '0b8f6a1e-6c1d-4f6e-9a55-2f0f8f5f9f43';

/** One occurrence of each. */
const OCCURRENCES: Readonly<Record<ProblemCode, { detail: string; extensions?: Readonly<Record<string, unknown>> }>> = {
  'invalid-request': {
    detail: 'Check these fields: contentId.',
    extensions: { errors: [{ field: 'contentId', message: CONTENT_ID_RULE.replace(/^contentId /, '') }] },
  },
  unauthenticated: { detail: 'The bearer token has expired.' },
  'insufficient-scope': { detail: 'The bearer token lacks the scope playback.' },
  'not-entitled': {
    detail: 'You are not entitled to play this title.',
    extensions: { reason: 'rental-period-ended' },
  },
  'content-not-found': { detail: 'There is no such content.' },
  'purchase-not-found': { detail: 'There is no such purchase.' },
  'output-policy-not-found': { detail: 'There is no such output policy.' },
  'version-conflict': {
    detail: `version ${VERSION_USED}.`,
    extensions: { errors: [{ field: 'version', message: VERSION_USED }] },
  },
  'precondition-failed': { detail: 'It has another version than If-Match says; read it again.' },
  'drm-not-available': { detail: 'This title is not available with this DRM.' },
  'route-not-found': { detail: 'There is nothing at this address.' },
  'method-not-allowed': { detail: 'This address takes POST.' },
  'not-acceptable': { detail: 'This address answers in application/json or text/uri-list.' },
  'request-timeout': { detail: 'The request was not received in time.' },
  'payload-too-large': { detail: 'The body is larger than this service takes.' },
  'unsupported-media-type': { detail: 'The body must be sent as application/json.' },
  'rate-limited': { detail: 'Too many requests; try again later.' },
  'headers-too-large': { detail: 'The headers are larger than this service takes.' },
  'upstream-rejected': { detail: 'The licence token service refused the request.' },
  'upstream-unavailable': { detail: 'The licence token service cannot be reached.' },
  'token-balance-exhausted': { detail: 'No licence tokens are available at the moment.' },
  overloaded: { detail: 'The service is busy.' },
  'service-unavailable': { detail: 'The service cannot answer at the moment.' },
  'upstream-timeout': { detail: 'The licence token service did not answer in time.' },
  'internal-error': { detail: 'Something went wrong here; the request id finds it in our log.' },
};

/** What accompanies a problem. */
const HEADERS: Readonly<Partial<Record<ProblemCode, AnswerHeader>>> = {
  unauthenticated: 'WWW-Authenticate',
  'insufficient-scope': 'WWW-Authenticate',
  'method-not-allowed': 'Allow',
  'rate-limited': 'Retry-After',
  'upstream-unavailable': 'Retry-After',
  'token-balance-exhausted': 'Retry-After',
  overloaded: 'Retry-After',
  'service-unavailable': 'Retry-After',
};

const FIELD_ERROR = new NamedSchema(
  'FieldError',
  objectOf<{ field: string; message: string }>('One thing that is wrong with one field.', {
    field: text('A path such as `widevine.hdcp`; empty when the body as a whole is wrong.'),
    message: text('What the field must be, for people. It never repeats a value.'),
  }),
);

/** What is wrong with the fields of a request or of a line. */
export const FIELD_ERRORS = listOf(FIELD_ERROR, 'Everything that is wrong, by field.');

interface ProblemMembers {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  requestId?: string;
  reason?: string;
  errors?: unknown[];
}

/** Any problem. */
export const PROBLEM = new NamedSchema('Problem', {
  ...objectOf<ProblemMembers>(
    'A problem document (RFC 9457). Decide by `code`; `title` and `detail` are for people and may change. There may be further members.',
    {
      type: text('`urn:expressplay-bff:problem:` and the code.', { format: 'uri' }),
      title: text('The kind of problem, for people.'),
      status: whole('The status of the answer.', { minimum: 400, maximum: 599 }),
      detail: text('What happened here, for people.'),
      code: oneOf('What to decide by.', PROBLEM_CODES),
      requestId: text('The `X-Request-Id` of the answer.'),
      reason: oneOf(
        'Why not, with `not-entitled`: of several reasons the one closest to being entitled.',
        DENIAL_REASONS,
      ),
      errors: FIELD_ERRORS,
    },
    ['requestId', 'reason', 'errors'],
  ),
});

/** The example of each code. */
export function problemExamples(): Record<string, { summary: string; value: unknown }> {
  return Object.fromEntries(
    PROBLEM_CODES.map((code) => {
      const { detail, extensions } = OCCURRENCES[code];
      const value = problemDocument(new DomainError(code, detail, { extensions }), REQUEST_ID);
      return [code, { summary: PROBLEMS[code].title, value }];
    }),
  );
}

/** One answer that has one of some problems, all of one status. */
export interface ProblemAnswer {
  /** For the document's components. */
  readonly name: string;
  readonly status: number;
  readonly description: string;
  readonly headers: readonly AnswerHeader[];
  readonly schema: Schema;
  readonly codes: readonly ProblemCode[];
}

/** The answers that some problems are given in, by status. */
export function problemAnswers(codes: readonly ProblemCode[]): ProblemAnswer[] {
  const wanted = PROBLEM_CODES.filter((code) => codes.includes(code));
  const statuses = [...new Set(wanted.map((code) => PROBLEMS[code].status))].toSorted((one, other) => one - other);
  return statuses.map((status) =>
    problemAnswer(
      status,
      wanted.filter((code) => PROBLEMS[code].status === status),
    ),
  );
}

function problemAnswer(status: number, codes: readonly ProblemCode[]): ProblemAnswer {
  const narrowed = { type: 'object', required: ['code'], properties: { code: { enum: codes } } };
  return {
    name: codes.map(pascalCase).join('Or'),
    status,
    description: `${codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.toLowerCase()}`).join('; ')}.`,
    headers: [...new Set(codes.flatMap((code) => HEADERS[code] ?? []))],
    schema: { allOf: [PROBLEM, narrowed] },
    codes,
  };
}

function pascalCase(code: string): string {
  return code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
