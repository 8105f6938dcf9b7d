// A service with a user of the serving role, as the doctor looks at it.
import assert from 'node:assert/strict';
import { applyRoles, type RoleNames } from '@app/platform/database';
import type { Clock } from '@app/platform/clock';
import type { DoctorReport } from '../../apps/entitlement/src/cli/doctor/doctor.command.js';
import { LoginUsers } from '../support/login-users.js';
import { TestService } from '../support/test-service.js';
import { ctl, type Outcome } from './command-line.js';
import { serviceVariables } from './service-variables.js';

type Variables = Readonly<Record<string, string | undefined>>;

export class ExaminedService {
  private constructor(
    readonly service: TestService,
    readonly users: LoginUsers,
    readonly roles: RoleNames,
    /** The variables of a service with which everything is in order. */
    readonly good: Readonly<Record<string, string>>,
  ) {}

  static async start(): Promise<ExaminedService> {
    const users = new LoginUsers();
    const roles = { migrate: users.name('migrate'), serve: users.name('serve'), report: users.name('report') };
    const service = await TestService.start();
    users.willDrop(roles.migrate, roles.serve, roles.report);
    await applyRoles(service.database.url, { names: roles });
    const variables = serviceVariables(service);
    const url = new URL(await users.create('server', service.database.url, `IN ROLE ${roles.serve}`));
    url.host = new URL(variables['DATABASE_URL'] ?? '').host;
    return new ExaminedService(service, users, roles, { ...variables, DATABASE_URL: url.href });
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.users.drop();
  }

  doctor(args: readonly string[], env: Variables = {}): Promise<Outcome> {
    return ctl(['doctor', ...args], { env: { ...this.good, ...env } });
  }

  /** One check: its status, and what it found and advised. */
  async check(
    name: string,
    env: Variables = {},
    clock?: Clock,
  ): Promise<{ status: string | undefined; words: string }> {
    const given = { env: { ...this.good, ...env }, ...(clock && { clock }) };
    const { exitCode, stdout } = await ctl(['doctor', '--only', name, '--json'], given);
    const report = JSON.parse(stdout) as DoctorReport;
    const [only] = report.checks;
    assert.equal(report.checks.length, 1);
    assert.equal(exitCode, only?.status === 'failed' ? 1 : 0);
    const words = (only?.findings ?? [])
      .map(({ looked, found, advice = '' }) => `${looked}: ${found} ${advice}`)
      .join('\n');
    return { status: only?.status, words };
  }
}
