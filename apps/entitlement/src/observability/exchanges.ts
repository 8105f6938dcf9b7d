// What becomes of each exchange with ExpressPlay: its span and its count, and a line in the log when an authenticator was refused.
// Beside them what was asked again, and what was not asked at all.
import { Injectable, Logger } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import {
  type AuthenticatorFallback,
  type AuthenticatorRole,
  classifyRefusal,
  type ExchangeWrapper,
  type ExpressPlayAnswer,
  ExpressPlayError,
  isEventCode,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
} from '@app/expressplay';
import { annotateSpan, currentTraceparent, type Failure, failureOfProblem, inSpan } from '@app/platform/telemetry';
import { type Drm, DRMS } from '../catalog/content.js';
import { NOT_ASKED, type NotAskedReason } from '../license-tokens/license-tokens.errors.js';
import { RETRY_OUTCOMES, type RetryOutcome } from '../license-tokens/retries.js';

const VARIABLES: Record<AuthenticatorRole, string> = {
  first: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR',
  second: 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT',
};

@Injectable()
export class Exchanges {
  readonly #answers: Counter<'drm' | 'code'>;
  readonly #retries: Counter<'drm' | 'outcome'>;
  readonly #heldBack: Counter<'drm' | 'reason'>;
  readonly #exhausted: Counter;
  readonly #fallbacks: Counter<'rejected' | 'tried' | 'outcome'>;

  readonly #logger = new Logger(Exchanges.name);

  constructor(registry: Registry) {
    const registers = [registry];
    this.#answers = new Counter({
      name: 'entitlement_expressplay_answers_total',
      help: 'What came of the requests to ExpressPlay: ok, its event code, or why there was no readable answer.',
      labelNames: ['drm', 'code'],
      registers,
    });
    this.#retries = new Counter({
      name: 'entitlement_expressplay_retries_total',
      help: 'Requests to ExpressPlay that bought nothing and could be sent once more: what came of it, or withheld.',
      labelNames: ['drm', 'outcome'],
      registers,
    });
    this.#heldBack = new Counter({
      name: 'entitlement_expressplay_requests_held_back_total',
      help: 'Requests that were refused without asking ExpressPlay, by what held them back.',
      labelNames: ['drm', 'reason'],
      registers,
    });
    this.#exhausted = new Counter({
      name: 'entitlement_token_balance_exhausted_total',
      help: 'Requests that ExpressPlay refused because the account has no tokens left (-2019).',
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'entitlement_authenticator_fallbacks_total',
      help: 'Requests refused for their authenticator (-2018) that were sent once more with another.',
      labelNames: ['rejected', 'tried', 'outcome'],
      registers,
    });
    // A rate needs the 0 that a counter starts from.
    for (const drm of DRMS) {
      this.#answers.inc({ drm, code: 'ok' }, 0);
      for (const outcome of RETRY_OUTCOMES) this.#retries.inc({ drm, outcome }, 0);
      for (const reason of Object.keys(NOT_ASKED)) this.#heldBack.inc({ drm, reason }, 0);
    }
    for (const rejected of ['first', 'second']) {
      for (const tried of ['first', 'second']) {
        for (const outcome of ['accepted', 'rejected', 'failed']) this.#fallbacks.inc({ rejected, tried, outcome }, 0);
      }
    }
  }

  /** ExpressPlay was asked: with a change of authenticators twice for one token. */
  answered({ service: drm, error }: ExpressPlayAnswer): void {
    this.#answers.inc({ drm, code: answerCode(error) });
    if (error instanceof RefusedError && classifyRefusal(error).class === 'balance') this.#exhausted.inc();
  }

  /** A request that bought nothing could be sent once more. */
  retried(drm: Drm, outcome: RetryOutcome): void {
    this.#retries.inc({ drm, outcome });
  }

  /** A request was not sent. */
  heldBack(drm: Drm, reason: NotAskedReason): void {
    this.#heldBack.inc({ drm, reason });
  }

  /** A request was refused for its authenticator and sent again with another one. */
  fellBack({ rejected, tried, outcome, switched }: AuthenticatorFallback): void {
    this.#fallbacks.inc({ rejected, tried, outcome });
    const facts = { rejected: VARIABLES[rejected], tried: VARIABLES[tried], outcome };
    const again = tried === rejected ? 'the one that has replaced it' : facts.tried;
    const message = `ExpressPlay refused ${facts.rejected} (-2018); the request was sent once more with ${again}: ${outcome}`;
    this.#logger.warn({ authenticatorFallback: facts }, message);
    if (!switched) return;
    this.#logger.warn(`Token requests begin with ${facts.tried} until it is refused or the authenticators change`);
  }
}

/** The span of an exchange, whose trace ExpressPlay is given. Of the answer it takes status and event code, never the token. */
export const exchangeSpan: ExchangeWrapper = ({ service, url }, send) => {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const attributes = {
    'http.request.method': 'POST',
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
    'entitlement.drm': service,
  };
  return inSpan('expressplay.token', { attributes, client: true, failureOf }, async () => {
    const answer = await send(currentTraceparent());
    // A token is read of this status alone.
    annotateSpan({ 'http.response.status_code': 200 });
    return answer;
  });
};

function failureOf(error: unknown): Failure {
  if (!(error instanceof ExpressPlayError)) return failureOfProblem(error);
  const answered = error instanceof RefusedError || error instanceof UnreadableAnswerError;
  return {
    type: answerCode(error),
    isFault: true,
    attributes: {
      ...(answered ? { 'http.response.status_code': error.httpStatus } : {}),
      ...(error instanceof RefusedError && error.code !== undefined ? { 'expressplay.code': error.code } : {}),
    },
  };
}

/**
 * `ok`, the documented event code, `undocumented`, `unreadable`, or why no answer came. Whoever answers in ExpressPlay's place
 * may send any number: only documented codes are passed on.
 */
function answerCode(error: ExpressPlayError | undefined): string {
  if (error === undefined) return 'ok';
  if (error instanceof TransportError) return error.reason;
  if (error instanceof UnreadableAnswerError) return 'unreadable';
  const code = error instanceof RefusedError ? error.code : undefined;
  return code !== undefined && isEventCode(code) ? String(code) : 'undocumented';
}
