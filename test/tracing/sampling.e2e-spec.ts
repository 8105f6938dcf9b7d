// Which requests are traced is the operator's decision alone.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TracedService } from './traced-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
const SPAN = '00f067aa0ba902b7';

describe('a share of next to nothing', () => {
  let traced: TracedService;
  beforeAll(async () => {
    traced = await TracedService.start({ environment: { OTEL_TRACES_SAMPLER_ARG: '0.000000001' } });
  });
  afterAll(() => traced.stop());

  it.each([
    ['asks for it', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['chooses the trace id that ratio samplers always keep', '00000000000000000000000000000001'],
  ])('keeps no request of a caller who %s', async (_, traceId) => {
    const { collector, sent, service } = traced;
    sent.splice(0);
    service.log.clear();
    for (let time = 0; time < 5; time += 1) {
      const answer = await traced.ask('alice', PLAYREADY, { traceparent: `00-${traceId}-${SPAN}-01` });
      expect(answer.status).toBe(200);
    }
    await traced.flush();
    expect(collector.spans).toEqual([]);
    expect(sent).toHaveLength(5);
    for (const { traceparent } of sent) expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(service.log.text).toContain(`"traceId":"${traceId}"`);
    expect(service.log.text).not.toContain('"traceFlags":"01"');
  });
});

describe('a share of one', () => {
  let traced: TracedService;
  beforeAll(async () => {
    traced = await TracedService.start({ environment: { OTEL_TRACES_SAMPLER_ARG: '1' } });
  });
  afterAll(() => traced.stop());

  it('keeps the request of a caller who asks for it not to be', async () => {
    const traceparent = `00-4bf92f3577b34da6a3ce929d0e0e4736-${SPAN}-00`;
    const spans = await traced.trace(await traced.ask('alice', PLAYREADY, { traceparent }));
    expect(Object.keys(spans)).toContain('expressplay.token');
  });
});
