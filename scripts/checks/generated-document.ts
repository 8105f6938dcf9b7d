// Keeps the generated parts of a document equal to their source: prints the drift and fails, or rewrites with `--write`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

/**
 * The document with what lies between `<!-- name -->` and `<!-- /name -->` replaced.
 * @throws Error naming the markers that are missing
 */
export function replaceSection(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no markers ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}

/** A Markdown table, its columns as narrow as can be: the formatter aligns them. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cellText = (cell: string) => cell.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cellText).join(' | ')} |`).join('\n');
}

/**
 * Compares a document with what `render` makes of it; sets the exit code 1 when they differ and nothing may be written.
 * @param source what the document is generated from, for the messages
 * @param command rewrites it
 */
export async function keepGenerated(
  path: string,
  render: (current: string) => string | Promise<string>,
  source: string,
  command: string,
): Promise<void> {
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  // Formatted like every other file, or the format check would undo what this writes.
  const wanted = await format(await render(current), { ...(await resolveConfig(path)), filepath: path });
  if (current === wanted) {
    console.log(`${path} is up to date with ${source}`);
  } else if (process.argv.includes('--write')) {
    writeFileSync(path, wanted);
    console.log(`${path} rewritten`);
  } else {
    const lines = { current: new Set(current.split('\n')), wanted: new Set(wanted.split('\n')) };
    for (const line of lines.current) if (!lines.wanted.has(line)) console.error(`- ${line}`);
    for (const line of lines.wanted) if (!lines.current.has(line)) console.error(`+ ${line}`);
    console.error(`${path} differs from ${source}: ${command}`);
    process.exitCode = 1;
  }
}
