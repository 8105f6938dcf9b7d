// The named JavaScript blocks of a page as modules, with stand-ins for the packages that they import.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { snippetsOf } from '../../scripts/checks/snippets.js';

/** What a package exports, by package and name of the export (`default` among them). */
export type StandIns = Record<string, Record<string, unknown>>;

export class PageModules {
  private constructor(
    private readonly folder: string,
    /** The names of the blocks. */
    readonly names: readonly string[],
  ) {}

  /** Writes the blocks out, as they stand. The stand-ins are found there as installed packages. */
  static async of(page: string, standIns: StandIns): Promise<PageModules> {
    const folder = await mkdtemp(join(tmpdir(), 'page-modules-'));
    const snippets = snippetsOf(await readFile(page, 'utf8')).filter(({ language }) => language === 'js');
    const nameless = snippets.find(({ name }) => name === '');
    if (nameless !== undefined) throw new Error(`${page}:${nameless.line}: a block of JavaScript without a file name`);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await Promise.all(snippets.map(({ name, text }) => writeFile(join(folder, name), text)));
    Object.assign(globalThis, { pageStandIns: standIns });
    for (const [name, exports] of Object.entries(standIns)) {
      const home = join(folder, 'node_modules', name);
      await mkdir(home, { recursive: true });
      await writeFile(join(home, 'package.json'), '{"type":"module","exports":"./index.js"}');
      const lines = Object.keys(exports).map((key) => {
        const value = `globalThis.pageStandIns['${name}'].${key}`;
        return key === 'default' ? `export default ${value};` : `export const ${key} = ${value};`;
      });
      await writeFile(join(home, 'index.js'), lines.join('\n'));
    }
    return new PageModules(
      folder,
      snippets.map(({ name }) => name),
    );
  }

  async load<T>(name: string): Promise<T> {
    return (await import(/* @vite-ignore */ pathToFileURL(join(this.folder, name)).href)) as T;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
