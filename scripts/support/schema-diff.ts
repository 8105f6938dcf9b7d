// The SQL that would bring a database to what prisma/schema.prisma says, written by Prisma's own schema engine (as Wasm).
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { Pool, type QueryConfig, type QueryResult } from 'pg';
import type { DiffTarget, SchemaEngine } from '@prisma/schema-engine-wasm';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';

const SCHEMA = resolve('prisma/schema.prisma');

/**
 * @param databaseUrl of the database, whose catalog is only read
 * @returns an SQL script, empty when nothing differs
 */
export async function schemaDiff(databaseUrl: string): Promise<string> {
  const files = [{ path: SCHEMA, content: await readFile(SCHEMA, 'utf8') }];
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  const adapter = bindMigrationAwareSqlAdapterFactory(catalogAdapter(pool));
  loaded ??= loadEngine();
  const datamodels = files.map(({ path, content }): [string, string] => [path, content]);
  const engine = await (await loaded).new({ datamodels }, () => undefined, adapter);
  try {
    const from: DiffTarget = { tag: 'schemaDatasource', files, configDir: resolve('prisma') };
    const to: DiffTarget = { tag: 'schemaDatamodel', files };
    const filters = { externalTables: [], externalEnums: [] };
    const { stdout } = await engine.diff({ from, to, script: true, exitCode: null, filters });
    const script = stdout ?? '';
    return script.includes('This is an empty migration') ? '' : script.trim();
  } finally {
    engine.free();
    await pool.end();
  }
}

// TypeScript knows `WebAssembly` from the browser's library alone, which this project does not compile against.
const wasm = (globalThis as unknown as { WebAssembly: WasmRuntime }).WebAssembly;
interface WasmRuntime {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
}

/** Node 20 does not import `.wasm` files, so the engine's module is instantiated by hand, once: it is one for the process. */
let loaded: Promise<typeof SchemaEngine> | undefined;

async function loadEngine(): Promise<typeof SchemaEngine> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(glue.replace(/\.js$/, '.wasm'));
  const { instance } = await wasm.instantiate(bytes, { './schema_engine_bg.js': engineModule });
  engineModule.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engineModule.SchemaEngine;
}

const CATALOG_CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * The adapter refuses the catalog's one-byte type `"char"`, which the engine takes for a character: such columns are read
 * as text, and then called characters. The engine asks one question after the other, so the last answer's are remembered.
 */
function catalogAdapter(pool: Pool): SqlMigrationAwareDriverAdapterFactory {
  let characterColumns = new Set<number>();
  const query = pool.query.bind(pool) as (config: QueryConfig) => Promise<QueryResult>;
  Object.defineProperty(pool, 'query', {
    value: async (config: QueryConfig): Promise<QueryResult> => {
      const result = await query(config);
      const isCharacter = result.fields.map(({ dataTypeID }) => dataTypeID === CATALOG_CHAR_OID);
      characterColumns = new Set(isCharacter.flatMap((is, index) => (is ? [index] : [])));
      for (const index of characterColumns) Object.assign(result.fields[index] ?? {}, { dataTypeID: TEXT_OID });
      return result;
    },
  });

  const withCharacters = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (sql) => {
      const result = await queryRaw(sql);
      const columnTypes = result.columnTypes.map((type, index) =>
        characterColumns.has(index) ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  };
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => withCharacters(await factory.connect()),
    connectToShadowDb: () => factory.connectToShadowDb(),
  };
}
