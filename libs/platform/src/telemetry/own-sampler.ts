// Decides which requests are traced, whatever the caller says.
import { type Context, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace-node';

/**
 * Keeps a share of the requests, picked at random here. Neither the caller's sampled flag nor its trace id counts: the ratio
 * samplers of OpenTelemetry decide by the trace id, so whoever chooses the id would choose the decision. Spans within a
 * request go with it.
 */
export class OwnSampler implements Sampler {
  /** @param ratio share of the requests that are kept, from 0 to 1 */
  constructor(
    private readonly ratio: number,
    private readonly random: () => number = Math.random,
  ) {}

  shouldSample(context: Context): SamplingResult {
    const parent = trace.getSpan(context);
    const own = parent !== undefined && parent.spanContext().isRemote !== true;
    const keep = own ? parent.isRecording() : this.random() < this.ratio;
    return { decision: keep ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  }

  toString(): string {
    return `OwnSampler{${this.ratio}}`;
  }
}
