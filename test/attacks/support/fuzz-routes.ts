// The routes that are attacked. Where one does not exist, or not yet, a problem document says so.
export interface Route {
  readonly methods: readonly string[];
  /** With `:id` for what the attacker fills in. */
  readonly path: string;
}

/** What players and load balancers use. */
export const PUBLIC_ROUTES: readonly Route[] = [
  { methods: ['POST'], path: '/v1/license-tokens' },
  { methods: ['GET'], path: '/v1/entitlements' },
  { methods: ['GET'], path: '/v1/entitlements/:id' },
  { methods: ['GET'], path: '/health/live' },
  { methods: ['GET'], path: '/health/ready' },
];

/** What those who run the service use. */
export const ADMIN_ROUTES: readonly Route[] = [
  { methods: ['GET'], path: '/v1/admin/output-policies' },
  { methods: ['GET', 'PUT'], path: '/v1/admin/output-policies/:id' },
  { methods: ['GET'], path: '/v1/admin/contents' },
  { methods: ['GET', 'PUT'], path: '/v1/admin/contents/:id' },
  { methods: ['GET', 'PUT'], path: '/v1/admin/contents/:id/key' },
  { methods: ['GET', 'PUT'], path: '/v1/admin/contents/:id/keys' },
  { methods: ['GET'], path: '/v1/admin/issuances' },
  { methods: ['GET', 'PUT'], path: '/v1/admin/purchases/:id' },
  { methods: ['POST'], path: '/v1/admin/purchases/:id/revocation' },
  { methods: ['POST'], path: '/v1/admin/purchases/:id/reinstatement' },
  { methods: ['POST'], path: '/v1/admin/purchases/:id/first-play-reset' },
  { methods: ['POST'], path: '/v1/admin/purchases/batch' },
];

/** Scopes that open every route. */
export const ALL_SCOPES = 'playback catalog:write purchases:write ledger:read';
