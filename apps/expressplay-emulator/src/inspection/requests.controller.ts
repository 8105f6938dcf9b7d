// Shows and clears the record of received token requests.
import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { type ReceivedRequest, RequestLog } from './request-log.js';

@Controller('emulator/requests')
export class RequestsController {
  constructor(private readonly requests: RequestLog) {}

  @Get()
  list(): readonly ReceivedRequest[] {
    return this.requests.list();
  }

  @Delete()
  @HttpCode(204)
  clear(): void {
    this.requests.clear();
  }
}
