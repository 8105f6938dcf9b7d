import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import supertest from 'supertest';
import { TestService } from '../support/test-service.js';
import { hasTool, toolPath } from '../support/tools.js';
import { METRICS, metricOf } from './support/contract.js';
import { ownSamples, scrape, scrapeMaintained, type Scrape } from './support/scrape.js';

/** prom-client's own, which `promtool` would have named otherwise. */
const NAMED_BY_OTHERS = /^nodejs_active_(?:handles|requests|resources)_total non-counter metrics should not have/;

describe('what Prometheus reads', () => {
  let service: TestService;
  let scraped: Scrape;
  beforeAll(async () => {
    service = await TestService.start({ environment: { MANAGEMENT_PORT: '0' } });
    await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    scraped = await scrapeMaintained(service);
  });
  afterAll(() => service.stop());

  it('has every metric, with its type, and no other of this service', () => {
    const own = [...scraped.types].filter(([name]) => name.startsWith('entitlement_'));
    expect(Object.fromEntries(own)).toEqual(
      Object.fromEntries(Object.entries(METRICS).map(([name, { type }]) => [name, type])),
    );
  });

  it('has a sample of every metric, each with all labels', () => {
    const seen = new Set<string>();
    for (const { name: sampleName, labels } of ownSamples(scraped)) {
      const [name, metric] = metricOf(sampleName);
      seen.add(name);
      const { le: _bound, ...rest } = labels;
      expect([sampleName, Object.keys(rest)]).toEqual([sampleName, Object.keys(metric.labels)]);
    }
    // A key file's keys do not age.
    const expected = Object.keys(METRICS).filter((name) => name !== 'entitlement_signing_keys_age_seconds');
    expect([...seen].sort()).toEqual(expected.sort());
  });

  it('has the metrics of the process, the delay of the event loop among them', () => {
    const names = ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'];
    for (const name of [...names, 'nodejs_eventloop_lag_seconds', 'nodejs_eventloop_lag_p99_seconds']) {
      const values = scraped.samples.filter((sample) => sample.name === name).map(({ value }) => value);
      expect([name, values]).toEqual([name, [expect.any(Number)]]);
      expect(values[0]).toBeGreaterThanOrEqual(0);
    }
  });

  it('comes as Prometheus text, is not kept by anybody, and is asked for without a token', async () => {
    const answer = await supertest(service.managementUrl).get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is nowhere in public when management has a port of its own', async () => {
    const { url, managementUrl } = service;
    expect(url).not.toBe(managementUrl);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('is what docs/monitoring.md says', () => {
    const rows = readFileSync('docs/monitoring.md', 'utf8').matchAll(
      /^\| `(entitlement_\w+)` *\| (\w+) *\| ([^|]*)\|/gm,
    );
    const documented = [...rows].map(([, name = '', type = '', labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }));
    const exposed = Object.entries(METRICS).map(([name, { type, labels }]) => ({
      name,
      type,
      labels: Object.keys(labels),
    }));
    expect(documented).toEqual(exposed);
  });

  it.each(
    Object.entries(METRICS).flatMap(([name, { labels }]) =>
      Object.entries(labels).flatMap(([label, values]) =>
        typeof values === 'string' ? [] : [[name, label, values] as const],
      ),
    ),
  )('docs/monitoring.md knows the values of %s, %s', (_name, label, values) => {
    const row = new RegExp(`^\\| \`${label}\` .*$`, 'gm');
    const text = (readFileSync('docs/monitoring.md', 'utf8').match(row) ?? []).join('\n');
    const documented = new Set([...text.matchAll(/`([^`]+)`/g)].map(([, value]) => value));
    // Problem and event codes have tables of their own.
    const elsewhere = label === 'outcome' && values.length > 10 ? ['ok', 'aborted'] : values;
    const wanted = elsewhere.filter((value) => !/^-\d+$/.test(value));
    expect(wanted.filter((value) => !documented.has(value))).toEqual([]);
  });

  it.skipIf(!hasTool('promtool'))('finds no fault with promtool (needs promtool)', async () => {
    const problems = await promtoolProblems(scraped.text);
    expect(problems.filter((problem) => !NAMED_BY_OTHERS.test(problem))).toEqual([]);
    // It does find some where there are some.
    expect(await promtoolProblems('# TYPE requests counter\nrequests 1\n')).not.toEqual([]);
  });
});

describe('several applications in one process', () => {
  it('count for themselves', async () => {
    const services = [await TestService.start(), await TestService.start()];
    const [one, other] = services as [TestService, TestService];
    await one.ask('alice', { contentId: 'sintel', drm: 'playready' });
    const granted = 'entitlement_decisions_total{decision="granted",reason="none"}';
    expect((await scrape(one.url)).text).toContain(`${granted} 1\n`);
    expect((await scrape(other.url)).text).toContain(`${granted} 0\n`);
    await Promise.all(services.map((service) => service.stop()));
  });
});

/** What `promtool check metrics` says, line by line. */
function promtoolProblems(text: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(toolPath('promtool') ?? '', ['check', 'metrics'], (error, stdout, stderr) => {
      // 3 is its exit code for findings of style; anything else is text that cannot be read.
      if (error !== null && error.code !== 3) reject(new Error(`${stderr}${stdout}`));
      else resolve(`${stdout}${stderr}`.split('\n').filter((line) => line !== ''));
    });
    child.stdin?.end(text);
  });
}
