// What the doctor says, in words.
import type { Style } from '../terminal/style.js';
import { indented } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finding, Status } from './check.js';
import type { DoctorReport } from './run-checks.js';

const STYLES: Record<Status, Style> = { ok: 'good', warning: 'doubtful', failed: 'bad', skipped: 'faint' };
const LONGEST_STATUS = 'warning'.length;

export function doctorText({ checks }: DoctorReport, terminal: Terminal): string {
  const marked = (status: Status) => terminal.style(STYLES[status], status.padEnd(LONGEST_STATUS));
  const said = new Set<string>();
  const findingText = ({ status, looked, found, advice }: Finding) => {
    const line = `${marked(status)}  ${looked}: `;
    // What keeps several checks from looking, such as a database that does not answer, is said once.
    const fault = `${found} ${advice}`;
    if (status === 'failed' && said.has(fault)) return `${line}the same as above`;
    said.add(fault);
    return advice === undefined ? `${line}${found}` : `${line}${found}\n${indented(`→ ${advice}`, LONGEST_STATUS + 2)}`;
  };
  const sections = checks.map(
    ({ name, findings }) => `${terminal.style('strong', name)}\n${indented(findings.map(findingText).join('\n'))}`,
  );
  const count = (wanted: Status) => checks.filter(({ status }) => status === wanted).length;
  const summary = `Checks: ${count('ok')} ok, ${count('warning')} with warnings, ${count('failed')} failed, ${count('skipped')} skipped`;
  return `${sections.join('\n')}\n\n${summary}`;
}
