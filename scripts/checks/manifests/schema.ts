// Holds objects to Kubernetes' own schemas: values by the generated validators, unknown fields by the generated types,
// because the validators let those pass.
import { join } from 'node:path';
import ts from 'typescript';
import type { KubernetesObject } from './kustomize.js';

type ModelClass = new (data: object) => { validate(): void };

/** What is wrong with the objects, by kind and name; none when nothing is. */
export async function schemaFindings(objects: readonly KubernetesObject[]): Promise<string[]> {
  const distinct = [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
  const models = await Promise.all(distinct.map(modelOf));
  const known = distinct.filter((_, index) => models[index] !== undefined);
  const findings = distinct.flatMap((object, index) => {
    const model = models[index];
    if (model === undefined) return [`${nameOf(object)}: there is no ${object.apiVersion} ${object.kind}`];
    try {
      new model(object).validate();
      return [];
    } catch (error) {
      return [`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  // Versions on trial are dropped after a few releases, and the schemas here still have those.
  const onTrial = distinct.filter(({ apiVersion }) => !/(?:^|\/)v\d+$/.test(apiVersion));
  return [
    ...findings,
    ...onTrial.map((object) => `${nameOf(object)}: ${object.apiVersion} is no stable version`),
    ...unknownFields(known),
  ];
}

/** `Deployment entitlement`, for messages. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** Where the schemas are that are not Kubernetes' own. */
const PACKAGES: Readonly<Record<string, string>> = {
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

function packageOf({ apiVersion }: KubernetesObject): string {
  return `${PACKAGES[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models'}/${apiVersion}`;
}

async function modelOf(object: KubernetesObject): Promise<ModelClass | undefined> {
  try {
    const models = (await import(packageOf(object))) as Record<string, ModelClass | undefined>;
    return models[object.kind];
  } catch {
    return undefined;
  }
}

const VIRTUAL_FILE = join(process.cwd(), 'manifests-check.ts');

/** The objects as literals of their types: the compiler refuses a literal with a property that its type does not have. */
function unknownFields(objects: readonly KubernetesObject[]): string[] {
  const lines = objects.map(
    (object, index) =>
      `export const o${index}: import('${packageOf(object)}').I${object.kind} = ${JSON.stringify(object)};`,
  );
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  };
  const files = ts.createCompilerHost(options);
  const text = lines.join('\n');
  const host: ts.CompilerHost = {
    ...files,
    getSourceFile: (name, language) =>
      name === VIRTUAL_FILE ? ts.createSourceFile(name, text, language) : files.getSourceFile(name, language),
    fileExists: (name) => name === VIRTUAL_FILE || files.fileExists(name),
    readFile: (name) => (name === VIRTUAL_FILE ? text : files.readFile(name)),
  };
  return ts.getPreEmitDiagnostics(ts.createProgram([VIRTUAL_FILE], options, host)).map((diagnostic) => {
    const { file, start, messageText } = diagnostic;
    const line = file === undefined || start === undefined ? -1 : file.getLineAndCharacterOfPosition(start).line;
    const object = objects[line];
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    return object === undefined ? message : `${nameOf(object)}: ${message}`;
  });
}
