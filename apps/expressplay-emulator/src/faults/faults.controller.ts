// Sets, shows and clears faults.
import { Body, Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import {
  type Fault,
  FAULT_KINDS,
  FAULT_SERVICES,
  type FaultKind,
  FaultRegistry,
  type FaultService,
  type WaitingFault,
} from './fault.js';

const isOfKind = (kind: FaultKind) => (fault: FaultBody) => fault.kind === kind;

/** One fault: its kind, and the one member that some kinds need. */
class FaultBody {
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

  /** For `latency`. */
  @ValidateIf(isOfKind('latency'))
  @IsInt()
  @Min(0)
  @Max(600_000)
  readonly milliseconds!: number;
}

class FaultRequest {
  @IsIn(FAULT_SERVICES)
  readonly service!: FaultService;

  /** How many requests meet the fault; all of them until it is cleared when left out. */
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly times?: number | null;

  @IsObject()
  @ValidateNested()
  @Type(() => FaultBody)
  readonly fault!: FaultBody;
}

/** Keeps of a checked body what its kind needs. */
function toFault({ kind, code, status, milliseconds }: FaultBody): Fault {
  switch (kind) {
    case 'event':
      return { kind, code };
    case 'status':
      return { kind, status };
    case 'latency':
      return { kind, milliseconds };
    default:
      return { kind };
  }
}

@Controller('emulator/faults')
export class FaultsController {
  constructor(private readonly faults: FaultRegistry) {}

  @Put()
  @HttpCode(204)
  put(@Body() { service, times, fault }: FaultRequest): void {
    this.faults.put({ service, times: times ?? null, fault: toFault(fault) });
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
