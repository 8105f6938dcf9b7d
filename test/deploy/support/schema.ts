// Holds objects to Kubernetes' own schemas, as types: the compiler refuses an unknown field too, which validators let pass.
import { join } from 'node:path';
import ts from 'typescript';
import { nameOf, type KubernetesObject } from './manifests.js';

/** Where the schemas are that are not Kubernetes' own. */
const PACKAGES: Readonly<Record<string, string>> = {
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

const VIRTUAL_FILE = join(process.cwd(), 'manifests-as-types.ts');

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

/** What is wrong with the objects, by kind and name. */
export function schemaFindings(objects: readonly KubernetesObject[]): string[] {
  const distinct = [...new Map(objects.map((object) => [JSON.stringify(object), object]))];
  const text = distinct
    .map(([json, { apiVersion, kind }], index) => {
      const from = `${PACKAGES[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models'}/${apiVersion}`;
      return `export const o${index}: import('${from}').I${kind} = ${json};`;
    })
    .join('\n');
  const files = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...files,
    getSourceFile: (name, language) =>
      name === VIRTUAL_FILE ? ts.createSourceFile(name, text, language) : files.getSourceFile(name, language),
    fileExists: (name) => name === VIRTUAL_FILE || files.fileExists(name),
    readFile: (name) => (name === VIRTUAL_FILE ? text : files.readFile(name)),
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([VIRTUAL_FILE], OPTIONS, host));
  return [
    ...diagnostics.map(({ file, start = 0, messageText }) => {
      const [, object] = distinct[file?.getLineAndCharacterOfPosition(start).line ?? -1] ?? [];
      return `${object && nameOf(object)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
    // Versions on trial are dropped after a few releases, and the schemas here still have those.
    ...distinct
      .filter(([, { apiVersion }]) => !/(?:^|\/)v\d+$/.test(apiVersion))
      .map(([, object]) => `${nameOf(object)}: ${object.apiVersion} is not a stable version`),
  ];
}
