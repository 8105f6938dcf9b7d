// Who counts as one client on the network.
import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Groups of 16 bits that an IPv6 network of one site or subscriber has in common: a /64. */
const SITE_GROUPS = 4;
const ALL_GROUPS = 8;
/** How an IPv4 address begins that is written as IPv6. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/**
 * The client of a request: an IPv4 address, or the /64 of an IPv6 address, of which one subscriber has 2^64. A proxy is
 * looked through only if it is trusted (see `FastifyAdapterOptions.trustedProxies`).
 */
export function clientNetwork(request: FastifyRequest): string {
  const addresses = request.ips ?? [request.ip];
  // What a trusted proxy forwards may be anything; then the proxy itself is the client.
  return addresses.map(networkOf).findLast((network) => network !== undefined) ?? 'unknown';
}

/** An address with a port, as some proxies write it; IPv6 stands in brackets then, and in quotes where it was taken from `Forwarded`. */
const WITH_PORT = /^"?(?:\[([^\]]*)\]|([\d.]+))(?::\d*)?"?$/;

/** Takes the ports out of `X-Forwarded-For`, which whoever follows the chain of proxies would take for no address. */
export function dropForwardedPorts(instance: FastifyInstance): void {
  instance.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded === 'string') {
      headers['x-forwarded-for'] = forwarded
        .split(',')
        .map((item) => item.trim().replace(WITH_PORT, '$1$2'))
        .join(',');
    }
    done();
  });
}

/** `203.0.113.7` for itself and for `::ffff:203.0.113.7`, however that is written, `2001:db8:0:1::/64` for `2001:db8:0:1::7`; undefined for no address. */
export function networkOf(address: string): string | undefined {
  const [bare = ''] = address.split('%', 1);
  if (isIPv4(bare)) return bare;
  if (!isIPv6(bare)) return undefined;
  const [head = '', tail] = bare.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const between = Array.from({ length: tail === undefined ? 0 : ALL_GROUPS - before.length - after.length }, () => 0);
  const all = [...before, ...between, ...after];
  const inner = all.splice(MAPPED.length);
  if (MAPPED.every((group, index) => group === all[index]))
    return inner.flatMap((group) => [group >> 8, group & 0xff]).join('.');
  return `${[...all, ...inner]
    .slice(0, SITE_GROUPS)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** Groups of 16 bits; an IPv4 address at the end stands for two. */
function groups(text: string): number[] {
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return group === '' ? [] : [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
