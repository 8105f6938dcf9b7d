// What a server that is open to the world asks of requests.
import type { Place } from './route-table.js';

/** Rules for all requests of an application. An application without rules takes what HTTP allows. */
export interface RequestRules {
  /** Where a route belongs, by its pattern, such as `/v1/contents/:id`. */
  readonly placeOf: (pattern: string) => Place;
  /** For how long browsers are to use https alone; 0 says nothing about it. */
  readonly hstsMaxAgeSeconds: number;
  /** Most requests of one client network in a minute; 0 sets no limit. Routes that belong to both places are exempt. */
  readonly requestsPerMinute: { readonly public: number; readonly management: number };
}
