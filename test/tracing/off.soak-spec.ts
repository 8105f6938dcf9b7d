// Without a collector there are no traces: nothing of the SDK is loaded, and nobody is told anything.
import { createRequire } from 'node:module';
import { afterEach, expect, it } from 'vitest';
import { Tracing } from '@app/platform/telemetry';
import { TracedService } from './traced-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const sdkModules = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => /@opentelemetry\/(?!api\/)/.test(path));

let traced: TracedService | undefined;
afterEach(() => traced?.stop());

it('is off by default', async () => {
  traced = await TracedService.start({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: '' } });
  const { service, collector, sent } = traced;
  expect((await traced.ask('alice', PLAYREADY, { traceparent: TRACEPARENT })).status).toBe(200);
  await service.terminate();
  expect(service.app.get(Tracing, { strict: false }).enabled).toBe(false);
  expect(sdkModules()).toEqual([]);
  expect(collector.requests).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(sent[0]).not.toHaveProperty('traceparent');
  expect(service.log.text).not.toContain('traceId');
});

it('is on where there is a collector, which shows that the test before can fail', async () => {
  traced = await TracedService.start();
  await traced.trace(await traced.ask('alice', PLAYREADY));
  expect(sdkModules()).not.toEqual([]);
  expect(traced.service.log.text).toContain('traceId');
});
