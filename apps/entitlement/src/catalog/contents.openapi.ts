// The operations on contents, for the API's document.
import { json, type OperationDescription } from '../openapi/operation.js';
import {
  hex,
  type Json,
  listOf,
  moment,
  NamedSchema,
  nullable,
  objectOf,
  pageOf,
  text,
  whole,
} from '../openapi/schema.js';
import type { ContentAnswer } from './catalog.answers.js';
import { CONTENT_ID_FIELD } from './catalog.fields.js';
import { CONTENT_KEY } from './content-keys.openapi.js';
import { OUTPUT_POLICY_NAME } from './output-policy-name.js';

type Answer = Json<ContentAnswer>;

const CONTENT = new NamedSchema(
  'Content',
  objectOf<Answer>('A title.', {
    id: CONTENT_ID_FIELD,
    title: text('Its name, for people.'),
    kid: hex(32, 'The key id (KID).'),
    iv: nullable(hex(32, "FairPlay's content encryption IV; without it the title has no FairPlay.")),
    outputPolicy: text('The name of its output policy.', { pattern: OUTPUT_POLICY_NAME.source }),
    availableFrom: nullable(moment('The first moment it may be played.')),
    withdrawnAt: nullable(moment('The first moment it may no longer be played.')),
    key: CONTENT_KEY,
    version: whole('Counts the changes of the title and of its key.', { minimum: 1 }),
  }),
);

const PAGE = pageOf('ContentsPage', 'A page of titles, by id.', 'contents', listOf(CONTENT, 'The titles.'));

const SPRING: Answer = {
  id: 'spring',
  title: 'Spring',
  kid: '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d',
  iv: 'd5fbd6b82ed93e4ef98ae40931ee33b7',
  outputPolicy: 'hd',
  availableFrom: null,
  withdrawnAt: null,
  key: { source: null, kekId: null },
  version: 1,
};

const EXAMPLES = { content: { summary: 'A title without a key', value: SPRING } };
const tag = 'Catalogue';

export const LIST_CONTENTS: OperationDescription = {
  id: 'listContents',
  tag,
  summary: 'List the titles',
  description: 'All titles of the catalogue, by id. Ask until `nextCursor` is null.',
  answers: {
    200: {
      description: 'A page.',
      content: json(PAGE, {
        page: { summary: 'The last page', value: { contents: [SPRING], nextCursor: null } },
      }),
    },
  },
};

export const GET_CONTENT: OperationDescription = {
  id: 'getContent',
  tag,
  summary: 'Read a title',
  description: 'What the catalogue says of a title.',
  answers: { 200: { description: 'The title.', headers: ['ETag'], content: json(CONTENT, EXAMPLES) } },
  problems: ['content-not-found'],
};

export const PUT_CONTENT: OperationDescription = {
  id: 'putContent',
  tag,
  summary: 'Make or change a title',
  description:
    'Says all of a title but its key: an optional field that is left out is null from then on. A change is in force when it is answered. A `PUT` that changes nothing leaves the version as it is.',
  body: {
    description: 'The title. A key id that another title has is refused, and so is an output policy that is not there.',
    examples: {
      content: {
        summary: 'A title for all three DRMs',
        value: { title: SPRING.title, kid: SPRING.kid, iv: SPRING.iv, outputPolicy: SPRING.outputPolicy },
      },
    },
  },
  answers: {
    200: { description: 'It was there, and is so now.', headers: ['ETag'], content: json(CONTENT, EXAMPLES) },
    201: { description: 'It is new.', headers: ['ETag'], content: json(CONTENT, EXAMPLES) },
  },
  problems: ['precondition-failed'],
};
