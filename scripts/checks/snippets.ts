// The fenced blocks of a Markdown text: what a reader copies, and a check or a test therefore runs.

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

const OPENING = /^(\s*)(`{3,}|~{3,})\s*(\S*)\s*(\S*).*$/;
const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;

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
