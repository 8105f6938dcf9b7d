// What can be made to go wrong with the token services and records: the faults that wait for the next ones, and who sets them.
import type { TokenService } from '@app/expressplay';
import { DomainError } from '@app/platform/problems';
import { Body, Controller, Delete, Get, HttpCode, Injectable, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateIf, ValidateNested } from 'class-validator';

/** The faults that need nothing but their name. */
export const PLAIN_FAULT_KINDS = [
  'reset',
  'hang',
  'truncated',
  'empty',
  'garbage',
  'wrong-content-type',
  'oversize',
  'headers-only',
] as const;

/** The faults of the records of redemptions. */
export const RECORD_FAULT_KINDS = ['late', 'doubled', 'missing'] as const;

export const FAULT_KINDS = ['event', 'status', 'latency', ...PLAIN_FAULT_KINDS, ...RECORD_FAULT_KINDS] as const;

/** The name of a fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a fault may be for; `any` are the token services. */
const FAULT_SERVICES = ['playready', 'fairplay', 'widevine', 'any', 'records'] as const;

const isOfKind =
  (...kinds: FaultKind[]) =>
  (fault: Fault) =>
    kinds.includes(fault.kind);

/** One fault: its kind, and the one member that some kinds need. */
export class Fault {
  @IsIn(FAULT_KINDS)
  readonly kind!: FaultKind;

  /** For `event`: four digits and a minus, documented or not. */
  @ValidateIf(isOfKind('event'))
  @IsInt()
  @Min(-9999)
  @Max(-1000)
  readonly code!: number;

  /** For `status`. */
  @ValidateIf(isOfKind('status'))
  @IsInt()
  @Min(200)
  @Max(599)
  readonly status!: number;

  /** For `latency`, and `late`. */
  @ValidateIf(isOfKind('latency', 'late'))
  @IsInt()
  @Min(0)
  @Max(600_000)
  readonly milliseconds!: number;
}

/** A fault that waits for requests. */
export class WaitingFault {
  @IsIn(FAULT_SERVICES)
  readonly service!: (typeof FAULT_SERVICES)[number];

  /** How many more requests meet it; null for all until it is cleared. */
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly times: number | null = null;

  @IsObject()
  @ValidateNested()
  @Type(() => Fault)
  readonly fault!: Fault;
}

@Injectable()
export class FaultRegistry {
  readonly #byService = new Map<WaitingFault['service'], WaitingFault>();

  /** Sets the fault of a service, or of all of them, in the place of the one it had. */
  put(waiting: WaitingFault): void {
    this.#byService.set(waiting.service, waiting);
  }

  /** Takes the fault that a request to a service meets, which counts as one time; a service's own comes before that for any. */
  take(service: TokenService): Fault | undefined {
    return this.#takeFrom(this.#byService.get(service) ?? this.#byService.get('any'));
  }

  /** Takes the fault that the record of a redemption meets, which counts as one time. */
  takeOfRecords(): Fault | undefined {
    return this.#takeFrom(this.#byService.get('records'));
  }

  #takeFrom(waiting: WaitingFault | undefined): Fault | undefined {
    if (waiting === undefined) return undefined;
    if (waiting.times === 1) this.#byService.delete(waiting.service);
    else if (waiting.times !== null) this.put({ ...waiting, times: waiting.times - 1 });
    return waiting.fault;
  }

  list(): readonly WaitingFault[] {
    return [...this.#byService.values()];
  }

  clear(): void {
    this.#byService.clear();
  }
}

@Controller('emulator/faults')
export class FaultsController {
  constructor(private readonly faults: FaultRegistry) {}

  @Put()
  @HttpCode(204)
  put(@Body() waiting: WaitingFault): void {
    if (isOfKind(...RECORD_FAULT_KINDS)(waiting.fault) !== (waiting.service === 'records')) {
      throw new DomainError('invalid-request', `Faults of records alone are ${RECORD_FAULT_KINDS.join(', ')}.`);
    }
    this.faults.put(waiting);
  }

  @Get()
  list(): readonly WaitingFault[] {
    return this.faults.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.faults.clear();
  }
}
