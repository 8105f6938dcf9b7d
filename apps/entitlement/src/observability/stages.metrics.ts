// How long each stage of the work on a request takes.
import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import { STAGES, Stages } from './stages.js';
import { DURATION_BUCKETS } from './durations.js';

@Injectable()
export class StageMetrics {
  constructor(registry: Registry, stages: Stages) {
    const durations = new Histogram({
      name: 'entitlement_stage_duration_seconds',
      help: 'Time in one stage of the work on a request, by how the stage ended.',
      labelNames: ['stage', 'outcome'],
      buckets: DURATION_BUCKETS,
      registers: [registry],
    });
    for (const stage of STAGES) for (const outcome of ['ok', 'error']) durations.zero({ stage, outcome });
    stages.wrap(async (stage, work) => {
      const begun = performance.now();
      let outcome = 'error';
      try {
        const result = await work();
        outcome = 'ok';
        return result;
      } finally {
        durations.observe({ stage, outcome }, (performance.now() - begun) / 1000);
      }
    });
  }
}
