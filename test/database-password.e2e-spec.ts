// The database's user and password are changed, and their files swapped: the service goes on without a restart.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { MountedSecrets } from '../libs/platform/src/configuration/testing.js';
import { LoginUsers } from './support/login-users.js';
import { TestService } from './support/test-service.js';

const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

let service: TestService;
let mount: MountedSecrets;
let users: LoginUsers;

afterEach(async () => {
  await service.stop();
  await users.drop();
  mount.remove();
});

/** A service on files, and a user of the test's own; `give` mounts the user with a password. */
async function start(inUrl: boolean): Promise<{ name: string; give: (password: string) => void }> {
  users = new LoginUsers();
  mount = new MountedSecrets({ url: 'postgresql://nobody@127.0.0.1:1/none' });
  service = await TestService.start({
    environment: {
      DATABASE_URL: '',
      DATABASE_URL_FILE: mount.path('url'),
      DATABASE_PASSWORD_FILE: mount.path('password'),
    },
  });
  const url = new URL(await users.create('rotating', service.database.url));
  const { username: name, password: first } = url;
  await service.database.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${name}`);
  url.port = String(service.wires.postgres.port);
  const give = (password: string): void => {
    url.password = inUrl ? password : '';
    mount.swap({ url: url.href, password: inUrl ? undefined : password });
  };
  give(first);
  return { name, give };
}

const connectedAs = async (): Promise<string[]> => {
  const rows = await service.database.query<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'entitlement' AND datname = current_database()`,
  );
  return rows.map(({ usename }) => usename);
};

describe.each([
  ['DATABASE_URL', true],
  ['DATABASE_PASSWORD', false],
])('the password in the file of %s', (_, inUrl) => {
  it('is taken up by the next connection; open ones stay good, and a wrong one is 503 until the file is swapped', async () => {
    const { name, give } = await start(inUrl);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    expect(await connectedAs()).toEqual([name]);

    const password = randomBytes(12).toString('hex');
    await service.database.query(`ALTER ROLE ${name} PASSWORD '${password}'`);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    await service.wires.postgres.stop();
    await service.wires.postgres.start();
    const refused = await service.ask('alice', PLAYREADY);
    expect([refused.status, refused.body.code]).toEqual([503, 'service-unavailable']);
    expect((await service.http().get('/health/ready')).status).toBe(503);

    give(password);
    service.clock.advance(1);
    expect((await service.ask('alice', PLAYREADY)).status).toBe(200);
    expect((await service.http().get('/health/ready')).status).toBe(200);
    expect(await connectedAs()).toEqual([name]);
    expect(service.log.text).not.toContain(password);
  });
});
