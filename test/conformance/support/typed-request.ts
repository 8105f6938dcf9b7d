// Reads parameters back as a typed request of the client, where its types can say the same.
import type { ContentKeySource, LicenseExtension, PlayReadyRights, TokenRequest } from '@app/expressplay';
import type { Service } from '../documented-codes.js';
import { NOW, type Parameters } from './requests.js';

/** Raised inside this file: the types cannot say it. */
class Inexpressible extends Error {}

/**
 * The request that stands for these licence parameters (without authenticator and error format); undefined when there is none,
 * because the types leave no room for what is wrong with them.
 */
export function typedRequestOf(service: Service, parameters: Parameters): TokenRequest | undefined {
  const reader = new Reader(parameters);
  try {
    const request = READERS[service](reader);
    // Parameters that no type has room for.
    return reader.unread().length === 0 ? request : undefined;
  } catch (error) {
    if (error instanceof Inexpressible) return undefined;
    throw error;
  }
}

const READERS: Readonly<Record<Service, (reader: Reader) => TokenRequest>> = {
  playready: (reader) => ({
    drm: 'playready',
    ...keysOf(reader, (own) => ({ minCertSecurityLevel: own.optionalNumber('minCertSecurityLevel') })),
    algId: reader.text('algId') as 'aescbc' | undefined,
    rights: rightsOf(reader),
    opl: {
      analogVideo: reader.number('analogVideoOPL'),
      compressedDigitalAudio: reader.number('compressedDigitalAudioOPL'),
      compressedDigitalVideo: reader.number('compressedDigitalVideoOPL'),
      uncompressedDigitalAudio: reader.number('uncompressedDigitalAudioOPL'),
      uncompressedDigitalVideo: reader.number('uncompressedDigitalVideoOPL'),
    },
    // The type is narrower than the text: what lies outside it is what the client has to refuse.
    unknownOutputBehavior: reader.text('unknownOutputBehavior') as 'Allow' | undefined,
    outputControlFlags: reader.text('outputControlFlags'),
    extension: reader.has('extensionType')
      ? { type: reader.required('extensionType'), payload: reader.text('extensionPayload') ?? '' }
      : undefined,
    ...tokenOf(reader),
  }),
  fairplay: (reader) => ({
    drm: 'fairplay',
    iv: reader.required('iv'),
    // The client's request has a use for a KID with key storage only, and would not send it otherwise.
    kid: reader.has('kek') && !reader.has('ek') ? reader.text('kid') : undefined,
    key: keyOf(reader),
    rentalDurationSeconds: reader.has('rentalDuration') ? nonZero(reader.number('rentalDuration')) : undefined,
    extensions: reader.all('fpExtension').map(extensionOf),
    ...tokenOf(reader),
  }),
  widevine: (reader) => ({
    drm: 'widevine',
    ...keysOf(reader, (own) => ({
      securityLevel: own.number('securityLevel'),
      hdcpOutputControl: own.number('hdcpOutputControl'),
      trackType: own.optionalNumber('trackType'),
    })),
    persistent: persistentOf(reader),
    licenseDurationSeconds: reader.has('licenseDuration') ? reader.number('licenseDuration') : undefined,
    playbackDurationSeconds: reader.optionalNumber('playbackDuration'),
    contentId: reader.text('contentId'),
    extensions: reader.all('wvExtension').map(extensionOf),
    ...tokenOf(reader),
  }),
};

function tokenOf(reader: Reader): { expiresAt: Date; cookie: string | undefined } {
  const end = reader.text('expirationTime') ?? '+60';
  // Whole seconds are all that a date is sent with.
  if (end.startsWith('+') && !/^\+-?\d+$/.test(end)) throw new Inexpressible();
  return { expiresAt: momentOf(end), cookie: reader.text('cookie') };
}

/** One key, or those whose parameters carry numbers: the first of them, and the others. */
function keysOf<T>(reader: Reader, own: (reader: Reader) => T) {
  const read = (of: Reader) => ({ kid: of.required('kid'), key: keyOf(of), ...own(of) });
  const numbered = reader.numbered();
  if (numbered.length === 0) return read(reader);
  const [first, ...otherKeys] = numbered.map(read);
  if (numbered.some((of) => of.unread().length > 0)) throw new Inexpressible();
  return { ...first!, otherKeys };
}

