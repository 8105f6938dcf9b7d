// Three replicas behind wires, one Postgres, one ExpressPlay: what is disturbed, and what is looked at in the end.
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { scrape, valuesOf } from '../metrics/support/scrape.js';
import { Replica } from '../replicas/replica.js';
import { Site } from '../replicas/site.js';
import { Balancer } from './balancer.js';
import type { Dice } from './dice.js';
import { exchange } from './exchange.js';
import { OwnPostgres } from './own-postgres.js';

const REPLICAS = 3;
/** Half of what ExpressPlay's journal keeps, and less. */
const TOKENS_A_READING = 4000;
const IN_SECONDS = 14_400;

/** What something was done to, and how many were disturbed by it (`Happening.met`). */
export type Done = readonly [detail: string, met: number];

/** 1 when nobody listens where a replica did. */
async function gone({ url }: Replica): Promise<number> {
  const { status } = await exchange(`${url}/health/live`, { method: 'GET' });
  return status === null ? 1 : 0;
}

/** Where callers are sent to. */
export interface Place {
  readonly name: string;
  readonly url: string;
}

/** A replica, and its wire to players. */
interface RunningReplica extends Place {
  readonly replica: Replica;
}

export class World {
  #replicas: RunningReplica[] = [];
  /** In front of the replicas, while there is one. */
  #balancer: Place | undefined;
  /** How many did not end within a minute of SIGTERM, and were killed. */
  overdue = 0;
  #started = 0;
  #isReplacing = false;
  #asked = 0;
  readonly #issued = new Set<string>();
  readonly #bearers = new Map<string, Promise<string>>();
  readonly #destroyed = new Map<string, Record<string, number>>();

