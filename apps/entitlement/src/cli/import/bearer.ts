// The bearer token that a command calls the service with: from the environment or a file, never from the command line.
import { readFile } from 'node:fs/promises';
import { InvalidValueError, LiveValue, SecretVariable } from '@app/platform/configuration';
import type { Context } from '../context.js';
import { usageError } from '../terminal/exit-codes.js';

export class BearerEnvironment {
  @SecretVariable({
    description: "Bearer token that entitlementctl calls the service's admin API with.",
    optional: true,
    parse: bearerToken,
  })
  readonly ENTITLEMENT_BEARER_TOKEN!: LiveValue<string | undefined>;
}

/** @throws CommandError (usage), ConfigurationError; without the token */
export async function bearerOf(context: Context, tokenFile: string | undefined): Promise<string> {
  if (tokenFile !== undefined) return bearerOfFile(tokenFile);
  const token = context.settings(BearerEnvironment).ENTITLEMENT_BEARER_TOKEN.current;
  if (token === undefined) {
    throw usageError(
      'A bearer token is needed: set ENTITLEMENT_BEARER_TOKEN or ENTITLEMENT_BEARER_TOKEN_FILE, or name a file with ' +
        '--token-file. It is no option, because options show in the list of processes.',
    );
  }
  return token;
}

async function bearerOfFile(path: string): Promise<string> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch {
    throw usageError(`--token-file ${path}: the file cannot be read.`);
  }
  try {
    return bearerToken(text);
  } catch (error) {
    throw usageError(
      `--token-file ${path}: it ${error instanceof InvalidValueError ? error.message : 'is malformed'}.`,
    );
  }
}

/** A b64token of RFC 6750, which a header can carry. */
function bearerToken(text: Buffer): string {
  const token = text.toString().trim();
  if (!/^[\w~+/.-]+=*$/.test(token)) throw new InvalidValueError('must be a bearer token, and nothing else');
  return token;
}
