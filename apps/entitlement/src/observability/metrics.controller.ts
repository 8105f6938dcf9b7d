// GET /metrics, for Prometheus.
import { Controller, Get, Header } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Public } from '../auth/requires-scope.decorator.js';
import { Operation, Tag } from '../openapi/documentation.js';
import { processMetrics } from './gauges.js';

@Controller('metrics')
@Public()
@Tag('Service')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  /**
   * Read the process's metrics
   * @remarks In the text format of Prometheus, 0.0.4.
   */
  @Get()
  @Operation({
    answers: {
      200: {
        description: 'The metrics.',
        mediaType: 'text/plain',
        schema: { type: 'string', description: 'Samples, each on a line.' },
        examples: {
          gauge: {
            summary: 'One gauge',
            value:
              '# HELP entitlement_http_requests_in_flight_limit Most requests at once.\n# TYPE entitlement_http_requests_in_flight_limit gauge\nentitlement_http_requests_in_flight_limit 500\n',
          },
        },
      },
    },
  })
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  async getMetrics(): Promise<string> {
    const [own, ofProcess] = await Promise.all([this.registry.metrics(), processMetrics().metrics()]);
    return `${own}\n${ofProcess}`;
  }
}
