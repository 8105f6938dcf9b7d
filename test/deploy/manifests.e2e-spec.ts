// What is under deploy/kubernetes, held to Kubernetes' schemas and to this project's rules; and the rules held to faults.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeEnvironment } from '@app/configuration';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { render, renderings, type KubernetesObject, type Rendering } from '../../scripts/checks/manifests/kustomize.js';
import { releaseFindings } from '../../scripts/checks/manifests/release-rules.js';
import { ruleFindings } from '../../scripts/checks/manifests/rules.js';
import { schemaFindings } from '../../scripts/checks/manifests/schema.js';
import { filesUnder, leadsSomewhere } from '../../scripts/checks/repository.js';
import { hasTool } from '../support/tools.js';
import { FAULTS, SCHEMA_FAULTS } from './faults.js';

const DEFAULT_POOL = describeEnvironment(Environment).find(({ name }) => name === 'DATABASE_POOL_SIZE')?.default;
const files = filesUnder(process.cwd());
const exists = (path: string): boolean => path.startsWith('dist/') && leadsSomewhere(path, files);

describe.skipIf(!hasTool('kubectl'))('the manifests (needs kubectl)', () => {
  let all: Rendering[];
  let production: KubernetesObject[];

  beforeAll(() => {
    all = renderings();
    production = all.find(({ name }) => name.startsWith('production + ') && name.includes('monitoring'))?.objects ?? [];
  });

  it('are rendered for every overlay, alone and with the components it lacks', () => {
    const names = all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['local', 'staging', 'staging/migrate', 'production']));
    expect(names).toContain('production + autoscaling-in-flight + monitoring');
  });

  it('are what Kubernetes and the Prometheus operator take, without an unknown field', async () => {
    expect(await schemaFindings(all.flatMap(({ objects }) => objects))).toEqual([]);
  });

  it('keep every rule', () => {
    const findings = all.flatMap(({ name, objects }) =>
      ruleFindings(objects, { exists, before: name.endsWith('/migrate') }).map((finding) => `${name}: ${finding}`),
    );
    expect(findings).toEqual([]);
  });

  it('run the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(all.flatMap(({ name, objects }) => releaseFindings(name, objects, version))).toEqual([]);
    expect(releaseFindings('production', production, '99.0.0')).not.toEqual([]);
  });

  it('give the service in production the settings of production alone', () => {
    const settings = production.find(({ kind }) => kind === 'ConfigMap')?.data;
    expect(settings).toMatchObject({ NODE_ENV: 'production', EXPRESSPLAY_ENVIRONMENT: 'production' });
    expect(settings).not.toHaveProperty('EXPRESSPLAY_BASE_URL');
  });

  it('open fewer connections than Postgres allows by default, a rollout, jobs and superusers included', () => {
    const most = all.flatMap(({ name, objects }) => {
      const autoscaler = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler') as
        { spec: { maxReplicas: number } } | undefined;
      if (autoscaler === undefined) return [];
      const settings = objects.find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>;
      const pool = Number(settings.DATABASE_POOL_SIZE ?? DEFAULT_POOL);
      return [{ name, connections: (autoscaler.spec.maxReplicas + 1) * pool + 5 }];
    });
    expect(most).toContainEqual({ name: 'production', connections: 83 });
    expect(most.filter(({ connections }) => connections > 100)).toEqual([]);
  });

  it('let the local migrations wait for Postgres to be pulled', () => {
    const job = all
      .find(({ name }) => name === 'local')
      ?.objects.find(({ metadata }) => metadata.name === 'entitlement-migrate');
    expect((job?.spec as { backoffLimit: number } | undefined)?.backoffLimit).toBeGreaterThanOrEqual(20);
  });

  it('hold no secret but those of the local overlay', () => {
    const others = all.filter(({ name }) => !name.startsWith('local')).flatMap(({ objects }) => objects);
    expect(others.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it('change the name of the settings with their content, so that pods are replaced', () => {
    const name = (overlay: string): string | undefined =>
      render(`deploy/kubernetes/overlays/${overlay}`).find(({ kind }) => kind === 'ConfigMap')?.metadata.name;
    expect(name('staging')).toMatch(/^entitlement-\w{10}$/);
    expect(name('staging')).not.toBe(name('production'));
  });

  it.each(FAULTS)('with $fault, are found out', ({ on, plant, finding }) => {
    const broken = structuredClone(all.find(({ name }) => name === on)?.objects ?? []);
    plant(broken);
    expect(ruleFindings(broken, { exists }).join('\n')).toMatch(finding);
  });

  it('with faults that Kubernetes would refuse, are found out', async () => {
    // Together, because the compiler takes seconds to read the schemas.
    const broken = SCHEMA_FAULTS.flatMap(({ plant }) => {
      const objects = structuredClone(production);
      plant(objects);
      return objects;
    });
    const findings = (await schemaFindings(broken)).join('\n');
    for (const { finding } of SCHEMA_FAULTS) expect(findings).toMatch(finding);
  });
});