function persistentOf(reader: Reader): boolean | undefined {
  const flags = reader.text('generalFlags');
  if (flags === undefined) return undefined;
  return ['00000000', '00000001'].includes(flags) ? flags === '00000001' : inexpressible();
}

function keyOf(reader: Reader): ContentKeySource {
  if (reader.has('contentKey')) return { kind: 'clear', contentKey: reader.bytes('contentKey') };
  const kek = reader.bytes('kek');
  return reader.has('ek') ? { kind: 'wrapped', kek, ek: reader.bytes('ek') } : { kind: 'key-storage', kek };
}

function rightsOf(reader: Reader): PlayReadyRights {
  const type = reader.required('rightsType');
  const flags = reader.text('generalFlags');
  if (type === 'Rental') {
    if (flags !== '00000001') throw new Inexpressible();
    const periodEndTime = momentOf(reader.required('rental.periodEndTime'));
    return reader.has('rental.playDuration')
      ? { type: 'rental', periodEndTime, playDurationSeconds: reader.number('rental.playDuration') }
      : { type: 'rental', periodEndTime };
  }
  if (flags !== undefined && !['00000000', '00000001'].includes(flags)) throw new Inexpressible();
  // Again narrower than the text.
  return { type: (type === 'BuyToOwn' ? 'buy-to-own' : type) as 'buy-to-own', persistent: flags === '00000001' };
}

/** A moment as a date: seconds from now, RFC 3339 in `Z`, or nothing that is a moment. */
function momentOf(text: string): Date {
  if (text.startsWith('+')) return new Date(NOW.getTime() + Number(text.slice(1) || Number.NaN) * 1000);
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return moment;
  // JavaScript reads more than RFC 3339, and a 29 February of any year: a date cannot say what is wrong with those.
  const digits = text.replace(/(?:\.\d+)?Z$/, '');
  return text.endsWith('Z') && moment.toISOString().startsWith(digits) ? moment : inexpressible();
}

/** To the client 0 is no duration: it is left out instead. */
function nonZero(seconds: number): number {
  return seconds === 0 ? inexpressible() : seconds;
}

function extensionOf(value: string): LicenseExtension {
  const comma = value.indexOf(',');
  if (comma === -1) throw new Inexpressible();
  return { type: value.slice(0, comma), payload: value.slice(comma + 1) };
}

/** Hands out parameters and remembers which. */
class Reader {
  readonly #unread: Map<string, readonly string[]>;

  constructor(parameters: Parameters) {
    const given = Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat()] as const],
    );
    this.#unread = new Map(given);
  }

  has(name: string): boolean {
    return this.#unread.has(name);
  }

  all(name: string): readonly string[] {
    const values = this.#unread.get(name) ?? [];
    this.#unread.delete(name);
    return values;
  }

  text(name: string): string | undefined {
    const [value, ...more] = this.all(name);
    if (more.length > 0) throw new Inexpressible();
    return value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new Inexpressible();
    return value;
  }

  /** A number as JavaScript writes it. Text becomes NaN, and nothing becomes undefined: what a caller without types can pass. */
  number(name: string): number {
    const text = this.text(name);
    if (text === undefined) return undefined as unknown as number;
    const value = Number(text);
    // `1e2` and `+60` are numbers like any other once they are typed.
    return String(value) === text || Number.isNaN(value) ? value : inexpressible();
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  /** The parameters of each numbered key by names without its number, with the KEK that they share. */
  numbered(): Reader[] {
    const found: Record<string, readonly string[]>[] = [];
    for (const [name, values] of this.#unread) {
      const [, base, number] = /^(\w+)\.(\d)$/.exec(name) ?? [];
      if (base === undefined) continue;
      (found[Number(number)] ??= {})[base] = values;
      this.#unread.delete(name);
    }
    const kek = found.length > 0 ? this.all('kek') : [];
    return Array.from(
      found as (Record<string, readonly string[]> | undefined)[],
      (own = {}) => new Reader(kek.length > 0 ? { ...own, kek } : own),
    );
  }

  bytes(name: string): Uint8Array {
    const hex = this.required(name);
    return /^(?:[0-9a-f]{2})*$/i.test(hex) ? new Uint8Array(Buffer.from(hex, 'hex')) : inexpressible();
  }

  unread(): string[] {
    return [...this.#unread.keys()];
  }
}

function inexpressible(): never {
  throw new Inexpressible();
}
