// A span for each stage of the work on a request.
import { Injectable } from '@nestjs/common';
import { inSpan, Tracing } from '@app/platform/telemetry';
import { Stages } from './stages.js';

@Injectable()
export class StageSpans {
  constructor(stages: Stages, tracing: Tracing) {
    if (!tracing.enabled) return;
    // The exchanges with ExpressPlay have spans of their own, two when the authenticator is changing.
    stages.wrap((stage, work) => (stage === 'upstream' ? work() : inSpan(stage, {}, work)));
  }
}
