// Which version an overlay runs.
import type { KubernetesObject } from './kustomize.js';
import { isOurs } from './pod-rules.js';
import { containersOf, workloadsOf } from './workloads.js';

/** Overlays run the version that package.json says, but for the local one, which runs what was just built. */
export function releaseFindings(rendering: string, objects: readonly KubernetesObject[], version: string): string[] {
  const wanted = rendering.startsWith('local') ? 'local' : version;
  const images = new Set(
    workloadsOf(objects).flatMap(({ pod }) =>
      containersOf(pod)
        .map(({ image = '' }) => image)
        .filter(isOurs),
    ),
  );
  return [...images]
    .filter((image) => !image.split('@')[0]?.endsWith(`:${wanted}`))
    .map((image) => `${image} is not version ${wanted} of package.json`);
}
