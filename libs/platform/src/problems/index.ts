// Problems: domain errors with stable codes, and the one filter that answers them (RFC 9457).
export { noteProblem, problemOf } from './answered-problem.js';
export { describeError, type DescribedError } from './describe-error.js';
export { DomainError, type DomainErrorOptions } from './domain.error.js';
export { type ProblemCode, type ProblemKind, PROBLEMS } from './problem-codes.js';
export { PROBLEM_MEDIA_TYPE, type ProblemDocument, problemDocument } from './problem-document.js';
export { ProblemFilter } from './problem.filter.js';
export { RouteNotFoundError } from './route-not-found.error.js';
export { scrubSecrets } from './scrub.js';
export { codeOfStatus, toDomainError } from './to-domain-error.js';
export { type FieldError, fieldErrors, invalidFields, validationPipe } from './validation.pipe.js';
export { tellUncaughtErrors } from './uncaught-errors.js';
