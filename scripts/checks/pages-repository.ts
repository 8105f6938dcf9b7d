// What the commands of a page refer to in this repository: its files, its npm scripts, its routes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, leadsSomewhere } from './repository.js';

export class Repository {
  /** Every file, relative to the root. */
  readonly files: readonly string[];
  private readonly scripts: Readonly<Record<string, string>>;

  constructor(private readonly root: string) {
    this.files = filesUnder(root);
    this.scripts = (JSON.parse(this.read('package.json')) as { scripts: Record<string, string> }).scripts;
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  /** What is wrong with `npm <args>`. */
  findingsOfNpm(args: readonly string[]): string[] {
    const [first = '', ...rest] = args;
    if (first === 'ci') return rest.length === 0 ? [] : ['npm ci takes nothing here'];
    const name = first === 'run' ? rest.find((arg) => !arg.startsWith('-')) : first;
    if (!['run', 'test', 'start', 'version'].includes(first)) return [`nobody can tell whether npm ${first} is right`];
    if (first === 'version' || (name !== undefined && this.scripts[name] !== undefined)) return [];
    return [`npm script ${name} is not in package.json`];
  }

  /** What is wrong with `node <args>`. */
  findingsOfNode(args: readonly string[]): string[] {
    const [file = ''] = args;
    return leadsSomewhere(file, this.files) && file.includes('/') ? [] : [`node ${file}: there is no such file`];
  }

  /** What is wrong with a command that a container of the image runs. */
  findingsOfContainerCommand(command: readonly string[]): string[] {
    const [program, ...args] = command;
    return program === 'node' ? this.findingsOfNode(args) : [`nobody can tell whether ${program} is in the image`];
  }

  /** What is wrong with `curl <args>`: it asks for a route that the API's pages do not have. */
  findingsOfCurl(args: readonly string[]): string[] {
    const urls = args.filter((arg) => /^https?:\/\//.test(arg));
    // A URL that a variable holds is empty here.
    if (urls.length === 0) return args.includes('') ? [] : ['curl without a URL'];
    const routes = ['docs/api.md', 'docs/admin-api.md', 'docs/emulator.md'].map((page) => this.read(page)).join('\n');
    return urls
      .map((url) => new URL(url))
      .filter(({ pathname }) => !routes.includes(pathname) && pathname !== '/metrics')
      .map(({ pathname }) => `no page of the API has ${pathname}`);
  }
}
