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

/** It is never written. */
const FILE = join(process.cwd(), 'manifests-as-types.ts');

const OPTIONS: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  strict: true,
  skipLibCheck: true,
  types: [],
};

/** What is wrong with the objects, by kind and name. */
export function schemaFindings(objects: readonly KubernetesObject[]): string[] {
  const text = objects
    .map((object, index) => {
      const { apiVersion, kind } = object;
      const from = `${PACKAGES[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models'}/${apiVersion}`;
      return `export const o${index}: import('${from}').I${kind} = ${JSON.stringify(object)};`;
    })
    .join('\n');
  const host = ts.createCompilerHost(OPTIONS);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language) =>
    name === FILE ? ts.createSourceFile(name, text, language) : getSourceFile(name, language);
  return ts.getPreEmitDiagnostics(ts.createProgram([FILE], OPTIONS, host)).map(({ file, start = 0, messageText }) => {
    const object = objects[file?.getLineAndCharacterOfPosition(start).line ?? -1];
    return `${object && nameOf(object)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
