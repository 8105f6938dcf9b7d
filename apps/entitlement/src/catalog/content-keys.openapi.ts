// The operations on content keys, for the API's document.
import { json, type OperationDescription } from '../openapi/operation.js';
import { NamedSchema, nullable, objectOf, oneOf, text } from '../openapi/schema.js';
import type { ContentKeyAnswer } from './catalog.answers.js';

/** Where a key comes from. */
export const CONTENT_KEY = new NamedSchema(
  'ContentKey',
  objectOf<ContentKeyAnswer>('Where the key of a title comes from; both are null while it has none. Never the key.', {
    source: nullable(
      oneOf("Wrapped, in the service's database, or left with ExpressPlay's key storage.", ['wrapped', 'key-storage']),
    ),
    kekId: nullable(text('The key-encryption key (KEK) it is wrapped under.')),
  }),
);

const EXAMPLES = { wrapped: { summary: 'A wrapped key', value: { source: 'wrapped', kekId: 'demo' } } };
const tag = 'Catalogue';

export const GET_CONTENT_KEY: OperationDescription = {
  id: 'getContentKey',
  tag,
  summary: "See where a title's key comes from",
  description: "The key itself is never answered. The ETag is the title's.",
  answers: { 200: { description: 'Its origin.', headers: ['ETag'], content: json(CONTENT_KEY, EXAMPLES) } },
  problems: ['content-not-found'],
};

export const PUT_CONTENT_KEY: OperationDescription = {
  id: 'putContentKey',
  tag,
  summary: 'Give a title its key',
  description:
    "In exactly one of three ways: `key` in the clear, which is wrapped at once under the newest KEK and not kept; `ek` with `kekId`, wrapped under a KEK that the service has; or `keyStorage`, for a key that is in ExpressPlay's key storage. A changed key is a change of the title: ETag and If-Match are the title's.",
  body: {
    description: 'The key.',
    examples: {
      clear: { summary: 'In the clear', value: { key: '00112233445566778899aabbccddeeff' } },
      wrapped: {
        summary: 'Wrapped (RFC 3394)',
        value: { ek: '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5', kekId: 'demo' },
      },
      'key-storage': { summary: "In ExpressPlay's key storage", value: { keyStorage: { kekId: 'demo' } } },
    },
  },
  answers: { 200: { description: 'The title has the key.', headers: ['ETag'], content: json(CONTENT_KEY, EXAMPLES) } },
  problems: ['content-not-found', 'precondition-failed'],
};
