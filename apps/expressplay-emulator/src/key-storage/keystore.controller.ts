// Key storage over HTTP, at ExpressPlay's own paths: lists, shows, stores and deletes content keys.
import { randomBytes } from 'node:crypto';
import { wrapKey } from '@app/expressplay';
import { JsonError, parseJson } from '@app/platform/http';
import { Controller, Delete, Get, Header, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountService } from '../accounts/accounts.js';
import { checkErrorFormat, EventError, PlainError } from '../protocol/errors.js';
import { ProtocolErrorFilter } from '../protocol/protocol.js';
import { challengeOf, parametersOf } from '../protocol/reading.js';
import { checkKid, readMoment } from '../protocol/values.js';
import { checkContentKey, EK_BYTES, KEK_BYTES, readEncryptedKey, unwrapped } from '../token-services/keys.js';
import { kekIdOf, KeyStorage, type StoredRecord } from './key-storage.js';

/** What a body that stores a key may have, each a text. */
const MEMBERS = ['kid', 'kekId', 'k', 'ek', 'info', 'expiration', 'contentId'] as const;

type KeyGiven = Partial<Record<(typeof MEMBERS)[number], string>>;

@Controller('keystore/keys')
@UseFilters(ProtocolErrorFilter)
export class KeystoreController {
  constructor(
    private readonly storage: KeyStorage,
    private readonly accounts: AccountService,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  list(@Req() request: FastifyRequest) {
    const kek = this.#kekOf(request);
    return this.storage.list().map((record) => ({ ...shown(record), ...keyOf(record, kek) }));
  }

  // A wildcard, because the router limits the length of a plain parameter and a kid after ^ can be longer.
  @Get('*')
  @Header('cache-control', 'no-store')
  get(@Req() request: FastifyRequest, @Param('*') kid: string) {
    const kek = this.#kekOf(request);
    const record = this.storage.get(checkKid(kid));
    if (record === undefined) throw notStored();
    const key = keyOf(record, kek);
    if (kek !== undefined && 'ek' in key) throw new EventError(-4024, 'the key was not wrapped under this kek');
    return { ...shown(record), ...key };
  }

  @Delete('*')
  @HttpCode(204)
  delete(@Req() request: FastifyRequest, @Param('*') kid: string): void {
    this.#kekOf(request);
    if (!this.storage.delete(checkKid(kid))) throw notStored();
  }

  /** A key that is made here is the only one whose answer has both its forms. */
  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  post(@Req() request: FastifyRequest) {
    const kek = this.#kekOf(request);
    const { k, ek: wrapped, kid, expiration, ...others } = readKeyGiven(challengeOf(request));
    if (expiration !== undefined && (expiration.startsWith('+') || readMoment(expiration, new Date(0)) === undefined)) {
      throw new PlainError(400, 'expiration is not an RFC 3339 date-time in Z');
    }
    const ek = wrapped === undefined ? wrappedHere(k, kek) : wrappedThere(wrapped, k, kek);
    const record = this.storage.store({
      ...others,
      kid: checkKid(kid ?? randomBytes(16).toString('hex')),
      ...(expiration !== undefined && { expiration }),
      kekId: others.kekId ?? kekIdOf(kek ?? ek),
      ek,
    });
    const isMade = k === undefined && wrapped === undefined;
    return { ...shown(record), ...(isMade && { ek: hex(ek) }), ...keyOf(record, kek) };
  }

  /** Who asks is looked at first, then the KEK. */
  #kekOf(request: FastifyRequest): Uint8Array | undefined {
    const parameters = parametersOf(request);
    checkErrorFormat(parameters);
    this.accounts.identify(parameters);
    return readEncryptedKey(parameters, 'kek', KEK_BYTES);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

const notStored = (): PlainError => new PlainError(404, 'no key is stored under this kid');

/** @throws EventError -2005, -2027, -4024 */
function wrappedHere(k: string | undefined, kek: Uint8Array | undefined): Uint8Array {
  if (k !== undefined) checkContentKey(k);
  if (kek === undefined) throw new EventError(-4024, 'a key that is not wrapped needs kek in the query');
  return wrapKey(kek, k === undefined ? randomBytes(16) : Buffer.from(k, 'hex'));
}

/** @throws EventError -4024 */
function wrappedThere(ek: string, k: string | undefined, kek: Uint8Array | undefined): Uint8Array {
  if (k !== undefined || kek !== undefined) throw new EventError(-4024, 'ek comes without k and kek');
  const bytes = readEncryptedKey({ get: () => ek }, 'ek', EK_BYTES);
  if (bytes === undefined) throw new EventError(-4024);
  return bytes;
}

/** With a KEK the clear key, without one the wrapped key, and so for a KEK that it was not wrapped under. */
function keyOf({ ek }: StoredRecord, kek: Uint8Array | undefined): { k: string } | { ek: string } {
  const key = kek && unwrapped(kek, ek);
  return key === undefined ? { ek: hex(ek) } : { k: hex(key) };
}

function shown({ kid, kekId, info, expiration, contentId, lastUpdate }: StoredRecord) {
  return { kid: kid.startsWith('^') ? kid : kid.toUpperCase(), kekId, info, expiration, contentId, lastUpdate };
}

/** @throws PlainError 400 for what is not an object of these members */
function readKeyGiven(text: string): KeyGiven {
  if (text === '') return {};
  let given: unknown;
  try {
    given = parseJson(Buffer.from(text));
  } catch (error) {
    if (error instanceof JsonError) throw new PlainError(400, `the body ${error.message}`);
    throw error;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new PlainError(400, 'the body is not a JSON object');
  }
  const known: readonly string[] = MEMBERS;
  const isWrong = Object.entries(given).some(([name, value]) => !known.includes(name) || typeof value !== 'string');
  if (isWrong) throw new PlainError(400, `the body may have ${MEMBERS.join(', ')}, each a text`);
  return given;
}
