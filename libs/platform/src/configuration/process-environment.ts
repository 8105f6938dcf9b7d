// The one place that reads the process's environment and the optional `.env` beside it.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { StartRefusedError } from './configuration-error.js';

type Texts = Readonly<Record<string, string | undefined>>;

/**
 * The variables of an env file; none when there is no such file.
 * @throws StartRefusedError when it cannot be read: a container's mount makes a folder of a file that is not there
 */
export function readEnvFile(path: string): Texts {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return {};
    throw new StartRefusedError(`The file ${path} cannot be read (${String(code)}).`, { cause: error });
  }
  return parseEnv(text);
}

/** The process's environment over the variables of an env file: `.env` of the working directory by default, '' for none. */
export function processEnvironment(envFilePath = '.env'): Texts {
  return { ...readEnvFile(envFilePath), ...process.env };
}
