// Lets licence URLs be as long as tokens become: a token carries the parameters of its request.
import type { Server } from 'node:http';

/**
 * The largest query and body, all of it characters that JSON escapes with six, once as parameters and once as terms, in
 * base64, have less than 1.5 MiB. Node's own limit, 16 KiB for the request line and the headers, would refuse such a
 * token before anything here could say so.
 */
const LARGEST_HEAD_BYTES = 2 * 1024 * 1024;

/** Raises the limit of a server, which Node looks up for every new connection. */
export function takeLongTokens(server: Server): void {
  Object.assign(server, { maxHeaderSize: LARGEST_HEAD_BYTES });
}
