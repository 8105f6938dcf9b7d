// Sends purchases to the service line by line, and reads its report while doing so.
import { Readable } from 'node:stream';
import { decodeJwt } from 'jose';
import { Client, errors } from 'undici';
import type { ImportSummary, RefusedLine } from '../../purchases/purchases.dto.js';
import { CommandError, EXIT, unavailable, usageError } from '../terminal/exit-codes.js';

interface ImportOrder {
  /** The service, on its management port. */
  readonly url: URL;
  readonly bearer: string;
  /** The lines, from `firstLine` on. That they cannot be read is a `CommandError`. */
  readonly lines: AsyncIterable<Uint8Array>;
  readonly firstLine: number;
  /** Everything as it would be, and nothing written. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly now: Date;
  readonly onProgress: (lastLine: number) => void;
  readonly onRefused: (line: Omit<RefusedLine, 'outcome'>) => void;
}

/** How an import ended: with the service's summary, or broken off after a line that it reported. */
export type ImportOutcome = { summary: ImportSummary } | { brokenOff: string; lastLine: number };

interface ReportLine extends RefusedLine {
  progress?: { lastLine: number };
  summary?: ImportSummary;
}

const PATH = 'v1/admin/purchases/batch';
const NDJSON = 'application/x-ndjson';
// The service itself closes a connection on which nothing moves for a minute.
const SILENCE_MS = 120_000;

/** @throws CommandError when the import did not begin, or the lines asked for are not there */
export async function importPurchases(order: ImportOrder): Promise<ImportOutcome> {
  const { url, bearer, lines, firstLine, dryRun, signal, now } = order;
  const base = url.href.replace(/\/*$/, '/');
  const query = `report=problems&firstLine=${firstLine}${dryRun ? '&dryRun=true' : ''}`;
  const target = new URL(`${PATH}?${query}`, base);
  const client = new Client(target.origin, { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS });
  let fault: unknown;
  // Keeps what went wrong with the lines apart from what goes wrong with the connection: the client reports both alike.
  const watched = async function* () {
    try {
      yield* lines;
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  const body = Readable.from(watched(), { objectMode: false });
  body.on('error', () => undefined);
  let lastLine = firstLine - 1;
  let begun = false;
  try {
    const answer = await client.request({
      method: 'POST',
      path: `${target.pathname}${target.search}`,
      headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': NDJSON, Accept: NDJSON },
      body,
      signal,
    });
    // Whoever reads the answer is told of its errors; once it has been read they mean nothing.
    answer.body.on('error', () => undefined);
    // A page of something else, a proxy's say, may come with 200 as well.
    if (answer.statusCode !== 200 || !String(answer.headers['content-type']).startsWith(NDJSON)) {
      throw refusal(answer.statusCode, await answer.body.text(), base, bearer, now);
    }
    begun = true;
    for await (const text of linesOf(answer.body)) {
      // What is no report is not of this service.
      const line = parsed<ReportLine>(text);
      if (line.summary !== undefined) return { summary: line.summary };
      lastLine = line.progress?.lastLine ?? lastLine;
      if (line.progress !== undefined) order.onProgress(lastLine);
      if (line.outcome !== 'error') continue;
      const { line: number = 0, externalId, errors: found = [] } = line;
      order.onRefused({ line: number, ...(externalId !== undefined && { externalId }), errors: found });
    }
    if (fault instanceof Error) throw fault;
    return { brokenOff: signal.aborted ? 'interrupted' : 'the connection broke', lastLine };
  } catch (error) {
    if (error instanceof CommandError && error !== fault) throw error;
    if (signal.aborted) return { brokenOff: 'interrupted', lastLine };
    if (fault instanceof CommandError && begun && fault.exitCode === EXIT.unavailable) {
      return { brokenOff: fault.message.replace(/\.$/, ''), lastLine };
    }
    const cause = fault ?? error;
    const isOfConnection = cause instanceof errors.UndiciError || (cause instanceof Error && 'code' in cause);
    if (!isOfConnection) throw cause;
    if (begun) return { brokenOff: codeOf(cause), lastLine };
    throw unavailable(
      `The service at ${base} does not answer (${codeOf(cause)}). See that --url names its management port, ` +
        'that it runs, and that it can be reached from here.',
    );
  } finally {
    body.destroy();
    await client.destroy();
  }
}

/** Not by `readline`, which throws what goes wrong with its input at nobody once it is no longer read. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const utf8 = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = `${rest}${utf8.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function codeOf(error: Error): string {
  const { code } = (error instanceof AggregateError ? error.errors[0] : error) as NodeJS.ErrnoException;
  return code ?? 'no connection';
}

/**
 * @param answer the body of an answer that is no success
 * @param bearer only its time of expiry is looked at
 */
export function refusal(status: number, answer: string, url: string, bearer: string, now: Date): CommandError {
  const { code, detail } = parsed<{ code: string; detail: string }>(answer);
  // Waiting helps: the service or what stands before it is busy, or the lines came too slowly.
  if (status >= 500 || status === 429 || status === 408) {
    return unavailable(
      `The service at ${url} cannot do it at the moment (${code ?? `HTTP ${status}`})${detail === undefined ? '.' : `: ${detail}`} Try again.`,
    );
  }
  const said = detail ?? `HTTP ${status}`;
  if (status === 401) {
    const expired = expiryOf(bearer);
    const since = expired !== undefined && expired <= now ? ` It expired at ${expired.toISOString()}.` : '';
    return usageError(
      `The service refused the bearer token: ${said}${since} Get a new one into ENTITLEMENT_BEARER_TOKEN, ` +
        'ENTITLEMENT_BEARER_TOKEN_FILE or the file of --token-file.',
    );
  }
  if (status === 403) return usageError(`${said} Ask the issuer for a token with that scope.`);
  if (status === 404 || status === 405 || code === undefined) {
    return usageError(
      `${url} is no admin API of this service (HTTP ${status}). --url names its management port, 3001 in production, ` +
        'such as http://127.0.0.1:3001.',
    );
  }
  return new CommandError(EXIT.usage, `The service refused the request (${code}): ${said}`);
}

/** What a text says as JSON; nothing where it is none. */
function parsed<T extends object>(text: string): Partial<T> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<T>;
  } catch {
    return {};
  }
}

/** The `exp` of a JWT, unverified: for a message alone. */
function expiryOf(token: string): Date | undefined {
  try {
    const { exp } = decodeJwt(token);
    return exp === undefined ? undefined : new Date(exp * 1000);
  } catch {
    return undefined;
  }
}
