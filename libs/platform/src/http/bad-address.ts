// Addresses that the router cannot read: such requests go the way of all others, to be counted, timed and logged.
import type { IncomingMessage } from 'node:http';
import { DomainError, toDomainError } from '@app/platform/problems';
import type { FastifyInstance } from 'fastify';

/** An address that the router can read and that no route has. */
const NOWHERE = '//';

/** The one error of the router that is answered as an address with nothing at it: else it would tell where routes are. */
const TOO_LONG = 'FST_ERR_MAX_PARAM_LENGTH';

interface BadAddress {
  /** As it was sent. */
  readonly url: string | undefined;
  readonly error: DomainError | undefined;
}

const badAddresses = new WeakMap<IncomingMessage, BadAddress>();

/** Gives a request whose address the router failed on with this error one that leads nowhere. */
export function leadNowhere(request: IncomingMessage, error: Error & { readonly code: string }): void {
  badAddresses.set(request, { url: request.url, error: error.code === TOO_LONG ? undefined : malformed(error) });
  request.url = NOWHERE;
}

/** The address of a request as it was sent, when the router could not read it. */
export function badAddressOf(request: IncomingMessage): string | undefined {
  return badAddresses.get(request)?.url;
}

/** Answers requests whose address is malformed, after all that is done with requests when they come in. */
export function refuseBadAddresses(instance: FastifyInstance): void {
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const error = badAddresses.get(request.raw)?.error;
    if (error === undefined) done(null, payload);
    else done(error);
  });
}

/** What may follow on the connection is not waited for. */
function malformed(cause: Error): DomainError {
  const { code, detail } = toDomainError(cause);
  return new DomainError(code, detail, { cause, headers: { Connection: 'close' } });
}
