// One number for all that is released together.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const OPENAPI = 'docs/openapi.json';
const RELEASES = ['production', 'staging'].map(
  (overlay) => `deploy/kubernetes/overlays/${overlay}/release/kustomization.yaml`,
);

async function version(): Promise<string> {
  return (JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version;
}

describe('the version', () => {
  it('is that of the client', async () => {
    const client = await readFile('libs/api-client/package.json', 'utf8');
    expect(JSON.parse(client)).toMatchObject({ version: await version() });
  });

  it('is the same in package.json and the lock file', async () => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
      version: string;
      packages: Record<string, { version: string }>;
    };
    expect([lock.version, lock.packages['']?.version]).toEqual([await version(), await version()]);
  });

  it.skipIf(!existsSync(OPENAPI))('is that of the OpenAPI document', async () => {
    const { info } = JSON.parse(await readFile(OPENAPI, 'utf8')) as { info: { version: string } };
    expect(info.version).toBe(await version());
  });

  it.each(RELEASES)('is the tag in %s', async (file) => {
    expect(/newTag: '?([^'\n]+)/.exec(await readFile(file, 'utf8'))?.[1]).toBe(await version());
  });

  it('has its section in the changelog, or none has been released yet; what comes is above', async () => {
    const headings = [...(await readFile('CHANGELOG.md', 'utf8')).matchAll(/^## (.+)$/gm)].map(
      ([, heading]) => heading,
    );
    expect(headings[0]).toBe('Unreleased');
    const released = headings.slice(1);
    if (released.length > 0) expect(released[0]).toMatch(new RegExp(`^${await version()} - \\d{4}-\\d\\d-\\d\\d$`));
    else expect(await version()).toBe('0.1.0');
  });
});
