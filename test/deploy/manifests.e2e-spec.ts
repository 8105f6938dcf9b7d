// What is under deploy/kubernetes, held to Kubernetes' schemas, to this project's rules and to the service's own settings.
import { readdirSync, readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeEnvironment } from '@app/platform/configuration';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { hasTool } from '../support/tools.js';
import { ofKind, render, renderings, type Rendering } from './support/manifests.js';
import { RULES } from './support/rules.js';
import { schemaFindings } from './support/schema.js';

const EXTERNAL_SECRETS = 'deploy/kubernetes/external-secrets';
const DEFAULT_POOL = describeEnvironment(Environment).find(({ name }) => name === 'DATABASE_POOL_SIZE')?.default;

describe.skipIf(!hasTool('kubectl'))('the manifests (needs kubectl)', () => {
  let all: Rendering[];
  let production: Rendering;

  beforeAll(() => {
    all = renderings();
    production = all.find(({ name }) => name === 'production')!;
  });

  it('are examined for every overlay, and in production with every component', () => {
    const names = all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(readdirSync('deploy/kubernetes/overlays')));
    const added = ['deploy/kubernetes/overlays/production', 'test/deploy/everything'].map((folder) =>
      readFileSync(`${folder}/kustomization.yaml`, 'utf8').replaceAll(/^ *#.*/gm, ''),
    );
    const lacking = readdirSync('deploy/kubernetes/components').filter((name) => !added.join().includes(`/${name}\n`));
    expect(lacking).toEqual([]);
  });

  it('are what Kubernetes and the operators take, without an unknown field', () => {
    expect(schemaFindings([...all.flatMap(({ objects }) => objects), ...render(EXTERNAL_SECRETS)])).toEqual([]);
  });

  it.each(Object.entries(RULES))('%s', (_, breaches) => {
    expect(all.flatMap((rendering) => breaches(rendering).map((breach) => `${rendering.name}: ${breach}`))).toEqual([]);
  });

  it('give the service in production the settings of production alone', () => {
    const settings = production.objects.find(({ kind }) => kind === 'ConfigMap')?.data;
    expect(settings).toMatchObject({ NODE_ENV: 'production', EXPRESSPLAY_ENVIRONMENT: 'production' });
    expect(settings).not.toHaveProperty('EXPRESSPLAY_BASE_URL');
  });

  it('open fewer connections than Postgres allows by default, a rollout, jobs and superusers included', () => {
    const most = all.flatMap(({ name, objects }) => {
      const pool = Number(objects.find(({ kind }) => kind === 'ConfigMap')?.data?.DATABASE_POOL_SIZE ?? DEFAULT_POOL);
      return ofKind<IHorizontalPodAutoscaler>(objects, 'HorizontalPodAutoscaler').map(({ spec }) => ({
        name,
        connections: ((spec?.maxReplicas ?? 0) + 1) * pool + 5,
      }));
    });
    expect(most).toContainEqual({ name: 'production', connections: 83 });
    expect(most.filter(({ connections }) => connections > 100)).toEqual([]);
  });

  it('hold no secret but those of the local overlay, and samples of every other that is read and has to be there', () => {
    const others = all.filter(({ name }) => !name.startsWith('local'));
    expect(others.flatMap(({ objects }) => ofKind(objects, 'Secret'))).toEqual([]);
    const kept = ofKind<IExternalSecret>(render(EXTERNAL_SECRETS), 'ExternalSecret').flatMap(({ spec }) =>
      spec?.data?.map(({ secretKey }) => `${spec.target?.name}/${secretKey}`),
    );
    const read = others
      .flatMap(({ workloads }) => workloads.flatMap(({ containers }) => containers))
      .flatMap(({ env = [] }) => env.map(({ value = '' }) => value.split('/run/secrets/')[1]));
    expect(new Set([...kept, 'entitlement/authenticator-next', undefined])).toEqual(new Set(read));
  });

  it.each([
    ['203.0.113.5', true],
    ['2001:db8::5', true],
    ['64:ff9b::203.0.113.5', true],
    ...['10.1.2.3', '100.64.0.1', '169.254.169.254', '172.16.0.1', '192.168.0.1'].flatMap((address) => [
      [address, false] as const,
      [`64:ff9b::${address}`, false] as const,
    ]),
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['64:ff9b:1::1', false],
  ] as const)('let the service out to %s: %s', (address, expected) => {
    const familyOf = (text: string) => (isIPv6(text) ? 'ipv6' : 'ipv4');
    const within = (ranges: readonly string[]): boolean => {
      const list = new BlockList();
      for (const [network = '', bits] of ranges.map((range) => range.split('/')))
        list.addSubnet(network, Number(bits), familyOf(network));
      return list.check(address, familyOf(address));
    };
    const policy = ofKind<INetworkPolicy>(production.objects, 'NetworkPolicy').find(
      ({ metadata }) => metadata.name === 'to-internet',
    );
    const blocks = policy?.spec?.egress?.flatMap(({ to = [] }) => to) ?? [];
    const open = blocks.some(
      ({ ipBlock: { cidr = '', except = [] } = {} }) =>
        cidr.includes(':') === isIPv6(address) && within([cidr]) && !within(except),
    );
    expect(open).toBe(expected);
  });
});
