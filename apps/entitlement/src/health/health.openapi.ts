// The health routes, for the API's document.
import { json, type OperationDescription } from '../openapi/operation.js';
import { NamedSchema, objectOf, oneOf, text } from '../openapi/schema.js';

interface Part {
  status: string;
  message?: string;
}

const PART = objectOf<Part>(
  'A part of the service.',
  { status: oneOf('Whether it works.', ['up', 'down']), message: text('What is wrong, for people.') },
  ['message'],
);

const PARTS = { type: 'object', description: 'By name of the part.', additionalProperties: PART };

const REPORT = new NamedSchema(
  'HealthReport',
  objectOf<{ status: string; info: unknown; error: unknown; details: unknown }>('How the parts of the service are.', {
    status: oneOf('All in one word.', ['ok', 'error', 'shutting_down']),
    info: { ...PARTS, description: 'The parts that work.' },
    error: { ...PARTS, description: 'The parts that do not.' },
    details: { ...PARTS, description: 'All parts.' },
  }),
);

const ALIVE = new NamedSchema(
  'Alive',
  objectOf<{ status: string }>('A process that can answer this lives.', { status: { type: 'string', const: 'ok' } }),
);

const up = { database: { status: 'up' }, draining: { status: 'up' } };
const down = { database: { status: 'down', message: 'Postgres cannot be used' } };
const WELL = { status: 'ok', info: up, error: {}, details: up };
const UNWELL = {
  status: 'error',
  info: { draining: up.draining },
  error: down,
  details: { ...up, ...down },
};
const ANSWERS = {
  200: { description: 'Yes.', content: json(REPORT, { well: { summary: 'All is well', value: WELL } }) },
  503: { description: 'No.', content: json(REPORT, { unwell: { summary: 'No database', value: UNWELL } }) },
};
const tag = 'Service';

export const LIVE: OperationDescription = {
  id: 'getLiveness',
  tag,
  summary: 'Whether the process lives',
  description: 'Nothing else is asked, so that a database outage restarts nobody.',
  answers: {
    200: {
      description: 'It lives.',
      content: json(ALIVE, { alive: { summary: 'It lives', value: { status: 'ok' } } }),
    },
  },
};

export const READY: OperationDescription = {
  id: 'getReadiness',
  tag,
  summary: 'Whether to send players here',
  description: 'The database answers, its migrations are applied, and the service is not shutting down.',
  answers: ANSWERS,
};

export const STARTUP: OperationDescription = {
  id: 'getStartup',
  tag,
  summary: 'Whether the service has started',
  description: 'The database answers, and its migrations are applied.',
  answers: ANSWERS,
};
