// A database of a test's own, with the demo data in it.
import { Client, type QueryResultRow } from 'pg';
import { inject } from 'vitest';
import { createDatabase, dropDatabase } from '@app/embedded-postgres';

let count = 0;

export class TestDatabase {
  private constructor(
    readonly url: string,
    readonly name: string,
    private readonly client: Client,
  ) {}

  static async create(): Promise<TestDatabase> {
    count += 1;
    const name = `e2e_${process.pid}_${count}_${Date.now()}`;
    const url = await createDatabase(inject('serverUrl'), name, inject('template'));
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return new TestDatabase(url, name, client);
  }

  /** Runs a statement and answers with its rows. */
  async query<T extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, values)).rows;
  }

  async drop(): Promise<void> {
    await this.client.end();
    await dropDatabase(inject('serverUrl'), this.name);
  }
}
