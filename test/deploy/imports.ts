// Which packages a file imports, itself or through the files of this project that it imports. Sources are read, not `dist`.
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const BUILT_IN = new Set(builtinModules);

/** @param built a file of `dist`, such as `dist/scripts/db-migrate.js` */
export function packagesOf(built: string): Set<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const waiting = [built.replace(/^dist\//, '').replace(/\.js$/, '.ts')];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const specifier of importsOf(file)) {
      const own = ownFile(file, specifier);
      if (own !== undefined) waiting.push(own);
      else if (!specifier.startsWith('node:') && !BUILT_IN.has(specifier)) packages.add(packageName(specifier));
    }
  }
  return packages;
}

const read = new Map<string, string[]>();

/** Files are read once: Prisma's client is large, and all commands share it. */
function importsOf(file: string): string[] {
  const imports = read.get(file) ?? readImports(file);
  read.set(file, imports);
  return imports;
}

/** What is imported at run time: types are gone by then. */
function readImports(file: string): string[] {
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  return ts.preProcessFile(outputText, true, true).importedFiles.map(({ fileName }) => fileName);
}

function ownFile(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('@app/')) {
    const lib = `libs/${specifier.slice('@app/'.length)}/src/index.ts`;
    return existsSync(lib) ? lib : undefined;
  }
  if (!specifier.startsWith('.')) return undefined;
  const path = join(dirname(from), specifier);
  // Prisma writes its client with the endings of sources.
  return path.replace(/\.js$/, '.ts');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
