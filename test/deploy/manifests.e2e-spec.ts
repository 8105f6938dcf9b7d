// What is under deploy/kubernetes, held to Kubernetes' schemas, to this project's rules and to the service's own settings.
import { readFileSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import type { IExternalSecret } from '@kubernetes-models/external-secrets/external-secrets.io/v1';
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IService } from 'kubernetes-models/v1';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeEnvironment } from '@app/platform/configuration';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { hasTool } from '../support/tools.js';
import {
  containersOf,
  EXTERNAL_SECRETS,
  isOurs,
  ofKind,
  render,
  renderings,
  workloadsOf,
  type KubernetesObject,
  type Rendering,
} from './support/manifests.js';
import { breaches, LASTING_RULES, RULES } from './support/rules.js';
import { schemaFindings } from './support/schema.js';

const DEFAULT_POOL = describeEnvironment(Environment).find(({ name }) => name === 'DATABASE_POOL_SIZE')?.default;

const policy = (objects: readonly KubernetesObject[], name: string) =>
  ofKind<INetworkPolicy>(objects, 'NetworkPolicy').find(({ metadata }) => metadata.name === name)?.spec ?? {
    podSelector: {},
  };

describe.skipIf(!hasTool('kubectl'))('the manifests (needs kubectl)', () => {
  let all: Rendering[];
  let production: KubernetesObject[];

  beforeAll(() => {
    all = renderings();
    production = all.find(({ name }) => name.startsWith('production + ') && name.includes('monitoring'))?.objects ?? [];
  });

  it('are rendered for every overlay, alone and with all components that it lacks', () => {
    const names = all.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['local', 'staging', 'staging/migrate', 'production']));
    expect(names).toContain('production + autoscaling-in-flight + http-route + monitoring');
  });

  it('are what Kubernetes and the operators take, without an unknown field', () => {
    const objects = [...all.flatMap((rendering) => rendering.objects), ...render(EXTERNAL_SECRETS)];
    expect(schemaFindings(objects)).toEqual([]);
  });

  it.each(Object.entries({ ...RULES, ...LASTING_RULES }))('%s', (name, rule) => {
    const found = all
      .filter((rendering) => name in RULES || !rendering.name.endsWith('/migrate'))
      .flatMap((rendering) => breaches(rule, rendering.objects).map((breach) => `${rendering.name}: ${breach}`));
    expect(found).toEqual([]);
  });

  it('run the version of package.json, but for the local ones, which run what was just built', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const ours = all.flatMap(({ name, objects }) =>
      workloadsOf(objects)
        .flatMap(({ pod }) => containersOf(pod))
        .filter(isOurs)
        .map(({ image = '' }) => [name.startsWith('local'), image.split('@')[0]?.split(':').at(-1)] as const),
    );
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter(([local, tag]) => tag !== (local ? 'local' : version))).toEqual([]);
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

  it('have samples for External Secrets with every key that is read, but for the one that may be missing', () => {
    const samples = render(EXTERNAL_SECRETS) as (KubernetesObject & IExternalSecret)[];
    const kept = samples.flatMap(({ spec }) => spec?.data?.map(({ secretKey }) => `${spec.target?.name}/${secretKey}`));
    const read = all
      .filter(({ name }) => name.startsWith('production'))
      .flatMap(({ objects }) => workloadsOf(objects))
      .flatMap(({ pod }) => containersOf(pod))
      .flatMap(({ env = [] }) => env.map(({ value = '' }) => value.split('/run/secrets/')[1]));
    expect(new Set([...kept, 'entitlement/authenticator-next', undefined])).toEqual(new Set(read));
  });

  it('let players in through a Gateway too, to a port that is there', () => {
    const objects =
      all.find(({ name }) => name === 'production + autoscaling-in-flight + http-route + monitoring')?.objects ?? [];
    const [route] = ofKind<IHTTPRoute>(objects, 'HTTPRoute');
    const [backend] = route?.spec.rules?.[0]?.backendRefs ?? [];
    const service = ofKind<IService>(objects, 'Service').find(({ metadata }) => metadata.name === backend?.name);
    expect(service?.spec?.ports).toContainEqual(expect.objectContaining({ port: backend?.port }));
    expect(JSON.stringify(policy(objects, 'from-ingress-controller').ingress)).toContain(
      route?.spec.parentRefs?.[0]?.namespace,
    );
  });

  it('let names be asked of NodeLocal DNSCache', () => {
    expect(policy(production, 'to-dns').egress).toMatchObject([
      {
        to: [{}, { ipBlock: { cidr: '169.254.20.10/32' } }],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ]);
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
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const within = (ranges: readonly string[]): boolean => {
      const list = new BlockList();
      for (const [network = '', bits] of ranges.map((range) => range.split('/')))
        list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4');
      return list.check(address, family);
    };
    const blocks = policy(production, 'to-internet').egress?.flatMap(({ to = [] }) => to) ?? [];
    const open = blocks.some(
      ({ ipBlock: { cidr = '', except = [] } = {} }) =>
        isIPv6(cidr.split('/')[0] ?? '') === isIPv6(address) && within([cidr]) && !within(except),
    );
    expect(open).toBe(expected);
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
});
