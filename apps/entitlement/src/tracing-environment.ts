// Configuration of traces, under the names that OpenTelemetry gives these variables.
import { Variable } from '@app/platform/configuration';
import { IsNumber, Length, Max, Min } from 'class-validator';
import { httpUrl } from './environment-values.js';
import { HttpEnvironment } from './http-environment.js';

const SHARE = { message: 'must be a number from 0 to 1' };

/** The variables of tracing; a part of `Environment`. */
export class TracingEnvironment extends HttpEnvironment {
  @Variable({
    description:
      'Base URL of an OpenTelemetry collector that takes traces by OTLP over HTTP; unset, nothing is traced or exported.',
    example: 'http://127.0.0.1:4318',
    optional: true,
    parse: httpUrl,
  })
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @Variable({ description: 'Name that traces of this service carry.', default: 'expressplay-entitlement-bff' })
  @Length(1, 255)
  readonly OTEL_SERVICE_NAME!: string;

  @Variable({
    description: 'Share of the requests that are traced, from 0 to 1, whatever callers ask for.',
    default: '1',
    example: '0.1',
  })
  @IsNumber({}, SHARE)
  @Min(0, SHARE)
  @Max(1, SHARE)
  readonly OTEL_TRACES_SAMPLER_ARG!: number;
}
