// Which build this is, and where it is.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout or image, wherever this file was compiled to. */
export function installationFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('There is no package.json above this file.');
    folder = dirname(folder);
  }
  return folder;
}

/** The version in its package.json. */
export function buildVersion(): string {
  return (JSON.parse(readFileSync(join(installationFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}
