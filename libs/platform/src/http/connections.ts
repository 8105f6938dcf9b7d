// The connections under requests: their ends, and how long they may take.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Budget } from '@app/platform/clock';
import { DomainError } from '@app/platform/problems';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServerLimits } from './server.js';
import { streamedBodyOf } from './streamed-body.js';
import { hasBody } from './strict-requests.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What is left of the request's time. */
    budget: Budget;
  }
}

// For everything that is under way on a connection: a pipelined request whose turn never came may hear of nothing else.
const ENDS = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `act` when the connection ends. It has one listener, however many requests it carries.
 * @returns calls it off
 */
function onConnectionEnd(socket: Socket, act: () => void): () => void {
  const acts = ENDS.get(socket) ?? watch(socket);
  acts.add(act);
  return () => acts.delete(act);
}

/**
 * Closes responses with their connection. Node closes the one whose turn it is, and tells nobody of those that wait behind it:
 * whoever gives something back at a response's end would never do so.
 */
export function closeQueuedResponses(instance: FastifyInstance): void {
  instance.addHook('onRequest', ({ raw: { socket } }, { raw: response }, done) => {
    const callOff = onConnectionEnd(socket, () => {
      if (response.socket !== null || response.writableFinished) return;
      response.destroy();
      response.emit('close');
    });
    response.once('close', callOff);
    done();
  });
}

/**
 * A connection that was reset has no address that could be limited, and nobody waits for the answer: nothing is done for it. It
 * counts as aborted.
 */
export function dropResetConnections(instance: FastifyInstance): void {
  instance.addHook('onRequest', ({ raw: { socket } }, _reply, done) => {
    if (socket.remoteAddress === undefined) socket.destroy();
    else done();
  });
}

/**
 * An answer that is given once the listeners have closed ends its connection. Kept alive, that connection would keep the
 * process for `keepAliveTimeoutMs`, which is longer than an orchestrator waits. So would one whose caller stops in the middle of a
 * request's headers.
 */
export function endConnectionsOnClose(instance: FastifyInstance, servers: readonly Server[]): void {
  const endings = servers.map(endableConnections);
  let closing = false;
  instance.addHook('preClose', (done) => {
    closing = true;
    for (const end of endings) end();
    done();
  });
  instance.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('Connection', 'close');
    done();
  });
}

/**
 * Follows the requests of each connection.
 * @returns ends the connections that have none under way, now and as soon as that is so: a request whose headers have not all come
 *   is none, and nobody else would wait for them any more once the server is closed
 */
function endableConnections(server: Server): () => void {
  const underWay = new Map<Socket, number>();
  let isEnding = false;
  const endIfQuiet = (socket: Socket) => {
    if (isEnding && underWay.get(socket) === 0) socket.destroySoon();
  };
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
    endIfQuiet(socket);
  });
  server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = underWay.get(socket);
      if (count === undefined) return;
      underWay.set(socket, count - 1);
      endIfQuiet(socket);
    });
  });
  return () => {
    isEnding = true;
    for (const socket of underWay.keys()) endIfQuiet(socket);
  };
}

/**
 * Waits until the answers to requests before it on the connection are out. What is written earlier only piles up, and a
 * connection whose body is not read does not tell that it broke.
 * @returns false when the connection ended first
 */
export async function hasTurn(response: ServerResponse): Promise<boolean> {
  if (response.destroyed || response.socket !== null) return !response.destroyed;
  return new Promise((resolve) => {
    response.once('socket', () => resolve(true)).once('close', () => resolve(false));
  });
}

function watch(socket: Socket): Set<() => void> {
  const acts = new Set<() => void>();
  ENDS.set(socket, acts);
  socket.once('close', () => {
    for (const act of acts) act();
    acts.clear();
  });
  return acts;
}

/**
 * Calls `act` once, unless the connection ends before.
 * @returns calls it off
 */
export function startConnectionTimer(socket: Socket, act: () => void, milliseconds: number): () => void {
  const timer = setTimeout(() => {
    forget();
    act();
  }, milliseconds).unref();
  const forget = onConnectionEnd(socket, () => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    forget();
  };
}

/**
 * Gives each request its budget: it ends requests whose body is not received in time, answers those that take too long, and
 * abandons what is done for a caller who was answered like that or has hung up. Node's own `requestTimeout` holds for every request
 * of a server; here routes that stream their body are exempt.
 */
export function keepDeadlines(instance: FastifyInstance, limits: ServerLimits): void {
  const { bodyTimeoutMs, answerTimeoutMs } = limits;
  instance.decorateRequest('budget');
  instance.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    const { raw: response } = reply;
    const isStreamed = streamedBodyOf(request) !== undefined;
    const isLimited = !isStreamed && answerTimeoutMs > 0;
    const budget = new Budget(isLimited ? answerTimeoutMs : Infinity);
    request.budget = budget;
    if (!isStreamed && hasBody(raw.headers)) {
      const slow = () => giveUp(reply, new SlowBodyError());
      raw.once('close', startConnectionTimer(raw.socket, slow, bodyTimeoutMs));
    }
    const slow = () => {
      giveUp(reply, new SlowAnswerError());
      budget.abandon();
    };
    const callOff = isLimited ? startConnectionTimer(raw.socket, slow, answerTimeoutMs) : undefined;
    response.once('close', () => {
      callOff?.();
      if (!response.writableFinished) budget.abandon();
    });
    done();
  });
}

/** Answers, if nothing was answered yet, and ends the connection; after an answer its body may still be coming. */
function giveUp(reply: FastifyReply, error: DomainError): void {
  if (reply.sent || reply.raw.headersSent) reply.request.raw.socket.destroy();
  else void reply.send(error);
}

class SlowBodyError extends DomainError {
  constructor() {
    super('request-timeout', 'The body was not received in time.', { headers: { Connection: 'close' } });
  }
}

class SlowAnswerError extends DomainError {
  constructor() {
    super('service-unavailable', 'The request took too long. What was asked may have been stored.', {
      retryAfterSeconds: 1,
      headers: { Connection: 'close' },
    });
  }
}
