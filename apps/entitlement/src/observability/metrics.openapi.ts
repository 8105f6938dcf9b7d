// GET /metrics, for the API's document.
import type { OperationDescription } from '../openapi/operation.js';
import { text } from '../openapi/schema.js';

export const METRICS: OperationDescription = {
  id: 'getMetrics',
  tag: 'Service',
  summary: "Read the process's figures",
  description: 'In the text format of Prometheus, 0.0.4.',
  answers: {
    200: {
      description: 'The figures.',
      content: {
        'text/plain': {
          schema: text('Samples, each on a line.'),
          examples: {
            gauge: {
              summary: 'One gauge',
              value:
                '# HELP entitlement_http_requests_in_flight_limit Most requests at once.\n# TYPE entitlement_http_requests_in_flight_limit gauge\nentitlement_http_requests_in_flight_limit 500\n',
            },
          },
        },
      },
    },
  },
};
