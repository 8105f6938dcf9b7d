// `npm run sbom`: writes dist/sbom.cdx.json, a CycloneDX list of the packages that ship; with `-- --all`, of the tools as well.
// npm reads them from the lock file, so the list is the same on every machine, whatever is installed there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { all: { type: 'boolean', default: false }, out: { type: 'string', default: 'dist/sbom.cdx.json' } },
});
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const sbom = JSON.parse(
  execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }),
);
if (!values.all) {
  const shipped = shippedPackages();
  const kept = (ref) => shipped.has(ref) || ref === sbom.metadata.component['bom-ref'];
  sbom.components = sbom.components.filter((component) => kept(component['bom-ref']));
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }) => kept(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(kept) }));
}
// npm names the project after the folder it lies in, and calls every project a library.
Object.assign(sbom.metadata.component, { name: read('package.json').name, type: 'application' });

mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify(sbom, null, 2)}\n`);
console.log(`${values.out}: ${sbom.components.length} packages, CycloneDX ${sbom.specVersion}`);

/**
 * What `npm ci --omit=dev --omit=optional` installs. Not what `npm sbom --omit dev` lists: that leaves out every package that a
 * tool needs as well, and keeps the optional ones.
 */
function shippedPackages() {
  const { packages } = read('package-lock.json');
  return new Set(
    Object.entries(packages)
      .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
      .map(
        ([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
      ),
  );
}
