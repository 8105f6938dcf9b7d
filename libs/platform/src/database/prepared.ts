// Statements of the hot path: prepared once on each connection, and then sent by their name.
import { createHash } from 'node:crypto';
import { type CustomTypesConfig, DatabaseError, type QueryConfig, types } from 'pg';
import type { SessionPool } from './session-pool.js';

/** A statement as `Prisma.sql` writes it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Names by their texts. */
const names = new Map<string, string>();

/** What Postgres says, before it does anything, of a name that it does not know or knows already: a pooler led there. */
const NOT_KEPT: readonly unknown[] = ['26000', '42P05'];
/** And of a statement whose tables have changed since it was prepared. */
const CHANGED = '0A000';

const INT8 = 20;
/** As Prisma reads values. */
const TYPES: CustomTypesConfig = {
  getTypeParser: ((type: number) => (type === INT8 ? BigInt : types.getTypeParser(type))) as typeof types.getTypeParser,
};

/** Runs statements prepared, until that is found not to work here. */
export class PreparedStatements {
  #areKept = true;

  constructor(private readonly pool: SessionPool) {}

  /** The rows. @throws DatabaseUnavailableError, node-postgres's own errors, and what `statement` throws */
  async run<T>(kind: string, statement: () => Statement): Promise<T[]> {
    const whole = (): QueryConfig => {
      const { text, values } = statement();
      return { text, values: values.map(asSent), types: TYPES };
    };
    if (this.#areKept && !this.pool.isGuarded) {
      try {
        const named = () => {
          const config = whole();
          return Object.assign(config, { name: nameOf(kind, config.text) });
        };
        return (await this.pool.run(named)).rows as T[];
      } catch (error) {
        const code = error instanceof DatabaseError ? error.code : undefined;
        if (NOT_KEPT.includes(code)) this.#areKept = false;
        else if (code !== CHANGED) throw error;
      }
    }
    return (await this.pool.run(whole)).rows as T[];
  }
}

/** node-postgres would write a moment in the machine's time zone. */
function asSent(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

/** After its text, too: on a connection of a pooler another version of the service may have prepared another one. */
function nameOf(kind: string, text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `${kind}_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}
