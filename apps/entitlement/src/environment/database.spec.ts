import { LiveValue } from '@app/platform/configuration';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { currentDatabaseUrl, postgresUrl } from './database.js';

const URL_WITH_PASSWORD = 'postgresql://bff:old@db.example:5433/bff?sslmode=disable';
const urlOf = (password: string | undefined, url = URL_WITH_PASSWORD): string =>
  currentDatabaseUrl({ DATABASE_URL: new LiveValue(url), DATABASE_PASSWORD: new LiveValue(password) });

describe('the connection string', () => {
  it.each([
    ['postgresql://bff@db.example/bff', true],
    ['postgresql://bff@db.example/bff?sslmode=disable', false],
  ])('of %s asks for TLS by PGSSLMODE, where it says nothing of it itself', (url, isTls) => {
    const settings = { DATABASE_URL: new LiveValue(url), DATABASE_PASSWORD: new LiveValue(undefined) };
    const client = new Client({ connectionString: currentDatabaseUrl({ ...settings, PGSSLMODE: 'verify-full' }) });
    expect(client).toHaveProperty('ssl', isTls ? expect.anything() : false);
  });

  it.each([
    'schema=app',
    'schema=public&schema=app',
    'sslmode=disable&currentSchema=app',
    'search_path=app',
    'options=-c%20search_path%3Dapp',
  ])('is refused when its query is %s: the tables are in the schema public', (query) => {
    const url = Buffer.from(`postgresql://bff@db.example/bff?${query}`);
    expect(() => postgresUrl(url)).toThrow('must name no schema or search_path');
  });

  it.each(['schema=public', 'options=-c%20work_mem%3D4MB'])('may have the query %s', (query) => {
    const url = `postgresql://bff@db.example/bff?${query}`;
    expect(postgresUrl(Buffer.from(url))).toBe(url);
  });

  it('is DATABASE_URL as it is when there is no other password', () => {
    expect(urlOf(undefined)).toBe(URL_WITH_PASSWORD);
  });

  it.each(['new', ' @:/?#[]%2F%+&=é', 'a'.repeat(500)])('takes the password %j to the server as it is', (password) => {
    const client = new Client({ connectionString: urlOf(password) });
    expect(client).toMatchObject({ user: 'bff', host: 'db.example', port: 5433, database: 'bff' });
    expect(client.password).toBe(password);
  });

  it.each([
    ['has none', 'postgresql://bff@db.example/bff', { user: 'bff', host: 'db.example' }],
    ['has one in the query', 'postgresql://bff@db.example/bff?password=old', { user: 'bff', host: 'db.example' }],
    [
      'is on a socket',
      'postgresql:///bff?host=/var/run/postgresql&user=bff',
      { user: 'bff', host: '/var/run/postgresql' },
    ],
    [
      'is on a socket by its name',
      'postgresql://bff:old@%2Fvar%2Frun%2Fpostgresql/bff',
      { user: 'bff', host: '/var/run/postgresql' },
    ],
  ])('takes the password where DATABASE_URL %s', (_, url, expected) => {
    const client = new Client({ connectionString: urlOf('new ü', url) });
    expect(client).toMatchObject({ ...expected, database: 'bff' });
    expect(client.password).toBe('new ü');
  });
});
