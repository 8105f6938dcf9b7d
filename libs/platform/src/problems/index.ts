// Problems: domain errors with stable codes, and the one filter that answers them (RFC 9457).
export { describeError, type DescribedError, logUncaughtErrors } from './describe-error.js';
export {
  DomainError,
  type DomainErrorOptions,
  PROBLEM_MEDIA_TYPE,
  type ProblemCode,
  problemDocument,
  PROBLEMS,
  RouteNotFoundError,
} from './problem.js';
export { noteProblem, ProblemFilter, problemOf } from './problem.filter.js';
export { scrubSecrets } from './scrub.js';
export { codeOfStatus, toDomainError } from './to-domain-error.js';
export { type FieldError, fieldErrors, fieldName, invalidFields, validationPipe } from './validation.pipe.js';
