// A local stack (`npm run stack`) as the commands beside it find it: its key and its settings are files in a folder of its own.
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readEnvFile } from '@app/platform/configuration';
import { unavailable } from './terminal/exit-codes.js';
import type { SigningIdentity } from './token/bearer-signer.js';

type Texts = Readonly<Record<string, string | undefined>>;

/** What a stack says of its issuer. */
export interface DemoIssuerFile {
  issuer: string;
  audience: string;
  privateJwk: JsonWebKey & { kid?: string; alg?: string };
}

/** The folder of all stacks, below the folder that they are started in. */
export const STACKS_FOLDER = '.stack';
export const DEMO_ALGORITHM = 'ES256';
const DEFAULT_PORT = 3000;

/** The folder of the stack whose service listens on `port`. */
export function stackFolder(port: number): string {
  return resolve(STACKS_FOLDER, `port-${port}`);
}

/** The file with the private key of its issuer. */
export function demoIssuerFile(port: number): string {
  return join(stackFolder(port), 'issuer.json');
}

/** The env file with the settings of its service. */
export function stackEnvironmentFile(port: number): string {
  return join(stackFolder(port), 'env');
}

/**
 * The settings of the stack on `PORT`, and what to say of it; without settings where only stacks on other ports are there, and
 * undefined where none is, or another database is named.
 */
export function stackBeside(env: Texts): { settings: Texts; note: string } | undefined {
  const named = env['DATABASE_URL'] || env['DATABASE_URL_FILE'];
  const port = Number(env['PORT']) || DEFAULT_PORT;
  let settings: Texts = {};
  try {
    settings = readEnvFile(stackEnvironmentFile(port));
  } catch {
    // Another user's.
  }
  const { DATABASE_URL: database } = settings;
  if (database !== undefined && (!named || named === database)) {
    return { settings, note: `This is the stack on port ${settings['PORT']} (${STACKS_FOLDER}).` };
  }
  const others = portsOtherThan(port);
  if (named || others.length === 0) return undefined;
  const note = `No stack is on port ${port}, but on ${others.join(', ')}: name it with PORT=${others[0]}.`;
  return { settings: {}, note };
}

/** The ports of the other stacks that have a folder here. */
function portsOtherThan(port: number): string[] {
  try {
    const ports = readdirSync(STACKS_FOLDER).flatMap((name) => /^port-(\d+)$/.exec(name)?.[1] ?? []);
    return ports.filter((one) => one !== String(port));
  } catch {
    return [];
  }
}

/** @throws CommandError when no stack runs on this port */
export async function demoIdentity(port: number): Promise<SigningIdentity> {
  let file: DemoIssuerFile;
  try {
    file = JSON.parse(await readFile(demoIssuerFile(port), 'utf8')) as DemoIssuerFile;
  } catch {
    const others = portsOtherThan(port);
    const hint = others.length === 0 ? '' : ` (there is one on ${others.join(', ')})`;
    throw unavailable(
      `No stack is running on port ${port}. Start one with \`npm run stack\`, name its port with PORT${hint}, or give a ` +
        'private key with --key.',
    );
  }
  const { issuer, audience, privateJwk } = file;
  const privateKey = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return { issuer, audience, privateKey, algorithm: DEMO_ALGORITHM, keyId: privateJwk.kid };
}
