// What the document says of the API as a whole.
import { buildVersion } from '../build-version.js';
import type { Tag } from './operation.js';

export const INFO = {
  title: 'Entitlement BFF for ExpressPlay',
  version: buildVersion(),
  summary: 'Licence tokens for those who bought or rented a title, and the administration of both.',
  description: [
    "Players ask under `/v1`; the store and customer support under `/v1/admin`, which is on the service's management port.",
    'All times are UTC, RFC 3339. An error is a problem document (RFC 9457) with a stable `code`.',
    'Every answer carries `Cache-Control: no-store` and `X-Request-Id`. A field or parameter that is not in this document is refused with 400; an address that is not in it is 404 `route-not-found`, and a method that an address does not take 405 `method-not-allowed` with `Allow`.',
  ].join('\n\n'),
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

export const TAGS: readonly { readonly name: Tag; readonly description: string }[] = [
  { name: 'Licence tokens', description: 'What a player needs to get a licence.' },
  { name: 'Entitlements', description: 'What a user may play, without spending a token.' },
  { name: 'Catalogue', description: 'Contents, their keys and output policies.' },
  { name: 'Purchases', description: 'What was sold, and what became of it.' },
  { name: 'Ledger', description: 'What was decided, for customer support and audits.' },
  { name: 'Service', description: 'Health and figures, for those who run the service.' },
];
