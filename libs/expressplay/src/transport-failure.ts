// Why no complete answer came, as a name that says whether the request may have been sent.
import { errors } from 'undici';
import { TransportError, type TransportFailureReason } from './errors.js';

/** No connection was made, for the reason that the code tells: nothing can have been sent. */
export class NotConnectedError extends Error {
  readonly code: string | undefined;

  /** @param cause what is wrong */
  constructor(cause: Error) {
    super('no connection was made');
    this.code = codeOf(cause);
  }
}

const CONNECT_TIMEOUT = /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/;

/** What codes are about. One that a connection in use can end with as well means that the request was sent. */
const REASONS: readonly (readonly [RegExp, TransportFailureReason])[] = [
  [/^UND_ERR_CONNECT_TIMEOUT$/, 'connect-timeout'],
  [/^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL)$/, 'connect'],
  // Node's and OpenSSL's names for a certificate that is not accepted.
  [/^(?:ERR_TLS_CERT_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH)/, 'connect'],
  [/^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPROTO)$/, 'reset'],
  [/^(?:UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|ERR_TLS_|ERR_SSL_)/, 'reset'],
  [/^UND_ERR_HEADERS_OVERFLOW$/, 'protocol'],
  [/^UND_ERR_(?:CLOSED|DESTROYED)$/, 'closed'],
];

/**
 * The `TransportError` for whatever was thrown. Nothing of that error is kept but its code: it may hold the request.
 *
 * @param deadlinePassed whether the deadline of the whole call had passed
 */
export function nameTransportFailure(error: unknown, deadlinePassed: boolean): TransportError {
  if (deadlinePassed) return new TransportError('timeout');
  const code = codeOf(error);
  if (error instanceof NotConnectedError) {
    return new TransportError(code !== undefined && CONNECT_TIMEOUT.test(code) ? 'connect-timeout' : 'connect', code);
  }
  // Known by its class: this error of undici's mostly has no code.
  if (error instanceof errors.HTTPParserError) return new TransportError('protocol', code);
  const [, reason = 'other'] = REASONS.find(([codes]) => code !== undefined && codes.test(code)) ?? [];
  return new TransportError(reason, code);
}

/** The error's code, if it looks like one: a code is a constant of a library, never text from outside. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
