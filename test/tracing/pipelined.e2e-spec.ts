// A request behind another one on its connection, whose caller hangs up before its turn.
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { raw } from '../support/raw-http.js';
import { REACHED_MS, TracedService } from './traced-service.js';

it('has a span that ends', async () => {
  const traced = await TracedService.start();
  let socket: Socket | undefined;
  try {
    await fetch(`${traced.service.emulator.url}/emulator/faults`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ service: 'any', times: 1, fault: { kind: 'hang' } }),
    });
    const requestId = randomUUID();
    const bearer = await traced.service.issuer.token('alice');
    const body = JSON.stringify({ contentId: 'sintel', drm: 'playready' });
    const first = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', 'Content-Type: application/json'];
    socket = connect(Number(new URL(traced.service.url).port), '127.0.0.1');
    // In one piece, so that the service has the second request when the first one has reached ExpressPlay.
    socket.write(
      raw([...first, `Content-Length: ${body.length}`, `Authorization: Bearer ${bearer}`], body) +
        raw(['GET /v1/entitlements HTTP/1.1', 'Host: a', `X-Request-Id: ${requestId}`]),
    );
    await vi.waitFor(() => expect(traced.sent).toHaveLength(1), REACHED_MS);
    socket.destroy();
    const request = (await traced.trace({ requestId }))['GET /v1/entitlements'];
    expect(request).toMatchObject({ status: 0, attributes: { 'error.type': 'aborted' } });
  } finally {
    socket?.destroy();
    await traced.stop();
  }
});
