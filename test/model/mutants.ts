// Deliberate bugs: the service's own sources with one place changed, to see the property catch them.
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { Rules } from './world.js';

const SOURCES = fileURLToPath(new URL('../../apps/entitlement/src/', import.meta.url));
const ENTITLEMENT_RULES = 'entitlements/entitlement.rules.ts';
const RIGHTS = 'license-tokens/rights.ts';

/** One change in one file below `apps/entitlement/src`. */
export interface Mutation {
  file: string;
  /** A text that is there exactly once. */
  from: string;
  to: string;
}

/**
 * Compiles the rules, and what they import, with one change, into a new folder below `parent`.
 * @throws Error when the text to change is not there exactly once
 */
export async function mutatedRules(mutation: Mutation, parent: string): Promise<Rules> {
  const folder = await mkdtemp(join(parent, 'mutant-'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const compiled = new Set<string>();
  await compile(ENTITLEMENT_RULES, mutation, folder, compiled);
  await compile(RIGHTS, mutation, folder, compiled);
  if (!compiled.has(mutation.file)) throw new Error(`${mutation.file} is no part of the rules`);
  const [entitlement, rights] = await Promise.all(
    [ENTITLEMENT_RULES, RIGHTS].map(
      (file) => import(/* @vite-ignore */ pathToFileURL(join(folder, scriptOf(file))).href) as Promise<Rules>,
    ),
  );
  return { ...entitlement, ...rights } as Rules;
}

/** A folder for mutants. */
export function mutantsFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'entitlement-mutants-'));
}

async function compile(file: string, mutation: Mutation, folder: string, done: Set<string>): Promise<void> {
  if (done.has(file)) return;
  done.add(file);
  const source = mutated(await readFile(join(SOURCES, file), 'utf8'), file, mutation);
  const { outputText } = ts.transpileModule(source, {
    fileName: file,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
  });
  const script = join(folder, scriptOf(file));
  await mkdir(dirname(script), { recursive: true });
  await writeFile(script, outputText);
  // Types are gone by now, so what is still imported is needed.
  for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
    const imported = relative(SOURCES, join(SOURCES, dirname(file), fileName));
    await compile(imported.replace(/\.js$/, '.ts'), mutation, folder, done);
  }
}

function mutated(source: string, file: string, mutation: Mutation): string {
  if (file !== mutation.file) return source;
  const parts = source.split(mutation.from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like: ${mutation.from}`);
  return parts.join(mutation.to);
}

function scriptOf(file: string): string {
  return file.replace(/\.ts$/, '.js');
}
