// Who the spans are from, as OpenTelemetry's semantic conventions have it.
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';

/** A resource with the service's name and version and nothing of the machine: no host, process, command line or user. */
export function resourceOf(serviceName: string, serviceVersion: string | undefined): Resource {
  return resourceFromAttributes({
    'service.name': serviceName,
    ...(serviceVersion === undefined ? {} : { 'service.version': serviceVersion }),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
  });
}
