// The API's page: Swagger UI from its package, with a page and a start script of our own, so that nothing is inline.
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

/** The files that the page loads: its start script, some of the package, and no others. */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  ['start.js', 'text/javascript; charset=utf-8'],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['favicon-32x32.png', 'image/png'],
]);

/** Read once: whoever reads an answer slowly holds it for as long, and all of them hold this one. */
const CONTENTS = new Map<string, Buffer | string>([['start.js', START]]);

/** The file of this name below the page, or undefined. */
export function pageFile(name: string): { mediaType: string; content: Buffer | string } | undefined {
  const mediaType = MEDIA_TYPES.get(name);
  if (mediaType === undefined) return undefined;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const content = CONTENTS.get(name) ?? readFileSync(join(folder, name));
  CONTENTS.set(name, content);
  return { mediaType, content };
}

/**
 * What the page may do: load its own scripts, styles and pictures (the styles carry some in themselves), and call the API.
 * @param foreign an origin beside its own that it may call
 */
export function pagePolicy(foreign: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${foreign === undefined ? '' : ` ${foreign}`}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
