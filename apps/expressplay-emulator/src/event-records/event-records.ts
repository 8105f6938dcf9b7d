// Record retrieval: one event for each redemption, as the account that bought the token can read it.
import { createHash, randomBytes } from 'node:crypto';
import type { TokenService } from '@app/expressplay';
import { Clock } from '@app/platform/clock';
import { Controller, Get, Header, Injectable, Param, Req, UseFilters } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccountService } from '../accounts/accounts.js';
import { FaultRegistry } from '../faults/faults.js';
import { checkErrorFormat, PlainError, wrongUrl } from '../protocol/errors.js';
import { ProtocolErrorFilter } from '../protocol/protocol.js';
import { parametersOf } from '../protocol/reading.js';
import { readInteger } from '../protocol/values.js';

/** One redemption at a licence server. Of these names the first is published, the others are this project's choice. */
export interface EventRecord {
  readonly event_id: string;
  readonly cookie: string | null;
  /** 32 hex digits, the same for the same device. */
  readonly device_id: string;
  readonly service: TokenService;
  /** When the token was redeemed, RFC 3339. */
  readonly event_time: string;
}

interface KeptRecord {
  readonly account: string;
  /** From when on it can be read, in milliseconds of the clock. */
  readonly from: number;
  readonly record: EventRecord;
}

/** The oldest records are forgotten beyond this number. */
const MOST = 100_000;
const NEWEST = 32;
const LONGEST_PAGE = 200;

@Injectable()
export class EventRecords {
  #kept: KeptRecord[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly faults: FaultRegistry,
  ) {}

  /** Records one redemption, unless a fault for records says otherwise. @param device whatever tells devices apart */
  add(account: string, redemption: { service: TokenService; cookie: string | null }, device: string): void {
    const fault = this.faults.takeOfRecords();
    if (fault?.kind === 'missing') return;
    const now = this.clock.now();
    const record = {
      event_id: randomBytes(16).toString('hex'),
      cookie: redemption.cookie,
      device_id: createHash('sha256').update(device).digest('hex').slice(0, 32),
      service: redemption.service,
      event_time: now.toISOString(),
    };
    const kept = { account, from: now.getTime() + (fault?.kind === 'late' ? fault.milliseconds : 0), record };
    this.#kept.push(kept, ...(fault?.kind === 'doubled' ? [kept] : []));
    if (this.#kept.length >= 2 * MOST) this.#kept = this.#kept.slice(-MOST);
  }

  /** An account's records, in the order in which they can be read: what was read once keeps its place. */
  of(account: string): EventRecord[] {
    const now = this.clock.now().getTime();
    const readable = this.#kept.filter((kept) => kept.account === account && kept.from <= now);
    return readable.sort((one, other) => one.from - other.from).map(({ record }) => record);
  }
}

// Nest takes the slash off the end of a route: hence the wildcard that must be empty.
@Controller('cmiapi/getrecord')
@UseFilters(ProtocolErrorFilter)
export class EventRecordsController {
  constructor(
    private readonly records: EventRecords,
    private readonly accounts: AccountService,
  ) {}

  @Get('*')
  @Header('cache-control', 'no-store')
  find(@Req() request: FastifyRequest, @Param('*') rest: string): EventRecord[] {
    if (rest !== '') throw wrongUrl();
    const parameters = parametersOf(request);
    checkErrorFormat(parameters);
    const all = this.records.of(this.accounts.identify(parameters).name);
    const [cookie, startText, lengthText] = (['cookie', 'start', 'length'] as const).map((name) =>
      parameters.get(name),
    );
    if (startText === undefined && lengthText === undefined) {
      if (cookie === undefined) return all.slice(-NEWEST).reverse();
      return all.filter((record) => record.cookie === cookie).reverse();
    }
    if (cookie !== undefined) throw new PlainError(400, 'cookie cannot be combined with start and length');
    const start = readInteger(startText ?? '', 0, Number.MAX_SAFE_INTEGER);
    const length = readInteger(lengthText ?? '', 1, LONGEST_PAGE);
    if (start === undefined || length === undefined) {
      throw new PlainError(400, `start is an integer from 0, length one from 1 to ${LONGEST_PAGE}`);
    }
    return all.slice(start, start + length);
  }
}
