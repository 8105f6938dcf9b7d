// Reads what Postgres sends, and survives what is not Postgres's: damaged or foreign bytes.
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Parser } from 'pg-protocol/dist/parser.js';

/** What of node-postgres's connection its types leave out. */
export interface Wire extends EventEmitter {
  /** Leads the socket's bytes to the parser, and its messages to the connection. */
  attachListeners(stream: Socket): void;
}

/** What of the parser its types leave out. */
interface Frames {
  handlePacket(offset: number, code: number, length: number, bytes: Buffer): unknown;
}

// Two kinds of message, and the bytes of a message's length, which counts itself.
const ERROR = 0x45;
const NOTICE = 0x4e;
const LENGTH_BYTES = 4;

/**
 * Bytes that cannot be read would end the process, or be read in a loop without end.
 * @param onGarbage told of them, to end the connection
 */
export function readCarefully(connection: Wire, onGarbage: () => void): void {
  const parser = new Parser();
  const frames = parser as unknown as Frames;
  const read = frames.handlePacket.bind(parser);
  frames.handlePacket = (offset, code, length, bytes) => {
    const end = offset + length - LENGTH_BYTES;
    const isEnded = bytes[end - 1] === 0 && (end - offset === 1 || bytes[end - 2] === 0);
    if ((code === ERROR || code === NOTICE) && !isEnded) throw new Error('an error of Postgres has no end');
    return read(offset, code, length, bytes);
  };
  connection.attachListeners = (stream) => {
    stream.on('data', (bytes: Buffer) => {
      try {
        parser.parse(bytes, (message) => {
          connection.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
        });
      } catch {
        onGarbage();
      }
    });
  };
}
