// The repository as the checks see it: its files, and whether a path written in a document leads to one.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['.git', 'node_modules', 'dist', 'coverage', '.stack', 'generated']);

/** Folders that a document's path may start with; a path under any of them must lead somewhere. */
const FOLDERS = ['.ci', 'apps', 'bench', 'deploy', 'dist', 'docs', 'libs', 'prisma', 'scripts', 'test'];

/** Every file of the repository, relative to its root, with `/` between names. */
export function filesUnder(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(root, path) : [path];
  });
}

/** Whether a code span is written like a path of this repository, rather than a route, a package or a value. */
export function looksLikePath(code: string): boolean {
  if (!/^[\w.@<>*{}/-]+$/.test(code)) return false;
  if (code.startsWith('@app/')) return true;
  if (code.includes('/')) return FOLDERS.includes(code.split('/')[0] ?? '');
  return /^\.?[\w<>*-]+(?:\.[\w<>*-]+)*\.(?:ts|mjs|js|json|md|ya?ml|sql|prisma)$/.test(code);
}

/**
 * Whether a path of a document exists. A bare file name may lie in any folder; `*` and `<placeholder>` stand for any
 * one name; `@app/<lib>` is the lib's folder; a built file is looked for as its source.
 */
export function leadsSomewhere(code: string, files: readonly string[]): boolean {
  let path = code
    .replace(/^@app\/platform\//, 'libs/platform/src/')
    .replace(/^@app\//, 'libs/')
    .replace(/\/$/, '');
  if (path.startsWith('dist/')) path = path.slice('dist/'.length).replace(/\.js$/, '.ts');
  if (path === 'dist' || path === 'libs/*') return true;
  const pattern = path.replaceAll(/<[^>]*>|\*+/g, '\0').replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const anywhere = code.includes('/') ? '' : '(?:.*/)?';
  const expression = new RegExp(`^${anywhere}${pattern.replaceAll('\0', '[^/]+')}(?:/.*)?$`);
  return files.some((file) => expression.test(file));
}
