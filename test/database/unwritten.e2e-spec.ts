// Tokens that were bought and could not be written to the ledger: each is counted and in the log, and its row is restored from there.
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNWRITTEN } from '../../apps/entitlement/src/ledger/unwritten-token.js';
import { ctl, documentOf } from '../entitlementctl/command-line.js';
import { isCommitted, isLedgerStatement } from '../replicas/statements.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

let service: TestService;
beforeEach(async () => {
  service = await TestService.start({
    environment: { DATABASE_TIMEOUT_MS: '500', LOG_LEVEL: 'error', TOKEN_LIMIT_PER_TITLE: '4' },
  });
});
afterEach(() => service.stop());

const lines = () => service.log.lines.filter(({ msg }) => msg === UNWRITTEN);
const counted = async () => {
  const text = await (await fetch(`${service.managementUrl}/metrics`)).text();
  return Number(/entitlement_tokens_unwritten_total\{drm="playready"\} (\d+)/.exec(text)?.[1]);
};
const restore = (stdin: string, ...args: string[]) =>
  ctl(['issuances', 'restore', '-', ...args], { stdin, env: { DATABASE_URL: service.database.url } });
const purchaseOf = async (user: string) => {
  const [purchase] = await service.database.query<{ id: string; first_play_at: Date | null }>(
    `SELECT id, first_play_at FROM purchase WHERE user_id = $1 AND content_id = 'sintel'`,
    [user],
  );
  return purchase;
};
const rowsOf = async (user: string) => (await service.ledger()).filter(({ user_id: of }) => of === user);

/** Locks the purchases of a user as long as the work takes. */
async function whileLocked(user: string, work: () => Promise<void>): Promise<void> {
  const holder = new Client({ connectionString: service.database.url });
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM purchase WHERE user_id = $1 FOR UPDATE', [user]);
  await work().finally(() => holder.end());
}

describe('a token that was bought for a rental that somebody has locked', () => {
  it('is one count and one line with all that its row needs; the row is restored once, and starts no clock', async () => {
    await whileLocked('bob', async () => {
      for (let n = 0; n < 3; n += 1) expect((await service.ask('bob', PLAYREADY)).status).toBe(503);
    });
    expect(await counted()).toBe(1);
    const [cookie] = await service.issuedCookies();
    const purchase = await purchaseOf('bob');
    expect(lines()).toEqual([
      {
        level: 'error',
        time: expect.any(String),
        context: 'Recorder',
        err: expect.any(Object),
        issuanceId: cookie,
        requestId: expect.any(String),
        userId: 'bob',
        contentId: 'sintel',
        purchaseId: purchase?.id,
        drm: 'playready',
        offline: false,
        rightsType: 'rental',
        rightsEndAt: expect.any(String),
        playDurationSeconds: expect.any(Number),
        persistent: true,
        tokenExpiresAt: expect.any(String),
        decidedAt: service.clock.now().toISOString(),
        durationMs: expect.any(Number),
        msg: UNWRITTEN,
      },
    ]);

    const { stdout, exitCode } = await restore(`no line of ours\n${service.log.text}`);
    expect([exitCode, stdout]).toEqual([0, '1 row(s) written, 0 there already.\n']);
    expect((await rowsOf('bob')).filter(({ decision }) => decision === 'granted')).toMatchObject([
      { id: cookie, rights_type: 'rental', first_play: false, request_id: lines()[0]?.requestId },
    ]);
    expect((await purchaseOf('bob'))?.first_play_at).toBeNull();

    expect(documentOf(await restore(service.log.text, '--json'))).toEqual({
      tokens: [
        { id: cookie, userId: 'bob', contentId: 'sintel', written: false, decision: 'granted', firstPlay: false },
      ],
    });
    expect(await rowsOf('bob')).toHaveLength(1);
  });

  it('counts against the limit on spending: as reserved at first, from the ledger once its row is restored', async () => {
    await whileLocked('bob', async () => {
      await service.ask('bob', PLAYREADY);
    });
    const reservations = () => service.database.query('SELECT issuance_id FROM token_reservation');
    expect(await reservations()).toEqual([{ issuance_id: lines()[0]?.issuanceId }]);
    // The first answer shows that rows can be written again; it gives its own place back.
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await service.ask('bob', PLAYREADY)).status);
    expect(statuses).toEqual([503, 200, 200, 200, 429]);
    // Not restored, it is forgotten after the longest time that a purchase may take.
    service.clock.advance(60);
    await restore(service.log.text);
    expect(await reservations()).toEqual([]);
    expect((await service.ask('bob', PLAYREADY)).status).toBe(429);
  });
});

