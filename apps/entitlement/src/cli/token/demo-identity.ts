// The issuer of a local stack: the stack writes its key into a file, and the commands beside it sign with that.
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { unavailable } from '../terminal/exit-codes.js';
import type { SigningIdentity } from './bearer-signer.js';

/** What a stack tells the commands beside it. */
export interface DemoIssuerFile {
  issuer: string;
  audience: string;
  privateJwk: JsonWebKey & { kid?: string; alg?: string };
}

/** The folder of all stacks' keys, below the folder that a stack is started in. */
export const DEMO_ISSUERS_FOLDER = '.stack';
export const DEMO_ALGORITHM = 'ES256';

/** The folder of the issuer of the stack whose service listens on `port`. */
export function demoIssuerFolder(port: number): string {
  return resolve(DEMO_ISSUERS_FOLDER, `port-${port}`);
}

/** The file with its private key. */
export function demoIssuerFile(port: number): string {
  return join(demoIssuerFolder(port), 'issuer.json');
}

/** @throws CommandError when no stack runs on this port */
export async function demoIdentity(port: number): Promise<SigningIdentity> {
  let file: DemoIssuerFile;
  try {
    file = JSON.parse(await readFile(demoIssuerFile(port), 'utf8')) as DemoIssuerFile;
  } catch {
    throw unavailable(
      `No stack is running on port ${port}. Start one with \`npm run stack\`, name its port with PORT, or give a ` +
        'private key with --key.',
    );
  }
  const { issuer, audience, privateJwk } = file;
  const privateKey = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return { issuer, audience, privateKey, algorithm: DEMO_ALGORITHM, keyId: privateJwk.kid };
}
