// The answer to what cannot be answered as a request.
import type { Socket } from 'node:net';
import { DomainError, PROBLEM_MEDIA_TYPE, problemDocument } from '@app/problems';

/** What is not even HTTP, or came too slowly: there is no request, only a socket. */
export function answerProtocolError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const document = problemDocument(new DomainError('invalid-request', 'The request is not readable as HTTP.'));
    const body = JSON.stringify(document);
    const head = [
      'HTTP/1.1 400 Bad Request',
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}
