// The database a command works on.

/** @throws Error when DATABASE_URL is not set */
export function requiredDatabaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url)
    throw new Error(
      'DATABASE_URL is not set. Name the database, for example postgresql://user:password@localhost:5432/entitlement.',
    );
  return url;
}
