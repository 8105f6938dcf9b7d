// The named JavaScript blocks of a page as modules.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { snippetsOf } from '../../scripts/checks/markdown.js';

export class PageModules {
  private constructor(
    private readonly folder: string,
    /** The blocks' text by their name. */
    readonly texts: ReadonlyMap<string, string>,
  ) {}

  /** Writes the blocks out, as they stand. */
  static async of(page: string): Promise<PageModules> {
    const folder = await mkdtemp(join(tmpdir(), 'page-modules-'));
    const snippets = snippetsOf(await readFile(page, 'utf8')).filter(({ language }) => language === 'js');
    const nameless = snippets.find(({ name }) => name === '');
    if (nameless !== undefined) throw new Error(`${page}:${nameless.line}: a block of JavaScript without a file name`);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await Promise.all(snippets.map(({ name, text }) => writeFile(join(folder, name), text)));
    return new PageModules(folder, new Map(snippets.map(({ name, text }) => [name, text])));
  }

  async load<T>(name: string): Promise<T> {
    return (await import(/* @vite-ignore */ pathToFileURL(join(this.folder, name)).href)) as T;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
