// HTTP without a client's corrections, and arbitrary requests for the services' URLs: from noise to requests that are almost valid.
import { Agent, METHODS, request } from 'node:http';
import fc from 'fast-check';
import { type Service, SERVICES } from '../documented-codes.js';
import { TOKEN_PATHS } from './emulator-session.js';
import { ACCOUNTS, encode, entriesOf, type Entry, STORED_KEY, VALID_REQUESTS, wrappedKey } from './requests.js';

/** What is sent. `path` is put on the wire as it is, in Latin-1. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Whether the body is sent in chunks instead of with its length. */
  readonly chunked?: boolean;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** The methods that Node knows; CONNECT is no request for a resource, and nobody listens for tunnels. */
export const HTTP_METHODS: readonly string[] = METHODS.filter((method) => method !== 'CONNECT');

/** A sender to one server. Close it. */
export class RawSender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(private readonly url: string) {}

  /** Sends and reads the whole answer. Rejects when the connection is dropped, or nothing comes for 10 seconds. */
  send({ method, path, headers, body, chunked = false }: RawRequest): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      // Said in so many words: for methods that seldom have a body Node would send it without either.
      const framing: Record<string, string> = chunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(body.length) };
      const options = { agent: this.#agent, hostname, port, method, path, timeout: 10_000 };
      const outgoing = request({ ...options, headers: { ...headers, ...(body.length > 0 && framing) } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 10 seconds')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const FORM = 'application/x-www-form-urlencoded';

/** Every parameter that the reference names, for any service. */
const NAMES = [
  'customerAuthenticator errorFormat expirationTime cookie deviceId generalFlags ExpressPlayToken',
  'rightsType rental.periodEndTime rental.playDuration rentalDuration licenseDuration',
  'kid contentKey kek ek iv securityLevel hdcpOutputControl contentId',
  'analogVideoOPL compressedDigitalAudioOPL compressedDigitalVideoOPL uncompressedDigitalAudioOPL uncompressedDigitalVideoOPL',
  'unknownOutputBehavior outputControlFlags extensionType extensionPayload fpExtension wvExtension',
  'useHttps minCertSecurityLevel playbackDuration algId kid.0 contentKey.0',
].flatMap((line) => line.split(' '));

const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
);

const TELLING_VALUES: readonly string[] = [
  ...' 0 1 5 999 +60 + ^ 00000001 0000 Rental BuyToOwn json html true wudo,AAAA wudo ,'.split(' '),
  ...Object.values(STORED_KEY),
  ...Object.values(wrappedKey()),
  ACCOUNTS.good,
  ACCOUNTS.fairPlayOff,
];

/** Values: some that mean something somewhere, numbers and moments of all sizes, and any text. */
const value = fc.oneof(
  fc.constantFrom(...TELLING_VALUES),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map((number) => `+${number}`),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefg'), maxLength: 66 }),
  fc.string({ unit: 'binary', maxLength: 70 }),
);

const entry: fc.Arbitrary<Entry> = fc.tuple(name, value);

/** A valid request with a few parameters replaced, added or left out. */
const almostValid = fc
  .tuple(fc.constantFrom(...SERVICES), fc.array(entry, { maxLength: 4 }), fc.constantFrom('', ...NAMES))
  .map(([service, changes, leftOut]): [Service, string] => {
    const whole: Entry[] = [
      ...entriesOf({ customerAuthenticator: ACCOUNTS.good, ...VALID_REQUESTS[service] }),
      ...changes,
    ];
    const changed = new Set(changes.map(([changedName]) => changedName));
    const kept = whole.filter(
      (one, index) => one[0] !== leftOut && (index >= whole.length - changes.length || !changed.has(one[0])),
    );
    return [service, encode(kept)];
  });

/** Printable ASCII and Latin-1 without spaces: all that fits into a request line. */
const target = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCodePoint(code)),
  maxLength: 300,
});

const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constant(FORM) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      `${FORM}; charset=utf-8`,
      'application/json',
      'text/plain',
      'text/xml',
      'multipart/form-data',
      '',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)),
      maxLength: 60,
    }),
  },
);

const bytes = fc.oneof(
  fc.array(entry, { maxLength: 8 }).map((entries) => Buffer.from(encode(entries))),
  target.map((characters) => Buffer.from(characters, 'latin1')),
  fc.uint8Array({ maxLength: 2_000 }).map((array) => Buffer.from(array)),
  fc.json().map((json) => Buffer.from(json)),
);

const query = fc.oneof(
  fc.array(entry, { maxLength: 8 }).map((entries) => encode(entries)),
  target,
);

const method = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('GET', 'POST') },
  { weight: 1, arbitrary: fc.constantFrom(...HTTP_METHODS) },
);

/** Requests that reach deep into the checks: valid ones with a few parameters changed. */
export const almostValidRequests: fc.Arbitrary<RawRequest> = fc
  .tuple(almostValid, fc.constantFrom('GET', 'POST'))
  .map(([[service, parameters], how]) => ({
    method: how,
    path: TOKEN_PATHS[service] + (how === 'GET' ? `?${parameters}` : ''),
    headers: { 'content-type': FORM },
    body: Buffer.from(how === 'GET' ? '' : parameters),
  }));

/**
 * Anything that is HTTP, at or around these paths. What is not quite HTTP, a target beyond ASCII, is refused before its method is
 * known, so with a body, which the reader of a HEAD takes for another answer: no HEAD with such a target.
 */
export function anyRequests(paths: readonly string[]): fc.Arbitrary<RawRequest> {
  const path = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...paths) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...paths), target).map(([base, rest]) => base + rest) },
    { weight: 1, arbitrary: target.map((rest) => `/${rest}`) },
  );
  return fc
    .tuple(method, path, fc.option(query), contentType, bytes, fc.boolean())
    .map(([how, where, search, type, body, chunked]) => ({
      method: how,
      path: search === null ? where : `${where}?${search}`,
      headers: { 'content-type': type },
      body,
      chunked,
    }))
    .filter(({ method: how, path: where }) => how !== 'HEAD' || /^[\x21-\x7e]*$/.test(where));
}
