// Formats of environment variables about the network around the service.
import { isIPv4, isIPv6 } from 'node:net';
import { InvalidValueError } from '@app/platform/configuration';

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
