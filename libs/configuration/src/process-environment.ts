// The one place that reads the process's environment and the optional `.env` beside it.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

type Texts = Readonly<Record<string, string | undefined>>;

/** The variables of an env file; none when there is no such file. */
export function readEnvFile(path: string): Texts {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  return parseEnv(text);
}

/** The process's environment over the variables of an env file, `.env` of the working directory by default. */
export function processEnvironment(envFilePath = '.env'): Texts {
  return { ...readEnvFile(envFilePath), ...process.env };
}
