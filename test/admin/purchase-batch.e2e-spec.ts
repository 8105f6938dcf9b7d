import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestService } from '../support/test-service.js';
import { ndjson, PurchaseClient, rental, sale } from './purchase-client.js';

let service: TestService;
let store: PurchaseClient;
beforeAll(async () => {
  service = await TestService.start();
  store = await PurchaseClient.of(service);
});
afterAll(() => service.stop());

const lineOf = (externalId: string, more: Record<string, unknown> = {}) => ({ externalId, ...sale(more) });
const LEAP_SECOND = '2016-12-31T23:59:60Z';
const purchases = (like: string) =>
  service.database.query<{ external_id: string; version: string }>(
    `SELECT external_id, version FROM purchase WHERE external_id LIKE $1 ORDER BY external_id`,
    [like],
  );

describe('a batch', () => {
  it('reports every line, and its counts at the end', async () => {
    await store.put('mix-there', sale({ version: 5 }));
    await store.revoke('mix-early', { version: 2, reason: 'fraud' });
    const report = await store.import([
      lineOf('mix-new'),
      { externalId: 'mix-rental', ...rental() },
      lineOf('mix-there', { version: 6 }),
      lineOf('mix-there', { version: 6 }),
      lineOf('mix-there', { version: 4 }),
      lineOf('mix-early'),
      lineOf('mix-lost', { contentId: 'nothing' }),
    ]);
    expect(report.slice(0, 6)).toEqual([
      { line: 1, externalId: 'mix-new', outcome: 'created' },
      { line: 2, externalId: 'mix-rental', outcome: 'created' },
      { line: 3, externalId: 'mix-there', outcome: 'updated' },
      { line: 4, externalId: 'mix-there', outcome: 'unchanged' },
      { line: 5, externalId: 'mix-there', outcome: 'stale' },
      { line: 6, externalId: 'mix-early', outcome: 'created' },
    ]);
    const lost = { field: 'contentId', message: 'content nothing does not exist' };
    expect(report[6]).toEqual({ line: 7, externalId: 'mix-lost', outcome: 'error', errors: [lost] });
    const counts = { created: 3, updated: 1, unchanged: 1, stale: 1, errors: 1 };
    expect(report.slice(7)).toEqual([{ summary: { complete: true, lines: 7, lastLine: 7, ...counts } }]);
    expect((await store.get('mix-early')).body).toMatchObject({ revocationReason: 'fraud', revocationVersion: 2 });
    expect((await store.get('mix-rental')).body).toMatchObject(rental());
  });

  it('of a dry run is reported as it would be written, line by line, and nothing is written', async () => {
    await store.put('dry-there', sale({ version: 5 }));
    await store.revoke('dry-early', { version: 2, reason: 'fraud' });
    await store.put('dry-played', rental({ userId: 'lee' }));
    await service.ask('lee', { contentId: 'sintel', drm: 'playready' });
    const lines = [
      lineOf('dry-new'),
      lineOf('dry-new', { version: 2, userId: 'bob' }),
      lineOf('dry-new', { version: 2 }),
      lineOf('dry-new'),
      lineOf('dry-there', { version: 6 }),
      lineOf('dry-early'),
      { externalId: 'dry-played', ...rental({ userId: 'somebody', version: 2 }) },
      lineOf('dry-lost', { contentId: 'nothing' }),
      lineOf('dry-bad', { version: 0 }),
    ];
    const everything = () =>
      service.database.query('SELECT * FROM purchase LEFT JOIN early_revocation USING (external_id) ORDER BY 1');
    const early = () => service.database.query('SELECT * FROM early_revocation');
    const before = [await everything(), await early()];
    const rehearsed = await store.import(lines, '?dryRun=true');
    expect([await everything(), await early()]).toEqual(before);
    const written = await store.import(lines, '?dryRun=false');
    expect(rehearsed.slice(0, -1)).toEqual(written.slice(0, -1));
    expect(rehearsed.at(-1)?.summary).toEqual({ ...written.at(-1)?.summary, dryRun: true });
    const outcomes = ['created', 'updated', 'error', 'stale', 'updated', 'created', 'error', 'error', 'error'];
    expect(written.slice(0, -1).map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(await everything()).not.toEqual(before[0]);
  });

  it('is applied in the order of its lines', async () => {
    const report = await store.import([
      lineOf('often', { version: 1 }),
      lineOf('once'),
      lineOf('often', { version: 3, userId: 'third' }),
      lineOf('often', { version: 2, userId: 'second' }),
      lineOf('often', { version: 3, userId: 'other' }),
      lineOf('often', { version: 4, userId: 'fourth' }),
    ]);
    const outcomes = report.slice(0, -1).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['created', 'created', 'updated', 'stale', 'error', 'updated']);
    expect(report[4]?.errors).toEqual([{ field: 'version', message: expect.stringContaining('higher version') }]);
    expect((await store.get('often')).body).toMatchObject({ version: 4, userId: 'fourth' });
  });

  it('refuses a bad line by number and field, and goes on', async () => {
    const long = JSON.stringify(lineOf('bad-long', { userId: 'u'.repeat(70_000) }));
    const halfCharacter = Buffer.concat([Buffer.from('{"externalId":"bad-'), Buffer.from([0xc3]), Buffer.from('"}\n')]);
    const body = Buffer.concat([
      Buffer.from(`\ufeff${JSON.stringify(lineOf('bad-bom'))}\r\n`),
      Buffer.from('\n  \r\n{"externalId":\n'),
      halfCharacter,
      Buffer.from(`[1]\n${long}\n`),
      Buffer.from(ndjson([lineOf('bad-field', { colour: 'red', version: 0 }), { ...sale(), externalId: 'bad\u0000' }])),
      Buffer.from(`${JSON.stringify(lineOf('bad-twice')).replace('{', '{"user\\u0049d":"other",')}\n`),
      Buffer.from(ndjson([lineOf('bad-inherited', { toString: 1 }), lineOf('.'), lineOf('..')])),
      Buffer.from(ndjson([lineOf('bad-user', { userId: '*' }), lineOf('bad-second', { purchasedAt: LEAP_SECOND })])),
      Buffer.from(JSON.stringify(lineOf('bad-last'))),
    ]);
    const report = await store.import(body);
    const told = report.slice(0, -1).map(({ line, outcome, errors }) => [line, outcome, ...(errors ?? [])]);
    expect(told).toEqual([
      [1, 'created'],
      [4, 'error', { field: '', message: 'is not valid JSON' }],
      [5, 'error', { field: '', message: 'is not valid UTF-8' }],
      [6, 'error', { field: '', message: 'must be a JSON object' }],
      [7, 'error', { field: '', message: 'is longer than 65536 bytes' }],
      [
        8,
        'error',
        { field: 'colour', message: 'is not a known field' },
        { field: 'version', message: expect.stringContaining('whole number') },
      ],
      [9, 'error', { field: 'externalId', message: expect.stringContaining('control') }],
      [10, 'error', { field: 'userId', message: 'is given twice' }],
      [11, 'error', { field: 'toString', message: 'is not a known field' }],
      [12, 'error', { field: 'externalId', message: expect.stringContaining('not . or ..') }],
      [13, 'error', { field: 'externalId', message: expect.stringContaining('not . or ..') }],
      [14, 'error', { field: 'userId', message: expect.stringContaining('not *') }],
      [15, 'error', { field: 'purchasedAt', message: expect.stringContaining('seconds from 00 to 59') }],
      [16, 'created'],
    ]);
    expect(report.at(-1)?.summary).toMatchObject({ complete: true, lines: 14, lastLine: 16, created: 2, errors: 12 });
    expect((await purchases('bad-%')).map((row) => row.external_id)).toEqual(['bad-bom', 'bad-last']);
  });

  it('takes lines of 64 KiB, and no longer ones', async () => {
    const padded = (id: string, length: number) => {
      const line = JSON.stringify(lineOf(id));
      return `${line}${' '.repeat(length - line.length)}`;
    };
    const report = await store.import(
      `${padded('fit-1', 65_536)}\r\n${padded('fit-2', 65_537)}\n${padded('fit-3', 65_536)}`,
    );
    expect(report.slice(0, -1).map(({ outcome }) => outcome)).toEqual(['created', 'error', 'created']);
  });

  it('reports problems alone when that is asked for, with its progress', async () => {
    const lines = Array.from({ length: 2500 }, (_, index) =>
      lineOf(`quiet-${index}`, { version: index === 1700 ? 0 : 1 }),
    );
    const report = await store.import(lines, '?report=problems&firstLine=101');
    expect(report).toEqual([
      { progress: { lastLine: 1100 } },
      {
        line: 1801,
        externalId: 'quiet-1700',
        outcome: 'error',
        errors: [expect.objectContaining({ field: 'version' })],
      },
      { progress: { lastLine: 2100 } },
      { progress: { lastLine: 2600 } },
      { summary: expect.objectContaining({ complete: true, lines: 2500, lastLine: 2600, created: 2499, errors: 1 }) },
    ]);
  });

  it('may be empty', async () => {
    const counts = { created: 0, updated: 0, unchanged: 0, stale: 0, errors: 0 };
    expect(await store.import('')).toEqual([{ summary: { complete: true, lines: 0, lastLine: 0, ...counts } }]);
    expect(await store.import('\n\n')).toEqual([{ summary: { complete: true, lines: 0, lastLine: 2, ...counts } }]);
  });

  it('of the same orders in another order, at the same time, ends the same', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => lineOf(`both-${index}`));
    const reports = await Promise.all([store.import(lines), store.import(lines.toReversed())]);
    const counts = reports.map((report) => report.at(-1)?.summary as Record<string, number>);
    expect(counts).toMatchObject([
      { complete: true, errors: 0 },
      { complete: true, errors: 0 },
    ]);
    expect(counts.reduce((sum, { created = 0 }) => sum + created, 0)).toBe(3000);
    expect(counts.reduce((sum, { unchanged = 0 }) => sum + unchanged, 0)).toBe(3000);
  });

  it('keeps the first play of what has been played', async () => {
    await store.put('played', rental({ userId: 'kim' }));
    await service.ask('kim', { contentId: 'sintel', drm: 'playready' });
    const { firstPlayAt } = (await store.get('played')).body;
    const report = await store.import([
      { externalId: 'played', ...rental({ userId: 'somebody', version: 2 }) },
      { externalId: 'played', ...rental({ userId: 'kim', version: 3, playDurationSeconds: 5 }) },
    ]);
    expect(report.map(({ outcome }) => outcome)).toEqual(['error', 'updated', undefined]);
    expect(report[0]?.errors).toEqual([{ field: 'userId', message: expect.stringContaining('played') }]);
    expect((await store.get('played')).body).toMatchObject({ userId: 'kim', playDurationSeconds: 5, firstPlayAt });
    expect(firstPlayAt).not.toBeNull();
  });
});

describe('a batch is refused', () => {
  it.each([
    ['?report=none', 'report'],
    ['?firstLine=0', 'firstLine'],
    ['?firstLine=one', 'firstLine'],
    ['?dryRun=yes', 'dryRun'],
    ['?dryRun=true&dryRun=false', 'dryRun'],
    ['?colour=red', 'colour'],
  ])('with the query %s', async (query, field) => {
    const answer = await store.send('post', `batch${query}`, ndjson([lineOf('refused')]), {
      'Content-Type': 'application/x-ndjson',
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    expect(answer.body.errors[0].field).toBe(field);
    expect(await purchases('refused')).toEqual([]);
  });

  it.each(['application/json', 'text/plain', undefined])('as %s', async (type) => {
    const answer = await store.send('post', 'batch', '{}', type === undefined ? {} : { 'Content-Type': type });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type']);
    expect(answer.body.detail).toContain('application/x-ndjson');
  });

  it('by every other address', async () => {
    const answer = await store.send('put', 'other', '{}\n', { 'Content-Type': 'application/x-ndjson' });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported-media-type']);
    expect(answer.body.detail).toContain('application/json');
  });
});
