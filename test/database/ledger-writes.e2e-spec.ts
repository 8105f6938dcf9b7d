// The row of a token that has been bought is written, on another connection where one is refused or breaks; twice is once.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRoles } from '@app/platform/database';
import { isCommitted, isLedgerStatement } from '../replicas/statements.js';
import { LoginUsers } from '../support/login-users.js';
import type { Passage } from '../support/tcp-proxy.js';
import { TestService } from '../support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

describe('a connection that breaks under the write of the ledger', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it.each([
    ['before the statement has reached Postgres', 'bob', 'to-server'],
    ['when the row is there and the answer has not come', 'grace', 'to-client'],
  ] as const)(
    '%s: the player has the token, and the ledger one row and one first play',
    async (_name, user, direction) => {
      await service.database.query(`DELETE FROM purchase WHERE user_id = 'grace' AND type = 'buy-to-own'`);
      let asked: number | undefined;
      let isBroken = false;
      service.wires.postgres.tap = async (bytes, passage: Passage) => {
        if (passage.direction === 'to-server' && isLedgerStatement(bytes)) asked = passage.connection;
        const isThere = passage.connection === asked && passage.direction === direction;
        if (isBroken || !isThere || (direction === 'to-client' && !isCommitted(bytes))) return true;
        isBroken = true;
        service.wires.postgres.cut();
        return false;
      };
      const answer = await service.ask(user, PLAYREADY);
      service.wires.postgres.tap = undefined;
      expect([isBroken, answer.status]).toEqual([true, 200]);
      const rows = (await service.ledger()).filter(({ user_id: of }) => of === user);
      expect(rows).toMatchObject([{ id: answer.body.id, decision: 'granted', first_play: true }]);
      const [purchase] = await service.database.query<{ at: Date }>(
        `SELECT first_play_at AS at FROM purchase WHERE user_id = $1`,
        [user],
      );
      expect(purchase?.at).toEqual(service.clock.now());
    },
  );
});

describe('a user of Postgres who may have fewer connections than the pool', () => {
  const users = new LoginUsers();
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ environment: { DATABASE_TIMEOUT_MS: '1000' } });
  });
  afterAll(async () => {
    await service.stop();
    await users.drop();
  });

  it('buys nothing that is not in the ledger, with twelve players at once', async () => {
    const roles = { migrate: users.name('migrate'), serve: users.name('serve'), report: users.name('report') };
    users.willDrop(...Object.values(roles));
    await applyRoles(service.database.url, { names: roles });
    const limited = await users.create('limited', service.database.url, `IN ROLE ${roles.serve} CONNECTION LIMIT 4`);
    const crowded = await TestService.start({
      databaseUrl: limited,
      environment: { DATABASE_TIMEOUT_MS: '1000', DATABASE_POOL_SIZE: '12' },
    });
    await service.database.query(
      `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at)
       SELECT 'viewer-' || n, 'viewer-' || n, 'sintel', 'buy-to-own', now() FROM generate_series(1, 480) n`,
    );
    const statuses: number[] = [];
    const served = () => statuses.filter((status) => status === 200);
    // How many of a round have to wait too long is up to the machine.
    for (let round = 0; round < 10 || (served().length <= 40 && round < 40); round += 1) {
      const viewers = Array.from({ length: 12 }, (_, n) => `viewer-${round * 12 + n + 1}`);
      const answers = await Promise.all(viewers.map((user) => crowded.ask(user, PLAYREADY)));
      statuses.push(...answers.map(({ status }) => status));
      await delay(0);
    }
    const granted = await service.database.query<{ id: string }>(`SELECT id FROM issuance WHERE decision = 'granted'`);
    const ids = new Set(granted.map(({ id }) => id));
    expect((await crowded.issuedCookies()).filter((cookie) => !ids.has(cookie))).toEqual([]);
    expect(served()).toHaveLength(ids.size);
    expect(ids.size).toBeGreaterThan(40);
    await crowded.stop();
  });
});
