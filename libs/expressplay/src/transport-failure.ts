// Names what went wrong between this machine and ExpressPlay, whatever the HTTP library calls it.
import { errors } from 'undici';
import { TransportError, type TransportFailureReason } from './errors.js';

const REASONS: Readonly<Record<string, TransportFailureReason>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  ECONNREFUSED: 'connect',
  ENOTFOUND: 'connect',
  EAI_AGAIN: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  EPROTO: 'connect',
  UND_ERR_SOCKET: 'reset',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'protocol',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
};

/** Node's and OpenSSL's names for a certificate that is not accepted or a handshake that fails. */
const TLS_FAILURE =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|HOSTNAME_MISMATCH)/;

/**
 * The `TransportError` for whatever the HTTP library threw. Nothing of that error is kept but its code: it may hold the request.
 *
 * @param error what was thrown
 * @param deadlinePassed whether the deadline of the whole call had passed
 */
export function nameTransportFailure(error: unknown, deadlinePassed: boolean): TransportError {
  if (deadlinePassed) {
    return new TransportError('timeout');
  }
  const code = codeOf(error);
  // Known by its class: this error of undici's mostly has no code.
  if (error instanceof errors.HTTPParserError) {
    return new TransportError('protocol', code);
  }
  return new TransportError(reasonOf(code), code);
}

function reasonOf(code: string | undefined): TransportFailureReason {
  if (code === undefined) {
    return 'other';
  }
  return REASONS[code] ?? (TLS_FAILURE.test(code) ? 'connect' : 'other');
}

/** The error's code, if it looks like one: a code is a constant of a library, never text from outside. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}
