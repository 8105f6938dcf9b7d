// A typed client of the entitlement service's API, made from its document.
export { type ApiClient, type ApiClientOptions, createApiClient, type Queries, type Schemas } from './client.js';
export { isProblem, type Problem, type ProblemCode, type ProblemOf } from './problem.js';