it('another replica, or the process that comes after, learns of a locked rental by one token of its own', async () => {
  const { url: databaseUrl } = service.database;
  const other = await TestService.start({ databaseUrl, environment: { DATABASE_TIMEOUT_MS: '500' } });
  await whileLocked('bob', async () => {
    for (const replica of [service, service, other, other])
      expect((await replica.ask('bob', PLAYREADY)).status).toBe(503);
  });
  expect([(await service.issuedCookies()).length, (await other.issuedCookies()).length]).toEqual([1, 1]);
  // Neither has started the clock: the next token does, once.
  expect((await purchaseOf('bob'))?.first_play_at).toBeNull();
  for (const replica of [service, other]) {
    // What was reserved is forgotten.
    replica.clock.advance(60);
    await replica.ask('bob', PLAYREADY);
  }
  for (const replica of [service, other]) expect((await replica.ask('bob', PLAYREADY)).status).toBe(200);
  expect((await rowsOf('bob')).filter(({ first_play: first }) => first)).toHaveLength(1);
  await other.stop();
});

it('of one whose commit was not answered, the restoration says that its row is there and has started the clock', async () => {
  let asked: number | undefined;
  service.wires.postgres.tap = async (bytes, { direction, connection }) => {
    if (direction === 'to-server' && isLedgerStatement(bytes)) asked = connection;
    if (connection !== asked || direction === 'to-server' || !isCommitted(bytes)) return true;
    await service.wires.postgres.stop();
    return false;
  };
  expect((await service.ask('bob', PLAYREADY)).status).toBe(503);
  service.wires.postgres.tap = undefined;
  await service.wires.postgres.start();
  expect(lines()).toHaveLength(1);
  const { stdout } = await restore(service.log.text);
  expect(stdout).toBe(
    `${String(lines()[0]?.issuanceId)} was there already (granted), and has started the clock of bob's rental of sintel: take the first play back.\n` +
      '0 row(s) written, 1 there already.\n',
  );
});

it('one that was thrown away because the store changed the rental is restored as that', async () => {
  const changed = service.wires.emulator.onceForwarded(async () => {
    await service.database.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$`);
    await service.database.query(
      'CREATE TRIGGER full_disk BEFORE INSERT ON issuance FOR EACH ROW EXECUTE FUNCTION full_disk()',
    );
    await service.database.query(`UPDATE purchase SET version = version + 1 WHERE user_id = 'bob'`);
  });
  expect((await service.ask('bob', PLAYREADY)).status).toBe(503);
  await changed;
  await service.database.query('DROP FUNCTION full_disk() CASCADE');
  expect(lines()).toMatchObject([{ reason: 'purchase-changed' }]);
  expect((await restore(service.log.text)).stdout).toBe('1 row(s) written, 0 there already.\n');
  expect(await rowsOf('bob')).toMatchObject([
    { id: lines()[0]?.issuanceId, decision: 'failed', reason: 'purchase-changed', rights_type: 'rental' },
  ]);
});

it('a process that is ended while it still tries to write says so before it goes', async () => {
  let ended: Promise<void> | undefined;
  const asked = service.wires.emulator.onceForwarded(async () => {
    await service.wires.postgres.stop();
    ended = service.terminate();
  });
  await Promise.all([service.ask('bob', PLAYREADY).catch(() => undefined), asked]);
  await ended;
  expect(lines()).toMatchObject([{ issuanceId: (await service.issuedCookies())[0] }]);
});

describe('a log with a line that cannot be read', () => {
  it.each([
    ['that was cut off', (line: string) => line.slice(0, -1), 'is not valid JSON'],
    ['without the user', (line: string) => line.replace('"userId":"bob",', ''), 'userId must be a text of'],
    ['of a rental without its end', (line: string) => line.replace(/"rightsEndAt":"[^"]+",/, ''), 'rightsType must be'],
    ['with two cookies', (line: string) => line.replace('{', '{"issuanceId":"x",'), 'issuanceId'],
  ])('%s names it, and writes nothing', async (_name, spoil, problem) => {
    await whileLocked('bob', async () => {
      await service.ask('bob', PLAYREADY);
    });
    const line = service.log.text.split('\n').find((text) => text.includes(UNWRITTEN)) ?? '';
    const { exitCode, stdout, stderr } = await restore(`${line}\n{"msg":"other"}\n${spoil(line)}`);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`line 3: ${problem}`);
    expect(stderr).toMatch(/Nothing was written: .+\n$/);
    expect(await rowsOf('bob')).toEqual([]);
  });
});
