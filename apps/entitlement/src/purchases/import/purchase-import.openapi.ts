// POST /v1/admin/purchases/batch, for the API's document.
import type { OperationDescription } from '../../openapi/operation.js';
import { FIELD_ERRORS } from '../../openapi/problems.js';
import { flag, NamedSchema, objectOf, oneOf, text, whole } from '../../openapi/schema.js';
import { EXAMPLE_ORDER, PURCHASE_LINE } from '../purchase.schemas.js';
import type { ImportSummary } from './import-report.js';

const NDJSON = 'application/x-ndjson';
const count = (description: string) => whole(description, { minimum: 0 });

const SUMMARY = new NamedSchema(
  'ImportSummary',
  objectOf<ImportSummary>(
    'How the import ended.',
    {
      complete: flag('Whether the whole body has been worked on; otherwise the import is to be resumed.'),
      dryRun: { ...flag('Of a dry run, which has written nothing.'), const: true },
      reason: oneOf('Why it ended early.', ['shutting-down', 'service-unavailable', 'internal-error']),
      lines: count('Lines worked on, blank ones left out.'),
      created: count('Purchases made.'),
      updated: count('Purchases changed.'),
      unchanged: count('Lines that were known.'),
      stale: count('Lines of a lower version.'),
      errors: count('Lines that were refused.'),
      lastLine: count('The number of the last line worked on: to resume, send what follows it.'),
    },
    ['dryRun', 'reason'],
  ),
);

const line = whole('The number of the line.', { minimum: 1 });
const externalId = text("The store's own id of the purchase.");

const REPORT_LINE = new NamedSchema('ImportReportLine', {
  description: 'A line of the report.',
  oneOf: [
    objectOf<{ line: number; externalId: string; outcome: string }>('A line that was applied.', {
      line,
      externalId,
      outcome: oneOf('What became of it.', ['created', 'updated', 'unchanged', 'stale']),
    }),
    objectOf<{ line: number; externalId?: string; outcome: string; errors: unknown[] }>(
      'A line that was refused.',
      { line, externalId, outcome: { type: 'string', const: 'error' }, errors: FIELD_ERRORS },
      ['externalId'],
    ),
    objectOf<{ progress: { lastLine: number } }>('With `report=problems`, after every chunk.', {
      progress: objectOf<{ lastLine: number }>('How far it is.', {
        lastLine: count('The last line that is committed.'),
      }),
    }),
    objectOf<{ summary: ImportSummary }>('The last line.', { summary: SUMMARY }),
  ],
});

const lines = (...values: object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

export const IMPORT_PURCHASES: OperationDescription = {
  id: 'importPurchases',
  tag: 'Purchases',
  summary: 'Tell of any number of sales and rentals',
  description:
    "Lines of JSON in, lines of JSON out: a line of the body is reported once it is committed. The rules are those of the `PUT`, and the order of the lines counts. What would be a problem there is the line's `error` here, and does not stop the others. Lines have at most 64 KiB; the body may be of any length. **Read the answer while you send**: a batch goes on only as fast as its report is read. The last line is the `summary`; without one, or with `complete: false`, resume after `lastLine`, with `firstLine`. With `dryRun=true` all is checked and reported as if it were written, about a thousand lines at a time, and nothing is written.",
  body: {
    description: 'One purchase a line (`PurchaseLine`), ended by LF or CRLF.',
    mediaType: NDJSON,
    schema: {
      type: 'string',
      description: 'Each line is one value of the schema of its content.',
      contentMediaType: 'application/json',
      contentSchema: PURCHASE_LINE,
    },
    examples: {
      'two-lines': {
        summary: 'A rental and a sale',
        value: lines(
          { externalId: 'order-1001', ...EXAMPLE_ORDER },
          {
            externalId: 'order-1002',
            userId: 'frank',
            contentId: 'tears-of-steel',
            type: 'buy-to-own',
            purchasedAt: '2026-11-21T10:00:00Z',
            version: 1,
          },
        ),
      },
    },
  },
  answers: {
    200: {
      description: 'The report, as it comes about: one `ImportReportLine` a line.',
      content: {
        [NDJSON]: {
          schema: {
            type: 'string',
            description: 'Each line is one value of the schema of its content.',
            contentMediaType: 'application/json',
            contentSchema: REPORT_LINE,
          },
          examples: {
            report: {
              summary: 'One line applied, one refused',
              value: lines(
                { line: 1, externalId: 'order-1001', outcome: 'created' },
                {
                  line: 2,
                  externalId: 'order-1002',
                  outcome: 'error',
                  errors: [{ field: 'contentId', message: 'content tears-of-steel does not exist' }],
                },
                {
                  summary: {
                    complete: true,
                    lines: 2,
                    created: 1,
                    updated: 0,
                    unchanged: 0,
                    stale: 0,
                    errors: 1,
                    lastLine: 2,
                  },
                },
              ),
            },
          },
        },
      },
    },
  },
  problems: ['overloaded'],
};
