// The API's page: Swagger UI from its package, with a page and a start script of our own, so that nothing
// is inline, and where it finds the players' API.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const START = `// Opens the document in the page.
window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: false,
  validatorUrl: null,
  // Nothing that is typed in, a bearer token say, outlives the page.
  persistAuthorization: false,
  syntaxHighlight: { activated: true, theme: 'agate' },
});
`;

/** The page itself. Addresses are absolute, for \`/docs\` and \`/docs/\` are both its own. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Entitlement API</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="page"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** What the page loads: its start script, some files of the package, each read once when it is first asked for, and no others. */
const FILES = new Map<string, { readonly mediaType: string; content?: Buffer | string }>([
  ['start.js', { mediaType: 'text/javascript; charset=utf-8', content: START }],
  ['swagger-ui.css', { mediaType: 'text/css; charset=utf-8' }],
  ['swagger-ui-bundle.js', { mediaType: 'text/javascript; charset=utf-8' }],
  ['favicon-32x32.png', { mediaType: 'image/png' }],
]);

/** The file of this name below the page, or undefined. */
export function pageFile(name: string): { mediaType: string; content: Buffer | string } | undefined {
  const file = FILES.get(name);
  if (file === undefined) return undefined;
  // Whoever reads an answer slowly holds it for as long, and all of them hold this one.
  file.content ??= readFileSync(
    join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')), name),
  );
  return { mediaType: file.mediaType, content: file.content };
}

/**
 * What the page may do: load its own scripts, styles and pictures (the styles carry some in themselves), and call the API, its own
 * origin's and that of the server.
 */
export function pagePolicy({ url }: Server): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${url.startsWith('/') ? '' : ` ${new URL(url).origin}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

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
 * The server of the document: the page's own origin when both are served by one port, else the page's host with the public port. A host that is none is not repeated.
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
