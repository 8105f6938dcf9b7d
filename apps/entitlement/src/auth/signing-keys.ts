// The public keys that bearer tokens are verified with, kept up to date without overrunning the issuer.
import { Logger } from '@nestjs/common';
import type { Clock } from '@app/platform/clock';
import { ConfigurationError } from '@app/platform/configuration';
import { JWKS_TIMEOUT_MS } from '../deadlines.js';
import type { Environment } from '../environment.js';
import { SigningKeysUnavailableError } from './auth.errors.js';
import { KeySet } from './key-set.js';
import { JwksFile, type KeySource, keySource, KeySourceError } from './key-source.js';

export type KeyLog = Pick<Logger, 'log' | 'warn'>;

/** The keys in force. All requests share one attempt to read them; the last good set outlives failures, for a time. */
export class SigningKeys {
  #keys: KeySet | undefined;
  #text: string | undefined;
  #failure: KeySourceError | undefined;
  #attempt: Promise<void> | undefined;
  readonly #readings = { ok: 0, error: 0 };
  #readAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly source: KeySource,
    private readonly clock: Clock,
    private readonly logger: KeyLog = new Logger(SigningKeys.name),
  ) {}

  /** Whether the keys have been read since the start; they stay known when the source fails later. */
  get areKnown(): boolean {
    return this.#keys !== undefined;
  }

  /** How often the keys have been read, and how often that failed. */
  get readings(): Readonly<Record<'ok' | 'error', number>> {
    return this.#readings;
  }

  /** Seconds since keys were last read that are not used for ever; undefined when there are none such. */
  get agingSeconds(): number | undefined {
    const ages = this.#keys !== undefined && Number.isFinite(this.source.pace.maxStaleSeconds);
    return ages ? (this.clock.now().getTime() - this.#readAt) / 1000 : undefined;
  }

  /**
   * The keys in force. When they are due they are read again, and nobody waits for that who has good keys at hand: they are
   * used for a short time more, and while the source fails for as long as it allows. Keys that nobody has asked for in a
   * while are not used before they are read again: they may have been withdrawn long ago.
   *
   * @throws SigningKeysUnavailableError when there are no keys, or they are too old to be trusted
   */
  async current(): Promise<KeySet> {
    const { refreshSeconds, overlapSeconds, retrySeconds, maxStaleSeconds } = this.source.pace;
    const usableSeconds = refreshSeconds + maxStaleSeconds;
    const age = this.#secondsSince(this.#readAt);
    if (age >= refreshSeconds) {
      // A failure of long ago says nothing of the source now.
      const failing =
        this.#failure !== undefined && this.#secondsSince(this.#failedAt) < Math.max(overlapSeconds, retrySeconds);
      const goodMeanwhile = failing || age < refreshSeconds + overlapSeconds;
      const attempt = this.#renew(retrySeconds);
      if (!goodMeanwhile || age > usableSeconds) await attempt;
    }
    if (this.#keys === undefined || this.#secondsSince(this.#readAt) > usableSeconds) {
      throw new SigningKeysUnavailableError(this.#failure);
    }
    return this.#keys;
  }

  /**
   * Other keys than those that did not verify a token, if the issuer has them by now: keys are rotated, and an id may be
   * used again. Undefined when nothing changed, or when the source has been asked only just now.
   */
  async otherThan(tried: KeySet): Promise<KeySet | undefined> {
    if (this.#keys === tried) await this.#renew(this.source.pace.unknownKeySeconds);
    return this.#keys === tried ? undefined : this.#keys;
  }

  /** Shares the attempt that is under way, or starts one if the last began at least so long ago. Never fails. */
  #renew(leastSeconds: number): Promise<void> {
    if (this.#attempt === undefined && this.#secondsSince(this.#triedAt) >= leastSeconds) {
      this.#triedAt = this.clock.now().getTime();
      this.#attempt = this.#read().finally(() => {
        this.#attempt = undefined;
      });
    }
    return this.#attempt ?? Promise.resolve();
  }

  async #read(): Promise<void> {
    try {
      const text = await this.source.read();
      const changed = text !== this.#text;
      if (changed) this.#keys = await KeySet.parse(text, this.source.mayBeEmpty);
      this.#text = text;
      this.#succeeded(changed);
    } catch (error) {
      this.#failed(error instanceof KeySourceError ? error : new KeySourceError('unreadable'));
    }
  }

  #succeeded(changed: boolean): void {
    this.#readings.ok += 1;
    const facts = { keys: this.#keys?.size, skipped: this.#keys?.skipped };
    if (changed) this.logger.log(facts, 'signing keys read');
    else if (this.#failure !== undefined) this.logger.log(facts, 'signing keys can be read again');
    if (changed && this.#keys?.hasSecretKeys === true) {
      this.logger.warn(facts, 'the issuer publishes private or symmetric keys, which are not used');
    }
    if (changed && this.#keys?.size === 0)
      this.logger.warn(facts, 'the issuer publishes no keys: every token is refused');
    this.#failure = undefined;
    this.#readAt = this.clock.now().getTime();
  }

  /** A failure that lasts is logged once, not at every attempt. */
  #failed(failure: KeySourceError): void {
    this.#readings.error += 1;
    if (failure.reason !== this.#failure?.reason) {
      const facts = { reason: failure.reason, detail: failure.message, oldKeys: this.#keys !== undefined };
      this.logger.warn(facts, 'signing keys could not be read');
    }
    this.#failure = failure;
    this.#failedAt = this.clock.now().getTime();
  }

  /** A moment in the future, after the clock was set back, is as good as long ago. */
  #secondsSince(moment: number): number {
    const seconds = (this.clock.now().getTime() - moment) / 1000;
    return seconds < 0 ? Number.POSITIVE_INFINITY : seconds;
  }
}

/** How long keys are still used after their ten minutes when they cannot be fetched again, in seconds. */
const MAX_STALE_SECONDS = 3600;

/**
 * Opens the source of keys. A file is read at once, since a wrong one is a mistake of the deployment; a URL when readiness or
 * a token first asks for a key, since the issuer may be down while the service starts.
 *
 * @throws ConfigurationError when the file is not a set of public keys
 */
export async function openSigningKeys(
  { AUTH_JWKS_URL: url }: Pick<Environment, 'AUTH_JWKS_URL'>,
  clock: Clock,
  log?: KeyLog,
): Promise<SigningKeys> {
  const limits = { timeoutMs: JWKS_TIMEOUT_MS, maxStaleSeconds: MAX_STALE_SECONDS };
  const source = keySource(url, limits);
  const keys = new SigningKeys(source, clock, log);
  if (!(source instanceof JwksFile)) return keys;
  let problem = 'names a file with private keys; expected public keys only';
  try {
    if (!(await keys.current()).hasSecretKeys) return keys;
  } catch (error) {
    if (!(error instanceof SigningKeysUnavailableError && error.cause instanceof KeySourceError)) throw error;
    problem =
      error.cause.reason === 'no-usable-key'
        ? 'names a file without a public key that may verify signatures'
        : 'names a file that is not a readable JSON Web Key Set';
  }
  throw new ConfigurationError([{ variable: 'AUTH_JWKS_URL', problem }]);
}
