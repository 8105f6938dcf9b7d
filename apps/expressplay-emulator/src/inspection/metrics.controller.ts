// Shows the counters to Prometheus.
import { Controller, Get, Header } from '@nestjs/common';
import { Metrics } from './metrics.js';

@Controller('emulator/metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  show(): string {
    return this.metrics.render();
  }
}
