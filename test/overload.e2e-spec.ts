import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InFlight } from '../apps/entitlement/src/overload.js';
import { TestService } from './support/test-service.js';
import { sellTo } from './support/viewers.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };
/** Even where others keep the machine busy. */
const SOON = { timeout: 20_000 };
/** More than may wait for each other. */
const CROWD = Array.from({ length: 80 }, (_, index) => `crowd-${index}`);

function reservations(service: TestService): Promise<number> {
  return service.database.query('SELECT FROM token_reservation').then(({ length }) => length);
}

describe('more requests at once than MAX_REQUESTS_IN_FLIGHT', () => {
  let service: TestService;
  let inFlight: InFlight;
  beforeAll(async () => {
    service = await TestService.start({
      environment: { MAX_REQUESTS_IN_FLIGHT: '1', EXPRESSPLAY_TIMEOUT_MS: '10000' },
    });
    inFlight = service.app.get(InFlight, { strict: false });
  });
  afterAll(() => service.stop());
  beforeEach(() => service.log.clear());

  function refusedInLog(): number {
    const sums = service.log.lines.filter(({ code }) => code === 'overloaded');
    return sums.reduce((sum, { count }) => sum + Number(count), 0);
  }

  it('are refused with Retry-After on all players’ routes, while health still answers; then all is well again', async () => {
    const held = service.wires.emulator.hold('to-server');
    const bearer = await service.issuer.token('alice');
    const waiting = service.ask('alice', PLAYREADY);
    await expect.poll(() => reservations(service), SOON).toBe(1);

    const refused = await service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    expect([refused.status, refused.body.code]).toEqual([503, 'overloaded']);
    expect(refused.headers['retry-after']).toMatch(/^[123]$/);
    expect(refused.headers['x-request-id']).toBe(refused.body.requestId);
    expect((await service.http().get('/health/live')).status).toBe(200);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    held.letGo();
    expect((await waiting).status).toBe(200);
    const served = await service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    expect(served.status).toBe(200);
    await expect.poll(refusedInLog, SOON).toBe(1);
  });

  it('are refused before anybody looks at bearer or body, and leave nothing behind but a number', async () => {
    const held = service.wires.emulator.hold('to-server');
    const rowsBefore = (await service.ledger()).length;
    const waiting = service.ask('alice', PLAYREADY);
    await expect.poll(() => inFlight.count, SOON).toBe(1);
    const post = () => service.http().post('/v1/license-tokens').set('Authorization', 'Bearer none').send('{');
    const answers = await Promise.all([post(), post(), post()]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    held.letGo();
    expect((await waiting).status).toBe(200);

    expect(await reservations(service)).toBe(0);
    expect((await service.ledger()).length - rowsBefore).toBe(1);
    await expect.poll(refusedInLog, SOON).toBeGreaterThan(0);
    for (const { body } of answers) expect(service.log.text).not.toContain(body.requestId);
  });

  it('do not have a place while their body is still to come', async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const head = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 9'];
    socket.write(`${head.join('\r\n')}\r\n\r\n{`);
    const bearer = await service.issuer.token('alice');
    const served = () => service.http().get('/v1/entitlements').set('Authorization', `Bearer ${bearer}`);
    expect((await served()).status).toBe(200);
    expect((await served()).status).toBe(200);
    socket.destroy();
  });
});

describe('many requests at once', () => {
  let service: TestService;
  let now = 0;
  const inFlight = new InFlight(500, () => now);
  const asking = () => CROWD.map((viewer) => service.ask(viewer, PLAYREADY));
  /** Long enough for the service to tell a crowd from a burst. */
  const wait = () => {
    now += 1000;
    return inFlight.limit;
  };

  beforeAll(async () => {
    service = await TestService.start({
      environment: { DATABASE_TIMEOUT_MS: '5000', EXPRESSPLAY_TIMEOUT_MS: '7000' },
      override: (module) => module.overrideProvider(InFlight).useValue(inFlight),
    });
    await sellTo(service, CROWD);
  });
  afterAll(() => service.stop());

  it('that wait for ExpressPlay do not lower the limit', async () => {
    const held = service.wires.emulator.hold('to-server');
    const asked = asking();
    await expect.poll(() => reservations(service), SOON).toBe(CROWD.length);
    expect([wait(), wait(), wait()]).toEqual([500, 500, 500]);
    held.letGo();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(CROWD.map(() => 200));
    expect(inFlight.count).toBe(0);
  });

  it('that share the token of one that waits for ExpressPlay do not lower the limit either', async () => {
    const held = service.wires.emulator.hold('to-server');
    const asked = CROWD.map(() => service.ask(CROWD[0] ?? '', { ...PLAYREADY, drm: 'widevine' }));
    await expect.poll(() => inFlight.count, SOON).toBe(CROWD.length);
    await expect
      .poll(() => {
        wait();
        return wait();
      }, SOON)
      .toBe(500);
    expect([wait(), wait()]).toEqual([500, 500]);
    held.letGo();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(CROWD.map(() => 200));
    await expect.poll(() => inFlight.count, SOON).toBe(0);
  });

  it('that wait for each other lower it: others are refused until these, which all get their token, are served', async () => {
    wait();
    const held = service.wires.postgres.hold('to-server');
    const asked = asking();
    await expect.poll(() => inFlight.count, SOON).toBe(CROWD.length);
    expect([wait(), wait()]).toEqual([500, 32]);
    expect((await service.ask('late', PLAYREADY)).body.code).toBe('overloaded');
    expect((await service.http().get('/health/live')).status).toBe(200);
    held.letGo();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(CROWD.map(() => 200));
    await expect.poll(() => inFlight.count, SOON).toBe(0);
    expect([wait(), wait()]).toEqual([32, 500]);
  });

  it('whose callers hang up give their places back', async () => {
    const held = service.wires.emulator.hold('to-server');
    const { port } = new URL(service.url);
    const body = JSON.stringify({ ...PLAYREADY, drm: 'widevine' });
    const sockets = await Promise.all(
      CROWD.map(async (viewer) => {
        const bearer = await service.issuer.token(viewer);
        const socket = connect(Number(port), '127.0.0.1');
        await once(socket, 'connect');
        const head = ['POST /v1/license-tokens HTTP/1.1', 'Host: a', `Authorization: Bearer ${bearer}`];
        const content = ['Content-Type: application/json', `Content-Length: ${body.length}`];
        socket.write(`${[...head, ...content].join('\r\n')}\r\n\r\n${body}`);
        return socket;
      }),
    );
    await expect.poll(() => inFlight.count, SOON).toBe(CROWD.length);
    for (const socket of sockets) socket.destroy();
    held.letGo();
    await expect.poll(() => inFlight.count, SOON).toBe(0);
    expect(await reservations(service)).toBe(0);
  });
});
