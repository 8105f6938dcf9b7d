// Where the API's page finds the players' API.

/** A server of the document. */
export interface Server {
  readonly url: string;
  readonly description: string;
}

const DESCRIPTION = "The players' API";
const SAME_ORIGIN: Server = { url: '/', description: `${DESCRIPTION}, where this document is` };

/** What a host is made of: names, IPv4 and IPv6 addresses. It becomes part of a header. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * The server of the document: the page's own origin when both are served by one port, else
 * the page's host with the public port. A host that is none is not repeated.
 */
export function publicServer({
  protocol,
  host,
  publicPort,
  samePort,
}: {
  /** Scheme and host that the page was asked for by, as far as the request can be believed. */
  protocol: string;
  host: string;
  /** The port that players' requests come in by, and whether the page came by it too. */
  publicPort: number;
  samePort: boolean;
}): Server {
  if (samePort || !HOST.test(host) || !/^https?$/.test(protocol)) return SAME_ORIGIN;
  const url = `${protocol}://${host.replace(/:\d+$/, '')}:${publicPort}`;
  // Not everything made like a host is one: `999.999.999.999` is not.
  return URL.canParse(url) ? { url, description: DESCRIPTION } : SAME_ORIGIN;
}

/** The origin that the page's scripts call beside their own; undefined when there is none. */
export function foreignOrigin({ url }: Server): string | undefined {
  return url.startsWith('/') ? undefined : new URL(url).origin;
}
