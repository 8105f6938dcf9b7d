// What is answered of the service's health.
import { BREAKER_STATES } from '../license-tokens/breaker.js';
import { Schema } from '../openapi/documentation.js';

@Schema({ description: 'A process that can answer this lives.' })
export class Alive {
  @Schema({ const: 'ok' })
  status!: string;
}

const PARTS = {
  additionalProperties: {
    type: 'object',
    description: 'A part of the service.',
    required: ['status'],
    properties: {
      status: { type: 'string', description: 'Whether it works.', enum: ['up', 'down'] },
      message: { type: 'string', description: 'What is wrong, for people.' },
      breakers: {
        type: 'object',
        description:
          "Of ExpressPlay: whether each DRM's service is asked (`closed`), tried (`half-open`) or left alone (`open`).",
        additionalProperties: { type: 'string', enum: [...BREAKER_STATES] },
      },
    },
  },
};

/** Terminus's report. */
@Schema({ description: 'How the parts of the service are.' })
export class HealthReport {
  /** All in one word. */
  @Schema({ enum: ['ok', 'error', 'shutting_down'] })
  status!: string;

  /** The parts that work. */
  @Schema(PARTS)
  info!: object;

  /** The parts that do not. */
  @Schema(PARTS)
  error!: object;

  /** All parts. */
  @Schema(PARTS)
  details!: object;
}
