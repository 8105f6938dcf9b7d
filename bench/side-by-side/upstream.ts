// ExpressPlay's token services, as far as a bench needs them: a process that looks at each request's parameters and sells a token
// after the milliseconds that its parent has told it last. The token says what was asked for, so that a wrong one is found out.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** Besides those of every request; the second list is a rental's. */
const PARAMETERS: Record<string, readonly [always: string, rental: string]> = {
  pr: [
    'rightsType kid analogVideoOPL compressedDigitalAudioOPL compressedDigitalVideoOPL uncompressedDigitalAudioOPL ' +
      'uncompressedDigitalVideoOPL unknownOutputBehavior',
    'rental.periodEndTime rental.playDuration generalFlags',
  ],
  fp: ['iv', 'rentalDuration'],
  wv: ['kid securityLevel hdcpOutputControl', 'licenseDuration'],
};
const COMMON = 'customerAuthenticator errorFormat kek ek expirationTime cookie useHttps';
const sorted = (...names: string[]) => names.join(' ').split(' ').sort().join(' ');
const EXPECTED = new Map(
  Object.entries(PARAMETERS).map(([service, [always, rental]]) => [
    service,
    [sorted(COMMON, always), sorted(COMMON, always, rental)],
  ]),
);

let latencyMs = 0;

async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  const form = new URLSearchParams(await text(request));
  if (latencyMs > 0) await pause(latencyMs);
  const service = /^\/hms\/(\w\w)\/token$/.exec(request.url ?? '')?.[1] ?? '';
  const names = [...form.keys()].sort().join(' ');
  if (!EXPECTED.get(service)?.includes(names)) {
    return { status: 400, body: JSON.stringify({ errorCode: -2002, errorMessage: `${service}: ${names}` }) };
  }
  const seconds = form.get('rental.playDuration') ?? form.get('rentalDuration') ?? form.get('licenseDuration') ?? '';
  const bought = [form.get('cookie'), form.get('ek'), service, seconds].join(' ');
  const token = Buffer.from(bought).toString('base64url');
  const url = `https://127.0.0.1/${service}/license`;
  const body =
    service === 'pr' ? JSON.stringify({ licenseAcquisitionUrl: url, token }) : `${url}?ExpressPlayToken=${token}\r\n`;
  return { status: 200, body };
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  void answer(request).then(({ status, body }) => response.writeHead(status).end(body));
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', (milliseconds: number) => {
  latencyMs = milliseconds;
  process.send?.('set');
});
process.on('disconnect', () => process.exit());
