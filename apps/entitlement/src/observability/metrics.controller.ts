// GET /metrics, for Prometheus.
import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Public } from '../auth/requires-scope.decorator.js';
import { Operation } from '../openapi/operation.js';
import { METRICS } from './metrics.openapi.js';
import { processMetrics } from './gauges.js';

@Controller('metrics')
@Public()
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Operation(METRICS)
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  async show(): Promise<string> {
    const [own, ofProcess] = await Promise.all([this.registry.metrics(), processMetrics().metrics()]);
    return `${own}\n${ofProcess}`;
  }
}
