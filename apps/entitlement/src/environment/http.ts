// Configuration of the HTTP side: who may call from where, and how often.
import { isIPv4, isIPv6 } from 'node:net';
import { InvalidValueError, Variable } from '@app/platform/configuration';
import { IsIntegerBetween } from './formats.js';

/** The variables of the listeners and of what they ask of requests; a part of `Environment`. */
export class HttpEnvironment {
  @Variable({
    description:
      'Port of metrics, admin and API docs; by default 3001 in production, else PORT. The value of PORT keeps them on it; 0 takes a free one.',
    optional: true,
    example: '3001',
  })
  @IsIntegerBetween(0, 65_535)
  readonly MANAGEMENT_PORT?: number;

  @Variable({
    description: 'Address that the management port listens on.',
    default: '127.0.0.1',
    example: '0.0.0.0',
  })
  readonly MANAGEMENT_HOST!: string;

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
    description:
      "Most requests of one client address (IPv6: of a /64) to the players' API in a minute, in each process; 0 sets no limit.",
    default: '600',
  })
  @IsIntegerBetween(0, 1_000_000)
  readonly RATE_LIMIT_PER_ADDRESS_PER_MINUTE!: number;

  @Variable({
    description: "Most requests of one user to the players' API in a minute, in each process; 0 sets no limit.",
    default: '120',
  })
  @IsIntegerBetween(0, 1_000_000)
  readonly RATE_LIMIT_PER_USER_PER_MINUTE!: number;

  @Variable({
    description:
      'Most requests of one client address, and of one machine user, to management routes in a minute, in each process; 0 sets no limit.',
    default: '6000',
  })
  @IsIntegerBetween(0, 1_000_000)
  readonly RATE_LIMIT_MANAGEMENT_PER_MINUTE!: number;
}

/** Bits that all IPv4 addresses have in common when they are written as IPv6: `::ffff:0:0/96` is all of them. */
const MAPPED_BITS = 96;

/** Schemes that browsers know, and never send as an origin. */
const NO_APPS = new Set(['file:', 'ftp:', 'ws:', 'wss:']);

/** Origins, separated by commas, each exactly as a browser sends it in `Origin`. */
export function origins(text: string): string[] {
  const list = items(text);
  if (!list.every((origin) => URL.canParse(origin) && isWebOrigin(new URL(origin), origin))) {
    throw new InvalidValueError('must be origins such as https://player.example.com, without a path, and no wildcard');
  }
  return list;
}

function isWebOrigin({ protocol, origin }: URL, text: string): boolean {
  if (/^https?:$/.test(protocol)) return origin === text && !text.includes('*');
  // Of an app's web view, such as capacitor://localhost. URLs know no origin of these.
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+$/.test(text) && !NO_APPS.has(protocol);
}

/** IP addresses and networks in CIDR notation, separated by commas. */
export function networks(text: string): string[] {
  const list = items(text);
  if (!list.every(isNetwork)) {
    throw new InvalidValueError('must be IP addresses or networks such as 10.0.0.0/8, none of them the whole internet');
  }
  return list;
}

function isNetwork(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  // No client has a zone: a network with one would never match.
  if (bits === 0 || rest.length > 0 || address.includes('%')) return false;
  const least = isMapped(address) ? MAPPED_BITS + 1 : 1;
  // To trust everybody is to believe what everybody says of themselves.
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) >= least && Number(length) <= bits);
}

/** Whether an address is an IPv4 address in the form of IPv6. */
function isMapped(address: string): boolean {
  // In the one form that URLs have of it.
  return isIPv6(address) && /^\[::ffff:[^:]+:[^:]+\]$/.test(new URL(`http://[${address}]`).hostname);
}

function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
