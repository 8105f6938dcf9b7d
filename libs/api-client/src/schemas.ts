// The values of the API, by the names that its document gives them.
import type { components, operations } from './generated/openapi.js';

/** For example `Schemas['LicenseToken']`. */
export type Schemas = components['schemas'];

/** The queries of operations, for example `Queries['listEntitlements']`. */
export type Queries = {
  [Id in keyof operations]: NonNullable<operations[Id]['parameters']['query']>;
};
