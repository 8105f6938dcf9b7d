import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EndlessModule } from '../support/endless-route.js';
import { raw } from '../support/raw-http.js';
import { TestService } from '../support/test-service.js';
import { ImportStream } from './import-stream.js';
import { ndjson, PurchaseClient, sale } from './purchase-client.js';
import { until } from './until.js';

let service: TestService;
let store: PurchaseClient;
beforeAll(async () => {
  service = await TestService.start({ modules: [EndlessModule] });
  store = await PurchaseClient.of(service);
});
afterAll(() => service.stop());

const lines = (name: string, from: number, to: number) =>
  ndjson(
    Array.from({ length: to - from }, (_, index) => ({
      externalId: `${name}-${String(from + index).padStart(6, '0')}`,
      ...sale({ userId: name }),
    })),
  );

async function stored(name: string, from = service): Promise<string[]> {
  const rows = await from.database.query<{ external_id: string }>(
    `SELECT external_id FROM purchase WHERE user_id = $1 ORDER BY external_id`,
    [name],
  );
  return rows.map(({ external_id: id }) => id);
}

describe('a long batch', () => {
  it('is written and reported while it comes, and nothing is reported before it is written', async () => {
    const stream = new ImportStream(service, store);
    for (let sent = 0; sent < 20_000; sent += 1000) {
      await stream.send(lines('long', sent, sent + 1000));
      await stream.reported(sent + 1000);
      expect(stream.report).toHaveLength(sent + 1000);
      expect(await stored('long')).toHaveLength(sent + 1000);
    }
    const report = await stream.end();
    expect(report.slice(0, -1).every(({ line, outcome }, index) => line === index + 1 && outcome === 'created')).toBe(
      true,
    );
    expect(report.at(-1)?.summary).toMatchObject({ complete: true, lines: 20_000, created: 20_000, lastLine: 20_000 });
  });

  it('that breaks off has written what was reported, and no half line; it is resumed where it broke', async () => {
    const stream = new ImportStream(service, store);
    const first = lines('broken', 0, 2500);
    await stream.send(`${first}${lines('broken', 2500, 2501).trimEnd()}`);
    await stream.reported(2000);
    stream.breakOff();
    await until(() => service.log.lines.some(({ msg }) => msg === 'request failed' || msg === 'request aborted'));
    const reported = stream.report.map(({ externalId }) => externalId);
    expect(reported).toHaveLength(2000);
    expect(await stored('broken')).toEqual(reported);

    const report = await store.import(lines('broken', 2000, 3000), `?firstLine=${reported.length + 1}`);
    expect(report[0]).toEqual({ line: 2001, externalId: 'broken-002000', outcome: 'created' });
    expect(report.at(-1)?.summary).toMatchObject({ complete: true, created: 1000, lastLine: 3000 });
    expect(await stored('broken')).toHaveLength(3000);
    // Sent once more as a whole, it changes nothing.
    const again = await store.import(lines('broken', 0, 3000), '?report=problems');
    expect(again.at(-1)?.summary).toMatchObject({ complete: true, unchanged: 3000 });
  });

  it('is one of two that are taken at once', async () => {
    const streams = [new ImportStream(service, store), new ImportStream(service, store)];
    for (const [index, stream] of streams.entries()) {
      await stream.send(lines(`slot-${index}`, 0, 1000));
      await stream.reported(1000);
    }
    const refused = await store.send('post', 'batch', lines('slot-3', 0, 1), {
      'Content-Type': 'application/x-ndjson',
    });
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([503, 'overloaded', '5']);
    streams[0]?.breakOff();
    await streams[1]?.end();
    await until(async () => (await send('slot-3')).status === 200);
    await until(async () => (await send('slot-4')).status === 200);
    expect(await stored('slot-3')).toHaveLength(1);
  });

  /** A batch right behind another request, on one connection. */
  function pipelined(path: string, body: string) {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1').on('error', () => undefined);
    const head = ['POST /v1/admin/purchases/batch HTTP/1.1', 'Host: a', `Authorization: Bearer ${store.bearer}`];
    const rest = ['Connection: close', 'Content-Type: application/x-ndjson', `Content-Length: ${body.length}`];
    socket.write(raw([`GET ${path} HTTP/1.1`, 'Host: a']) + raw([...head, ...rest], body));
    return socket;
  }

  it('behind another request has its turn after that', async () => {
    const answers = await text(pipelined('/health/live', lines('behind', 0, 2000)));
    expect(answers.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
    expect(answers).toContain('"complete":true');
    expect(await stored('behind')).toHaveLength(2000);
  });

  it('behind one that is not answered takes no place, and ends with its connection', async () => {
    // Little to send, and more to report than a connection takes without being read.
    const sockets = [1, 2, 3].map(() => pipelined('/health/endless', 'x\n'.repeat(1000)));
    service.log.clear();
    await until(() => sockets.every(({ connecting, writableLength }) => !connecting && writableLength === 0));
    await until(async () => (await Promise.all([send('a'), send('b')])).every(({ status }) => status === 200));
    for (const socket of sockets) socket.resetAndDestroy();
    await until(() => service.log.lines.filter(({ msg }) => msg === 'request aborted').length === 6);
    expect((await Promise.all([send('c'), send('d')])).map(({ status }) => status)).toEqual([200, 200]);
  });

  function send(name: string) {
    return store.send('post', 'batch', lines(name, 0, 1), { 'Content-Type': 'application/x-ndjson' });
  }

  it('ends with the last line written when Postgres goes away, and is resumed from there', async () => {
    service.log.clear();
    const stream = new ImportStream(service, store);
    await stream.send(lines('away', 0, 1000));
    await stream.reported(1000);
    await service.wires.postgres.stop();
    await stream.send(lines('away', 1000, 2500));
    const report = await stream.ended();
    await service.wires.postgres.start();
    expect(report).toHaveLength(1001);
    expect(report.at(-1)?.summary).toMatchObject({
      complete: false,
      reason: 'service-unavailable',
      lines: 1000,
      lastLine: 1000,
    });
    expect(await stored('away')).toHaveLength(1000);
    const logged = (message: string) => service.log.lines.find(({ msg }) => msg === message);
    await until(() => logged('request completed') !== undefined);
    const { requestId } = logged('request completed') ?? {};
    for (const message of ['an import of purchases failed', 'an import of purchases ended']) {
      expect(logged(message)).toMatchObject({ requestId, userId: 'store' });
    }
  });
});

describe('a batch under way when the service shuts down', () => {
  it('ends with what has come whole, and says where to resume', async () => {
    const leaving = await TestService.start();
    const stream = new ImportStream(leaving, await PurchaseClient.of(leaving));
    await stream.send(`${lines('leaving', 0, 1500)}{"externalId":"half`);
    await stream.reported(1000);
    const gone = leaving.terminate();
    const report = await stream.ended();
    expect(report.at(-1)?.summary).toMatchObject({
      complete: false,
      reason: 'shutting-down',
      lines: 1500,
      created: 1500,
      lastLine: 1500,
    });
    expect(report).toHaveLength(1501);
    expect(await stored('leaving', leaving)).toHaveLength(1500);
    await gone;
    await leaving.stop();
  });
});
