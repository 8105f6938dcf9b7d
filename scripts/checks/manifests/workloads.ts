// What runs pods, whatever its kind, and how their labels and ports are found by others.
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import type { ICronJob, IJob } from 'kubernetes-models/batch/v1';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import type { KubernetesObject } from './kustomize.js';
import { nameOf } from './schema.js';

export type Labels = Readonly<Record<string, string>>;

/** A Deployment, StatefulSet, Job or CronJob. */
export interface Workload {
  /** `Deployment entitlement`, for messages. */
  name: string;
  object: KubernetesObject;
  /** Whether it runs until somebody ends it. */
  serves: boolean;
  labels: Labels;
  pod: IPodSpec;
}

/** A part of an object's specification that says which objects it concerns. */
export interface LabelSelector {
  matchLabels?: Labels;
}

/** The workloads of a set of objects. */
export function workloadsOf(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap((object) => {
    const template = templateOf(object);
    const pod = template?.spec;
    if (template === undefined || pod === undefined) return [];
    const serves = object.kind === 'Deployment' || object.kind === 'StatefulSet';
    return [{ name: nameOf(object), object, serves, labels: template.metadata?.labels ?? {}, pod }];
  });
}

/** All containers of a pod, those that run before the others included. */
export function containersOf({ initContainers = [], containers }: IPodSpec): IContainer[] {
  return [...initContainers, ...containers];
}

/** Whether labels meet a selector; an empty one is met by all. */
export function matches({ matchLabels = {} }: LabelSelector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}

/** The number of a port that is given by its name or its number; undefined when no container has it. */
export function portOf({ containers }: IPodSpec, port: string | number): number | undefined {
  return containers
    .flatMap(({ ports = [] }) => ports)
    .find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;
}

/** The objects of a kind, typed. */
export function ofKind<T>(objects: readonly KubernetesObject[], kind: string): (KubernetesObject & T)[] {
  return objects.filter((object) => object.kind === kind) as (KubernetesObject & T)[];
}

function templateOf(object: KubernetesObject): { metadata?: { labels?: Labels }; spec?: IPodSpec } | undefined {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
      return (object as unknown as IDeployment | IStatefulSet).spec?.template;
    case 'Job':
      return (object as unknown as IJob).spec?.template;
    case 'CronJob':
      return (object as unknown as ICronJob).spec?.jobTemplate.spec?.template;
    default:
      return undefined;
  }
}
