// docker-compose.yml: that compose can read it, and that what it names is there. image.sh runs its commands.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeEnvironment, loadEnvironment } from '@app/platform/configuration';
import { answerTimeoutMs } from '../../apps/entitlement/src/deadlines.js';
import { Environment } from '../../apps/entitlement/src/environment.js';
import { Environment as EmulatorEnvironment } from '../../apps/expressplay-emulator/src/environment.js';
import { filesUnder, leadsSomewhere } from '../../scripts/checks/repository.js';
import { SeedEnvironment } from '../../scripts/support/environment.js';
import { hasTool } from '../support/tools.js';

interface Service {
  image: string;
  build?: object;
  pull_policy?: string;
  profiles?: string[];
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string | number>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }> | string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  read_only?: boolean;
  stop_grace_period?: string;
}

const { services, volumes } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const files = filesUnder(process.cwd());
const all = Object.entries(services);
const ours = all.filter(([, { image }]) => image.startsWith('expressplay-entitlement-bff:'));
const textsOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

describe('docker-compose.yml', () => {
  it.skipIf(!hasTool('docker-compose'))('is read by docker-compose (needs docker-compose)', () => {
    const names = execFileSync('docker-compose', ['--profile', 'monitoring', 'config', '--services'], {
      encoding: 'utf8',
    });
    expect(names.trim().split('\n').sort()).toEqual(all.map(([name]) => name).sort());
  });

  it('starts no more than the service needs, unless a profile is asked for', () => {
    const apart = all
      .map(([name, { profiles = [] }]) => [name, ...profiles])
      .filter(([, profile]) => profile !== undefined);
    expect(apart).toEqual([
      ['token', 'tools'],
      ['ctl', 'tools'],
      ['prometheus', 'monitoring'],
      ['grafana', 'monitoring'],
    ]);
  });

  it('builds the image in one service, which `up` starts, and asks no registry for it', () => {
    const builders = all.filter(([, { build }]) => build !== undefined);
    // Two builds of one name at a time fail on some machines; one of a profile is not built by `up`.
    expect(builders.map(([name, { image, profiles = [] }]) => [name, image, profiles])).toEqual([
      ['migrate', 'expressplay-entitlement-bff:local', []],
    ]);
    expect(ours.length).toBeGreaterThan(1);
    expect(ours.filter(([, { pull_policy: policy }]) => policy !== 'never')).toEqual([]);
    expect(all.filter(([, { image }]) => image.endsWith(':local')).map(([name]) => name)).toEqual(
      ours.map(([name]) => name),
    );
  });

  it('runs files of dist that the build makes', () => {
    const commands = ours.map(([name, { command, entrypoint }]) => [name, ...(command ?? entrypoint ?? [])]);
    const wrong = commands.filter(([, node, file = '']) => node !== 'node' || !leadsSomewhere(file, files));
    expect(wrong).toEqual([]);
    const checks = ours.flatMap(([, { healthcheck }]) => (healthcheck?.test === undefined ? [] : [healthcheck.test]));
    expect(checks.filter(([, node, file = '']) => node !== 'node' || !leadsSomewhere(file, files))).toEqual([]);
  });

  it('gives the service, the emulator and the scripts environments that they start with', () => {
    const load = (type: new () => object, name: string): object =>
      loadEnvironment(type, textsOf(services[name] ?? { image: '' }));
    expect(load(Environment, 'entitlement')).toMatchObject({ PORT: 3000, MANAGEMENT_PORT: 3001 });
    expect(load(Environment, 'ctl')).toBeDefined();
    expect(load(EmulatorEnvironment, 'emulator')).toMatchObject({ EMULATOR_PORT: 3100 });
    expect(load(SeedEnvironment, 'seed')).toBeDefined();
    expect(load(SeedEnvironment, 'migrate')).toBeDefined();
  });

  it('sets no variable that nothing reads', () => {
    const known = new Set(
      [Environment, EmulatorEnvironment].flatMap((type) => describeEnvironment(type).map(({ name }) => name)),
    );
    const set = ours.flatMap(([, service]) => Object.keys(textsOf(service)));
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('mounts folders of this repository, read-only, and volumes that are declared', () => {
    const mounts = all.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':'));
    const folders = mounts.filter(([source = '']) => source.startsWith('.'));
    expect(folders.map(([source]) => source)).toContain('./deploy/prometheus');
    expect(folders.filter(([source = '', , mode]) => !existsSync(source) || mode !== 'ro')).toEqual([]);
    const named = mounts.map(([source = '']) => source).filter((source) => !source.startsWith('.'));
    expect(named.filter((name) => !Object.hasOwn(volumes, name))).toEqual([]);
  });

  it('starts what others wait for, in an order without a circle', () => {
    const edges = all.flatMap(([name, { depends_on: on = {} }]) =>
      (Array.isArray(on) ? on : Object.keys(on)).map((other) => [name, other] as const),
    );
    expect(edges.filter(([, other]) => services[other] === undefined)).toEqual([]);
    const before = (name: string): string[] =>
      edges.filter(([from]) => from === name).flatMap(([, other]) => [...before(other), other]);
    const order = before('entitlement');
    for (const [earlier, later] of [
      ['postgres', 'migrate'],
      ['migrate', 'seed'],
    ] as const) {
      expect(order.indexOf(earlier)).toBeGreaterThanOrEqual(0);
      expect(order.indexOf(earlier)).toBeLessThan(order.indexOf(later));
    }
    expect(order).toEqual(expect.arrayContaining(['keys', 'emulator', 'seed']));
  });

  it('pins images, opens ports to this machine alone, and lets nothing of ours write', () => {
    expect(all.filter(([, { image }]) => !/:(?:local|v?\d+\.\d+(?:\.\d+)?)$/.test(image))).toEqual([]);
    const ports = all.flatMap(([, service]) => service.ports ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(ours.filter(([, service]) => service.read_only !== true)).toEqual([]);
  });

  it('waits longer for the service to end than it takes', () => {
    const service = services.entitlement ?? { image: '' };
    const environment = loadEnvironment(Environment, textsOf(service));
    const needed = environment.SHUTDOWN_DRAIN_SECONDS + answerTimeoutMs(environment) / 1000;
    expect(Number.parseInt(service.stop_grace_period ?? '', 10)).toBeGreaterThan(needed);
  });
});
