// The answer to what cannot be answered as a request.
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { DomainError, PROBLEM_MEDIA_TYPE, problemDocument } from '@app/platform/problems';
import type { Answers } from './answers.js';

type Headers = Readonly<Record<string, string>>;

const TOO_LARGE = new Set(['HPE_HEADER_OVERFLOW', 'HPE_CHUNK_EXTENSIONS_OVERFLOW']);

/** Answers what is not even HTTP, or came too slowly: there is no request, only a socket. */
export function answerProtocolError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: Headers,
  answers: Answers,
): void {
  // What Node is writing to it, which its types leave out.
  const { _httpMessage: response } = socket as Duplex & { readonly _httpMessage?: ServerResponse | null };
  if (error.code === 'ECONNRESET' || !socket.writable || response?.headersSent === true) {
    socket.destroy(error);
    return;
  }
  const problem = problemOf(error);
  answers.unreadable(problem.code, response);
  answerSocket(socket, problem, headers);
}

/** Answers what Node would answer without a body, or not at all. */
export function answerSilences(server: Server, headers: () => Headers, answers: Answers): void {
  // An expectation is judged with the other headers.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request, socket: Duplex) => {
    const problem = new DomainError('method-not-allowed', 'This service is no proxy.');
    answers.unreadable(problem.code);
    answerSocket(socket, problem, headers());
  });
}

function problemOf({ code }: NodeJS.ErrnoException): DomainError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new DomainError('request-timeout', 'The headers were not received in time.');
  }
  if (code !== undefined && TOO_LARGE.has(code)) {
    return new DomainError('headers-too-large', 'The headers are larger than this service takes.');
  }
  return new DomainError('invalid-request', 'The request is not readable as HTTP.');
}

function answerSocket(socket: Duplex, error: DomainError, headers: Headers): void {
  const document = problemDocument(error);
  const body = JSON.stringify(document);
  const fields = {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': PROBLEM_MEDIA_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  };
  const head = [
    `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status]}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
  ];
  // Whatever goes wrong on a connection that is being given up is of no interest.
  socket.on('error', () => undefined);
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
