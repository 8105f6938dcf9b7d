// Parts of documents that are made of the code: tables of variables and of event codes, the help of entitlementctl.
import 'reflect-metadata';
import { classifyEvent, EVENT_CLASSES, EVENT_CODES, isEventCode, type EventClassification } from '@app/expressplay';
import { SystemClock } from '@app/platform/clock';
import type { VariableDescription } from '@app/platform/configuration';
import { PROBLEMS } from '@app/platform/problems';
import { run } from '../../apps/entitlement/src/cli/run.js';
import { ENVIRONMENTS } from './environments.js';
import { markdownTable, replaceSection } from './generated-document.js';

const COMMANDS = [
  '',
  'doctor',
  'explain',
  'token',
  'keys rotate',
  'keys push',
  'keys pull',
  'import',
  'issuances',
  'issuances restore',
  'reconcile',
];
/** The same for each command; the first help has it. */
const GLOBAL_OPTIONS = /Global Options:\n(?: .*\n)+\n/;
const SERVICES = { playready: 'PR', fairplay: 'FP', widevine: 'WV' } as const;

/** For each document, its text with the generated parts replaced. */
export const GENERATED: Readonly<Record<string, (document: string) => string | Promise<string>>> = {
  'docs/configuration.md': (document) =>
    ENVIRONMENTS.reduce(
      (text, { section, variables }) => replaceSection(text, `variables: ${section}`, tableOfVariables(variables)),
      document,
    ),
  'docs/expressplay.md': (document) => replaceSection(document, 'event codes', tableOfEventCodes()),
  'docs/entitlementctl.md': async (document) => {
    let text = document;
    for (const command of COMMANDS) {
      const help = (await helpOf(command)).replace(GLOBAL_OPTIONS, '');
      text = replaceSection(text, `help ${command}`.trim(), `\`\`\`text\n${help.trimEnd()}\n\`\`\``);
    }
    return text;
  },
};

function tableOfVariables(variables: readonly VariableDescription[]): string {
  return markdownTable(
    ['Variable', 'Default', 'Meaning'],
    variables.map(({ name, fileVariable, description, example, required, default: value }) => [
      fileVariable === undefined ? `\`${name}\`` : `\`${name}\` or \`${fileVariable}\``,
      required ? '**required**' : value === undefined || value === '' ? 'unset' : `\`${value}\``,
      example === undefined ? description : `${description} Example: \`${example}\`.`,
    ]),
  );
}

function tableOfEventCodes(): string {
  const documented = Object.keys(EVENT_CODES)
    .map(Number)
    .filter(isEventCode)
    .sort((a, b) => b - a)
    .map((code) => {
      const { name, meaning, services } = EVENT_CODES[code];
      const marks = services.map((service) => SERVICES[service]).join(', ');
      return [`\`${code}\` ${name}`, marks, meaning, ...handling(EVENT_CLASSES[code])];
    });
  const undocumented = -1;
  const others = (['any other', 'none'] as const).flatMap((code) =>
    (['with status 429, or 500 and above', 'with any other status'] as const).map((meaning, index) => {
      const row = classifyEvent(code === 'none' ? undefined : undocumented, index === 0 ? 500 : 400);
      return [code, '', meaning, ...handling(row)];
    }),
  );
  return markdownTable(
    ['Code', 'Services', 'Meaning', 'Class', 'Player gets', 'Retry', 'What an operator does'],
    [...documented, ...others],
  );
}

function handling({ class: eventClass, problem, retry, action }: EventClassification): string[] {
  return [eventClass, `${PROBLEMS[problem].status} \`${problem}\``, retry ? 'yes' : 'no', action];
}

async function helpOf(command: string): Promise<string> {
  let text = '';
  const sink = { write: (written: string) => void (text += written) };
  await run([...command.split(' ').filter((word) => word !== ''), '--help'], {
    env: {},
    stdin: process.stdin,
    stdout: sink,
    stderr: sink,
    clock: new SystemClock(),
    signal: new AbortController().signal,
  });
  return text;
}
