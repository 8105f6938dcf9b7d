// Configuration of the HTTP side: who may call from where, how often, and how long a request may take.
import { Variable } from '@app/platform/configuration';
import { IsBoolean } from 'class-validator';
import { DatabaseEnvironment } from './database-environment.js';
import { httpUrl, IsWholeNumber } from './environment-values.js';
import { networks, origins } from './network-values.js';

/** The variables of the listeners and of what they ask of requests; a part of `Environment`. */
export class HttpEnvironment extends DatabaseEnvironment {
  @Variable({
    description:
      'Port of metrics, admin and API docs; by default 3001 in production, else PORT. The value of PORT keeps them on it; 0 takes a free one.',
    optional: true,
    example: '3001',
  })
  @IsWholeNumber(0, 65_535)
  readonly MANAGEMENT_PORT?: number;

  @Variable({
    description: 'Address that the management port listens on.',
    default: '127.0.0.1',
    example: '0.0.0.0',
  })
  readonly MANAGEMENT_HOST!: string;

  @Variable({
    description:
      'Whether the API page at /docs and its document at /openapi.json are served with management: true or false.',
    default: 'true',
  })
  @IsBoolean()
  readonly API_DOCS_ENABLED!: boolean;

  @Variable({
    description:
      "Where players reach this service, for the API page; by default the page's own host with the public port.",
    example: 'https://licenses.example.com',
    optional: true,
    parse: httpUrl,
  })
  readonly PUBLIC_URL?: string;

  @Variable({
    description: 'Addresses and networks of proxies in front, whose X-Forwarded-For is believed, separated by commas.',
    example: '10.0.0.0/8,fd00::/8',
    optional: true,
    parse: networks,
  })
  readonly TRUSTED_PROXIES?: string[];

  @Variable({
    description:
      "Origins of web pages and apps' web views that may call the players' API, separated by commas; by default none, in development those of this machine.",
    example: 'https://player.example.com,capacitor://localhost',
    optional: true,
    parse: origins,
  })
  readonly CORS_ALLOWED_ORIGINS?: string[];

  @Variable({
    description: 'How long browsers are told to use https alone, in seconds; 0 tells them nothing.',
    default: '0',
  })
  @IsWholeNumber(0, 63_072_000)
  readonly HSTS_MAX_AGE_SECONDS!: number;

  @Variable({
    description:
      "Most requests of one client address (IPv6: of a /64) to the players' API in a minute, in each process; 0 sets no limit.",
    default: '600',
  })
  @IsWholeNumber(0, 1_000_000)
  readonly RATE_LIMIT_PER_ADDRESS_PER_MINUTE!: number;

  @Variable({
    description: "Most requests of one user to the players' API in a minute, in each process; 0 sets no limit.",
    default: '120',
  })
  @IsWholeNumber(0, 1_000_000)
  readonly RATE_LIMIT_PER_USER_PER_MINUTE!: number;

  @Variable({
    description:
      'Most requests of one client address, and of one machine user, to management routes in a minute, in each process; 0 sets no limit.',
    default: '6000',
  })
  @IsWholeNumber(0, 1_000_000)
  readonly RATE_LIMIT_MANAGEMENT_PER_MINUTE!: number;

  @Variable({
    description: 'Longest time a caller may take to send the headers of a request, and again its body, in ms.',
    default: '10000',
  })
  @IsWholeNumber(10, 60_000)
  readonly REQUEST_RECEIVE_TIMEOUT_MS!: number;

  @Variable({
    description:
      'Longest time from the headers of a request to its answer, in ms; more than a token request can take by its other deadlines.',
    default: '35000',
  })
  @IsWholeNumber(10, 55_000)
  readonly REQUEST_ANSWER_TIMEOUT_MS!: number;

  @Variable({
    description:
      'How long a connection without a request is kept, in ms; longer than a load balancer in front keeps it.',
    default: '72000',
  })
  @IsWholeNumber(10, 600_000)
  readonly KEEP_ALIVE_TIMEOUT_MS!: number;
}
