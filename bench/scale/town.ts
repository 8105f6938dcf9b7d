// What a bench of growth measures on: databases that grow, services in front of them, and one upstream. Gone at the end of a section.
import { createDatabase, databaseServer, dropDatabase, freePort, type DatabaseServer } from '@app/embedded-postgres';
import { DemoIssuer } from '../../scripts/stack/demo-issuer.js';
import { Contestant, Upstream } from '../side-by-side/contestants.js';
import { TITLES_OF_ACCOUNT, withClient, type Evening, type Guest } from '../side-by-side/evening.js';

/** What is measured beside others. */
export interface Place {
  label: string;
  databaseUrl: string;
  evening: Evening;
  /** Who asks. */
  guests: Guest[];
  /** The load is spread evenly over them. */
  services: Contestant[];
  connections: number;
}

const CONNECTIONS = 16;

// At no moment are more than a few of an hour: spending limits meet none of them.
const LEDGER_ROWS = `
  INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, decision, rights_type, persistent, token_expires_at,
    request_id, decided_at, duration_ms)
  SELECT md5('scale ' || n), user_id, content_id, id, 'playready', 'granted', type, false, at + interval '5 minutes', 'bench', at, 50
  FROM (SELECT n, 'order-' || n % $3::int || '-' || n / $3::int % ${TITLES_OF_ACCOUNT} AS external_id,
               $4::timestamptz - abs(hashint8extended(n, 7) % 31449600) * interval '1 s' AS at
        FROM generate_series($1::int, $2::int - 1) n) AS row
  JOIN purchase USING (external_id)`;

const LEDGER_INDEXES = `
  SELECT c.relname AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'issuance'::regclass AND NOT i.indisprimary`;

const PAST_RENTALS = `
  INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds, first_play_at)
  SELECT 'past-' || u || '-' || t, 'user-' || u, 'generated-' || 1 + (u + t) % $2::int, 'rental', now() - interval '90 days',
         now() - interval '60 days', 172800, now() - interval '80 days'
  FROM generate_series(0, $1::int - 1) u, generate_series(greatest($3::int, ${TITLES_OF_ACCOUNT}), $4::int - 1) t`;

export class Town {
  readonly #databases: string[] = [];
  readonly #services: Contestant[] = [];

  private constructor(
    readonly server: DatabaseServer,
    private readonly upstream: Upstream,
    private readonly issuer: DemoIssuer,
  ) {}

  static async open(): Promise<Town> {
    const server = await databaseServer(process.env.DATABASE_URL);
    const issuer = new DemoIssuer(await freePort());
    await issuer.create();
    return new Town(server, await Upstream.start(), issuer);
  }

  /** Makes a database, empty or as another one is. */
  async database(from?: string): Promise<string> {
    const name = `bench_scale_${process.pid}_${this.#databases.length}`;
    this.#databases.push(name);
    return createDatabase(this.server.url, name, from && new URL(from).pathname.slice(1));
  }

  async service({ kek }: Evening, databaseUrl: string): Promise<Contestant> {
    const { upstream, issuer } = this;
    const service = await Contestant.start('service', databaseUrl, { upstream, issuer, kek });
    this.#services.push(service);
    return service;
  }

  /** A database with a service in front of it, and so many of its accounts who ask. */
  async place(label: string, evening: Evening, databaseUrl: string, accounts: number, count: number): Promise<Place> {
    const guests = await evening.guests(accounts, count, this.issuer);
    const services = [await this.service(evening, databaseUrl)];
    return { label, databaseUrl, evening, guests, services, connections: CONNECTIONS };
  }

  /** Adds the ledger's rows from number `first` to (not) `end`, spread evenly over the accounts and the last twelve months. */
  addLedgerRows(databaseUrl: string, first: number, end: number, accounts: number): Promise<void> {
    return withClient(databaseUrl, async (client) => {
      const now = new Date();
      await client.query(`SELECT ensure_ledger_partitions($1::timestamptz - interval '12 months', $1)`, [now]);
      // Millions of rows at random places of an index are slower than an index made of them all.
      const { rows: indexes } = await client.query<{ name: string; definition: string }>(LEDGER_INDEXES);
      for (const { name } of indexes) await client.query(`DROP INDEX "${name}"`);
      await client.query(LEDGER_ROWS, [first, end, accounts, now]);
      for (const { definition } of indexes) await client.query(definition);
      await client.query('VACUUM ANALYZE');
    });
  }

  /** Adds rentals that are over to each account, from number `from` to (not) `to` of its purchases, each of another title. */
  addPastRentals(databaseUrl: string, accounts: number, contents: number, from: number, to: number): Promise<void> {
    return withClient(databaseUrl, async (client) => {
      await client.query(PAST_RENTALS, [accounts, contents, from, to]);
      await client.query('VACUUM ANALYZE');
    });
  }

  /** Ends services, and drops databases. */
  async clear(): Promise<void> {
    await Promise.all(this.#services.splice(0).map((service) => service.stop()));
    for (const name of this.#databases.splice(0)) await dropDatabase(this.server.url, name);
  }

  async close(): Promise<void> {
    await this.clear();
    await this.upstream.stop();
    await this.issuer.remove();
    await this.server.stop();
  }
}