  private constructor(
    readonly site: Site,
    readonly postgres: OwnPostgres,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * @param programs of a PostgreSQL
   * @param environment settings that differ from a site's
   */
  static async start(programs: string, environment: Record<string, string>): Promise<World> {
    const postgres = await OwnPostgres.start(programs);
    const world = new World(await Site.start(Promise.resolve(postgres)), postgres, environment);
    await Promise.all(Array.from({ length: REPLICAS }, () => world.add()));
    return world;
  }

  get replicas(): readonly RunningReplica[] {
    return this.#replicas;
  }

  /** Those that callers are sent to now. */
  get places(): readonly Place[] {
    return this.#balancer === undefined ? this.#replicas : [this.#balancer];
  }

  /** Players' bearer tokens, and with a scope those of machines. */
  bearer(user: string, scope = 'playback'): Promise<string> {
    const known = this.#bearers.get(user);
    if (known !== undefined) return known;
    const made = this.site.issuer.token(user, { scope, expiresIn: IN_SECONDS });
    this.#bearers.set(user, made);
    return made;
  }

  /**
   * Ends a replica and starts another one in its place, unless that is being done already.
   * @param end ends the process; callers are sent to it until `leaves` settles
   * @returns its name, and whether it has gone
   */
  async replace(dice: Dice, end: (replica: Replica) => Promise<void>, leaves?: Promise<unknown>): Promise<Done> {
    if (this.#isReplacing) return ['another one is being replaced', 0];
    this.#isReplacing = true;
    const place = dice.pick(this.#replicas);
    const ended = end(place.replica);
    await leaves;
    this.#leave(place);
    await ended;
    await this.add();
    this.#isReplacing = false;
    return [place.name, await gone(place.replica)];
  }

  /**
   * Ends all replicas by SIGTERM, one after the other, each when another one has become ready in its place. Callers are sent to a
   * balancer meanwhile.
   * @returns their names, and how many of them have gone
   */
  async restartInTurn(): Promise<Done> {
    const balancer = new Balancer();
    const old = this.#replicas;
    await Promise.all(old.map(({ replica }) => balancer.add(replica.url)));
    this.#balancer = { name: 'balancer', url: await balancer.url() };
    for (const place of old) {
      const { replica } = await this.add();
      await balancer.add(replica.url);
      await this.terminate(place.replica);
      balancer.replicas.delete(place.replica.url);
      this.#leave(place);
    }
    this.#balancer = undefined;
    // What was just sent over a connection that seems idle would be lost.
    await delay(1000);
    balancer.stop();
    const all = await Promise.all(old.map(({ replica }) => gone(replica)));
    return [old.map(({ name }) => name).join(', '), all.reduce((sum, one) => sum + one)];
  }

  #leave(place: Place): void {
    this.#replicas = this.#replicas.filter((other) => other !== place);
  }

  /** Has one more replica for as long as work goes on, which ends by SIGTERM. @param environment settings that it alone has */
  async withOneMore(environment: Record<string, string>, work: (replica: Replica) => Promise<void>): Promise<void> {
    const place = await this.add(environment);
    await work(place.replica);
    this.#leave(place);
    await this.terminate(place.replica);
  }

  /** Ends a process as a deployment does: what is not gone after a minute is killed. */
  async terminate(replica: Replica): Promise<void> {
    try {
      await replica.stop();
    } catch {
      this.overdue += 1;
      await replica.kill();
    }
  }

  /** Starts one more replica. */
  async add(environment: Record<string, string> = {}): Promise<RunningReplica> {
    this.#started += 1;
    const name = `r${this.#started}`;
    const replica = await this.site.startReplica({ ...this.environment, ...environment });
    const place = { name, replica, url: `http://127.0.0.1:${replica.wires.player.port}` };
    this.#replicas = [...this.#replicas, place];
    return place;
  }

  /** Runs work on a session of its own in the database. */
  async session<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.site.database.url, application_name: 'chaos' });
    // Its session may be killed with the others.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** A token is about to be asked for: ExpressPlay's journal is read before it forgets. */
  async countToken(): Promise<void> {
    this.#asked += 1;
    if (this.#asked % TOKENS_A_READING === 0) await this.issued();
  }

  /** The cookies of all tokens that ExpressPlay has issued. */
  async issued(): Promise<ReadonlySet<string>> {
    for (const cookie of await this.site.issuedCookies()) this.#issued.add(cookie);
    return this.#issued;
  }

  /** @param fault undefined: clears all */
  async setFault(fault: object | undefined): Promise<void> {
    const answer = await fetch(`${this.site.emulator.url}/emulator/faults`, {
      method: fault === undefined ? 'DELETE' : 'PUT',
      headers: fault === undefined ? {} : { 'Content-Type': 'application/json' },
      body: fault === undefined ? null : JSON.stringify(fault),
    });
    if (!answer.ok) throw new Error(`the emulator refuses a fault: ${await answer.text()}`);
  }

  /** How many requests have met a fault of ExpressPlay's. */
  async faultsMet(): Promise<number> {
    const { samples } = await scrape(`${this.site.emulator.url}/emulator`);
    const met = samples.filter(({ name }) => name === 'expressplay_emulator_faults_total');
    return met.reduce((sum, { value }) => sum + value, 0);
  }

  /** Notes how many connections each replica has destroyed, as far as it answers. */
  async look(): Promise<void> {
    const found = this.#replicas.map(async ({ name, url }) => {
      this.#destroyed.set(name, valuesOf(await scrape(url), 'database_connections_destroyed_total'));
    });
    await Promise.allSettled(found);
  }

  /** By replica, as noted last. */
  get destroyed(): ReadonlyMap<string, Record<string, number>> {
    return this.#destroyed;
  }

  /** Whether nothing of the service is at work in the database, waited for a minute. */
  async comesToRest(): Promise<boolean> {
    for (let second = 0; second < 60; second += 1) {
      const [row] = await this.site.database.query<{ busy: number }>(`SELECT count(*)::int AS busy FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'entitlement' AND state <> 'idle'`);
      if (row?.busy === 0) return true;
      await delay(1000);
    }
    return false;
  }

  stop(): Promise<void> {
    return this.site.stop();
  }
}
