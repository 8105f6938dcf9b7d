// How a fault is planted in what an overlay renders to: in an object, in the service's pod, in its container.
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import type { KubernetesObject } from '../../scripts/checks/manifests/kustomize.js';

/** A fault, and the finding that has to name it. */
export interface Fault {
  fault: string;
  /** The rendering that it is planted in. */
  on: string;
  plant: (objects: KubernetesObject[]) => void;
  finding: RegExp;
}

/** In the object of this kind and name, `Deployment entitlement`. */
export function object(fault: string, name: string, plant: (object: never) => unknown, finding: RegExp): Fault {
  return {
    fault,
    on: 'production',
    finding,
    plant: (objects) => {
      const found = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === name);
      if (found === undefined) throw new Error(`There is no ${name} to plant a fault in.`);
      plant(found as never);
    },
  };
}

/** In the pod of the service. */
export function inPod(fault: string, plant: (pod: IPodSpec) => unknown, finding: RegExp): Fault {
  return object(
    fault,
    'Deployment entitlement',
    ({ spec }: IDeployment) => {
      if (spec?.template.spec === undefined) throw new Error('The service has no pod to plant a fault in.');
      plant(spec.template.spec);
    },
    finding,
  );
}

/** In the container of the service. */
export function inContainer(fault: string, plant: (container: IContainer) => unknown, finding: RegExp): Fault {
  return inPod(
    fault,
    ({ containers: [container] }) => {
      if (container === undefined) throw new Error('The service has no container to plant a fault in.');
      plant(container);
    },
    finding,
  );
}
