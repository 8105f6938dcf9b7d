// A typed client of the entitlement service's API, made from its document.
export { type ApiClient, type ApiClientOptions, createApiClient } from './client.js';
export { isProblem, type Problem, type ProblemCode, type ProblemOf } from './problem.js';
export type { Queries, Schemas } from './schemas.js';
