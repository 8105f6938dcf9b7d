// What a Markdown text holds: links, code spans, npm scripts and headings, each with its line; and its fenced blocks, which a
// reader copies, and a test therefore runs.

/** One thing a document mentions: the link's target, the code span's text, or the script's name, and its line from 1. */
export type Reference = { kind: 'link' | 'code' | 'npm-script'; text: string; line: number };

/** One fenced block. */
export interface Snippet {
  /** The first word after the fence, `sh` or `js` say; empty when there is none. */
  language: string;
  /** The second word, which names the file that the block would be; empty when there is none. */
  name: string;
  /** What stands between the fences, with a line break at its end. */
  text: string;
  /** The heading it stands under, without the hashes; empty above the first. */
  heading: string;
  /** Line in the document of its first fence, from 1. */
  line: number;
}

const LINK = /\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)/g;
const LINK_DEFINITION = /^\s{0,3}\[[^\]]+\]:\s*(\S+)/g;
const CODE_SPAN = /`([^`]+)`/g;
const NPM_SCRIPT = /\bnpm (?:(?:run|run-script)(?: -s| --silent)* |(?=(?:test|start)\b))([a-z][\w:.-]*)/g;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;
const OPENING = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(\S*).*$/;
const FENCE = /^\s*(?:```|~~~)/;

/** Everything a document mentions. Inside fenced blocks only npm scripts count: the rest there is sample text. */
export function referencesOf(markdown: string): Reference[] {
  return linesOf(markdown).flatMap(({ text, line, fenced }) => {
    const found = (kind: Reference['kind'], pattern: RegExp, where = text): Reference[] =>
      [...where.matchAll(pattern)].map((match) => ({ kind, text: match[1] ?? '', line }));
    if (fenced) return found('npm-script', NPM_SCRIPT);
    // Brackets and parentheses within code are not links.
    const prose = text.replaceAll(CODE_SPAN, '`');
    return [
      ...found('npm-script', NPM_SCRIPT),
      ...found('code', CODE_SPAN),
      ...found('link', LINK, prose),
      ...found('link', LINK_DEFINITION, prose),
    ];
  });
}

/** The anchors of a document's headings, made the way GitHub and GitLab make them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text, fenced } of linesOf(markdown)) {
    const heading = fenced ? undefined : HEADING.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function linesOf(markdown: string): { text: string; line: number; fenced: boolean }[] {
  let fenced = false;
  return markdown.split('\n').map((text, index) => {
    if (FENCE.test(text)) fenced = !fenced;
    return { text, line: index + 1, fenced };
  });
}

/** Variables a code span names: `DATABASE_URL`, `EMULATOR_PORT=3200`, `PORT=3001 npm run demo`. */
export function variablesIn(code: string): string[] {
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(code)) return [code];
  return [...code.matchAll(/(?:^|\s)([A-Z][A-Z0-9_]*)=/g)].map((match) => match[1] ?? '');
}

/**
 * All fenced blocks of a text, in their order. An indented block (in a list) loses its indentation.
 * @throws Error naming the line of a block that never ends
 */
export function snippetsOf(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = '';
  let open: { fence: string; indent: number; snippet: Snippet } | undefined;
  for (const [index, content] of markdown.split('\n').entries()) {
    if (open === undefined) {
      heading = HEADING.exec(content)?.[1] ?? heading;
      const [, indent = '', fence, language = '', name = ''] = OPENING.exec(content) ?? [];
      if (fence === undefined) continue;
      open = { fence, indent: indent.length, snippet: { language, name, text: '', heading, line: index + 1 } };
    } else if (content.trim() === open.fence) {
      snippets.push(open.snippet);
      open = undefined;
    } else {
      open.snippet.text += `${content.slice(0, open.indent).trimStart()}${content.slice(open.indent)}\n`;
    }
  }
  if (open !== undefined) throw new Error(`The block of line ${open.snippet.line} has no end.`);
  return snippets;
}
