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
  const references: Reference[] = [];
  let fenced = false;
  for (const [index, content] of markdown.split('\n').entries()) {
    const line = index + 1;
    const add = (kind: Reference['kind'], pattern: RegExp, text: string): void => {
      for (const match of text.matchAll(pattern)) references.push({ kind, text: match[1] ?? '', line });
    };
    if (FENCE.test(content)) fenced = !fenced;
    else {
      add('npm-script', NPM_SCRIPT, content);
      if (fenced) continue;
      add('code', CODE_SPAN, content);
      // Brackets and parentheses within code are not links.
      const prose = content.replaceAll(CODE_SPAN, '`');
      add('link', LINK, prose);
      add('link', LINK_DEFINITION, prose);
    }
  }
  return references;
}

/** The anchors of a document's headings, made the way GitHub and GitLab make them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  let fenced = false;
  for (const line of markdown.split('\n')) {
    if (FENCE.test(line)) fenced = !fenced;
    const heading = fenced ? undefined : HEADING.exec(line)?.[1];
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
