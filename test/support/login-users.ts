// Roles and login users of a test's own, on the server that all tests share; gone when the test is.
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

/** Makes login users and remembers every role that has to be dropped in the end. */
export class LoginUsers {
  readonly #id = randomBytes(6).toString('hex');
  readonly #made: string[] = [];

  /** A name that nothing else on the server has. */
  name(of: string): string {
    return `test_${of}_${this.#id}`;
  }

  /** Has a role dropped with the others. */
  willDrop(...roles: string[]): void {
    this.#made.push(...roles);
  }

  /**
   * Makes a user who may log in, and answers with the connection string.
   * @param options what follows CREATE ROLE, such as `IN ROLE x`
   * @param settings run after it, with the user's name
   */
  async create(of: string, databaseUrl: string, options = '', settings?: (name: string) => string): Promise<string> {
    const name = this.name(of);
    const password = randomBytes(12).toString('hex');
    await this.#run(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${options}`);
    this.#made.push(name);
    if (settings !== undefined) await this.#run(settings(name));
    const url = new URL(databaseUrl);
    url.username = name;
    url.password = password;
    return url.href;
  }

  /** Drops the roles, the last one first; the databases they have something in have to be gone before. */
  async drop(): Promise<void> {
    for (const name of this.#made.reverse()) await this.#run(`DROP ROLE IF EXISTS ${name}`);
  }

  async #run(statement: string): Promise<void> {
    const client = new Client({ connectionString: inject('serverUrl') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}
