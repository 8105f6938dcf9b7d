// Writes the variables of an environment schema as a Markdown table between the markers of its section.
import type { VariableDescription } from '@app/platform/configuration';
import type { DescribedEnvironment } from './environments.js';

/**
 * The document with every environment's section replaced by its table.
 * @throws Error naming the section whose `<!-- variables: x -->` and `<!-- /variables: x -->` markers are missing
 */
export function renderSections(document: string, environments: readonly DescribedEnvironment[]): string {
  return environments.reduce((text, { section, variables }) => {
    const [begin, end] = [`<!-- variables: ${section} -->`, `<!-- /variables: ${section} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`no markers for the variables of ${section}`);
    return `${text.slice(0, from + begin.length)}\n\n${table(variables)}\n\n${text.slice(to)}`;
  }, document);
}

function table(variables: readonly VariableDescription[]): string {
  const rows = variables.map(({ name, fileVariable, description, ...rest }) =>
    row([
      fileVariable === undefined ? `\`${name}\`` : `\`${name}\` or \`${fileVariable}\``,
      fallback(rest),
      rest.example === undefined ? description : `${description} Example: \`${rest.example}\`.`,
    ]),
  );
  return [row(['Variable', 'Default', 'Meaning']), row(['---', '---', '---']), ...rows].join('\n');
}

function fallback({ required, default: value }: Pick<VariableDescription, 'required' | 'default'>): string {
  if (required) return '**required**';
  return value === undefined || value === '' ? 'unset' : `\`${value}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ')).join(' | ')} |`;
}
