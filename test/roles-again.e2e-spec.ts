// Applying the database roles where somebody has given privileges away, and where players are using the tables.
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyRoles, type RoleNames } from '@app/platform/database';
import { LoginUsers } from './support/login-users.js';
import { TestDatabase } from './support/test-database.js';

const users = new LoginUsers();
const names: RoleNames = { migrate: users.name('migrate'), serve: users.name('serve'), report: users.name('report') };

let database: TestDatabase;

beforeAll(async () => {
  database = await TestDatabase.create();
  users.willDrop(names.migrate, names.serve, names.report);
});
afterAll(async () => {
  await database.drop();
  await users.drop();
});

it('a dry run tells what a real one does, and waits for nobody who is using the tables', async () => {
  await database.query('BEGIN');
  await database.query('SELECT count(*) FROM purchase, issuance, content');
  const told = await applyRoles(database.url, { names, dryRun: true });
  await database.query('COMMIT');
  const [row] = await database.query(`SELECT count(*)::int FROM pg_tables WHERE tableowner = '${names.migrate}'`);
  expect(row).toEqual({ count: 0 });
  expect(told.done.filter((statement) => statement.startsWith('ALTER TABLE')).length).toBeGreaterThan(5);
  expect(await applyRoles(database.url, { names })).toEqual(told);
});

it('a run takes back the right to give privileges away, and what was given away by it', async () => {
  const stranger = users.name('befriended');
  await users.create('befriended', database.url);
  await database.query(`GRANT SELECT ON issuance TO ${names.serve} WITH GRANT OPTION`);
  await database.query(
    `GRANT UPDATE (title), SELECT (output_policy_name) ON content TO ${names.serve} WITH GRANT OPTION`,
  );
  await database.query(`GRANT DELETE ON purchase TO ${names.serve} WITH GRANT OPTION`);
  const server = new Client({ connectionString: await users.create('server', database.url, `IN ROLE ${names.serve}`) });
  await server.connect();
  for (const given of ['SELECT ON issuance', 'DELETE ON purchase']) {
    await server.query(`GRANT ${given} TO ${stranger}`);
  }
  await server.end();
  const held = async (): Promise<unknown> => {
    const [row] = await database.query(
      `SELECT has_table_privilege($1, 'issuance', 'SELECT') AS serve,
           has_table_privilege($1, 'issuance', 'SELECT WITH GRANT OPTION') AS gives,
           has_any_column_privilege($1, 'content', 'UPDATE WITH GRANT OPTION, SELECT WITH GRANT OPTION') AS "givesColumns",
           has_table_privilege($1, 'purchase', 'DELETE') AS excess,
           has_table_privilege($2, 'issuance', 'SELECT') OR has_table_privilege($2, 'purchase', 'DELETE') AS given`,
      [names.serve, stranger],
    );
    return row;
  };
  expect(await held()).toEqual({ serve: true, gives: true, givesColumns: true, excess: true, given: true });
  await applyRoles(database.url, { names });
  expect(await held()).toEqual({ serve: true, gives: false, givesColumns: false, excess: false, given: false });
  expect((await applyRoles(database.url, { names })).done).toEqual([]);
});
