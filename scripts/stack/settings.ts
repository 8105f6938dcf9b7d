// What a local stack can be told: ports, an existing database, and how much the apps log.

/** Settings of a stack. */
export interface StackSettings {
  port: number;
  emulatorPort: number;
  /** An existing Postgres; an embedded one is started when it is absent. */
  databaseUrl?: string;
  logLevel: string;
}

/**
 * Reads them from the environment.
 * @throws Error naming the variable that is no port
 */
export function stackSettings(env: Readonly<Record<string, string | undefined>>): StackSettings {
  return {
    port: portOf(env, 'PORT', 3000),
    emulatorPort: portOf(env, 'EMULATOR_PORT', 3100),
    databaseUrl: env.DATABASE_URL || undefined,
    // Quiet, so that what the command itself says stays in sight.
    logLevel: env.LOG_LEVEL || 'warn',
  };
}

function portOf(env: Readonly<Record<string, string | undefined>>, variable: string, fallback: number): number {
  const text = env[variable];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${variable} must be a port, 1 to 65535.`);
  return port;
}
