// Writes the table of ExpressPlay's event codes as Markdown, out of the tables that the client decides by.
import {
  classifyEvent,
  EVENT_CLASSES,
  EVENT_CODES,
  isEventCode,
  PARAMETERS,
  UNLISTED_PARAMETERS,
  type EventClassification,
  type TokenService,
} from '@app/expressplay';
import { PROBLEMS } from '@app/platform/problems';
import { markdownTable, replaceSection } from './generated-document.js';

const HEAD = ['Code', 'Services', 'Meaning', 'Class', 'Player gets', 'Retry', 'What an operator does'];
const SERVICES = { playready: 'PR', fairplay: 'FP', widevine: 'WV' } as const;

/** The document with its table of codes replaced. @throws Error when its markers are missing */
export function renderEventCodes(document: string): string {
  return replaceSection(document, 'event codes', markdownTable(HEAD, [...documentedRows(), ...otherRows()]));
}

/** Parameters that the client can send and the document does not speak of. */
export function unmentionedParameters(document: string): string[] {
  const names = [...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)];
  return names.filter((name) => !document.includes(`\`${name}\``) && !document.includes(`\`${name}=`));
}

function documentedRows(): string[][] {
  return Object.keys(EVENT_CODES)
    .map(Number)
    .filter(isEventCode)
    .sort((a, b) => b - a)
    .map((code) => {
      const { name, meaning, services } = EVENT_CODES[code];
      const marks = (services as readonly TokenService[]).map((service) => SERVICES[service]).join(', ');
      return [`\`${code}\` ${name}`, marks, meaning, ...handling(EVENT_CLASSES[code])];
    });
}

function otherRows(): string[][] {
  const undocumented = -1;
  const rows: [string, string, EventClassification][] = [
    ['any other', 'with status 429, or 500 and above', classifyEvent(undocumented, 500)],
    ['any other', 'with any other status', classifyEvent(undocumented, 400)],
    ['none', 'with status 429, or 500 and above', classifyEvent(undefined, 500)],
    ['none', 'with any other status', classifyEvent(undefined, 400)],
  ];
  return rows.map(([code, meaning, row]) => [code, '', meaning, ...handling(row)]);
}

function handling({ class: eventClass, problem, retry, action }: EventClassification): string[] {
  return [eventClass, `${PROBLEMS[problem].status} \`${problem}\``, retry ? 'yes' : 'no', action];
}
