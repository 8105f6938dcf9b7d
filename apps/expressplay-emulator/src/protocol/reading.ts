// Reads the parameters of requests to ExpressPlay's own routes, bodies of any kind, so that none fails in the web framework's words.
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';
import { decodeParameters, TOKEN_PARAMETER, type TokenParameters } from './parameters.js';

/**
 * Decodes query and body; where a parameter is in both, the query's value comes first. A query that is too large is left
 * unread like such a body, which also keeps tokens short enough to be redeemed.
 */
export function parametersOf(request: FastifyRequest): TokenParameters {
  const text = queryOf(request);
  const query = text.length > LARGEST_TEXT_BYTES ? unreadText(text, 'the query', 'is too large') : { text };
  const body = bodyOf(request);
  return decodeParameters(query.text, body.text, query.unread ?? body.unread);
}

/**
 * The token that a licence server is asked to redeem, of whatever length, in the URL, in a form or as the `CustomData` of a
 * PlayReady challenge; undefined when there is none.
 */
export function licenseTokenOf(request: FastifyRequest): string | undefined {
  const { text } = bodyOf(request);
  const [, customData] = CUSTOM_DATA.exec(challengeOf(request)) ?? [];
  return decodeParameters(queryOf(request), text).get(TOKEN_PARAMETER) ?? customData;
}

/** The body of a request to a licence server, as text: what the DRM of a device, or of a browser, asks for. */
export function challengeOf(request: FastifyRequest): string {
  return bodyOf(request).challenge ?? '';
}

function queryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}

function bodyOf(request: FastifyRequest): FormBody {
  return (request.body as FormBody | undefined) ?? { text: '' };
}

/** A body as it came: its text, or the reason why it was not read. */
interface FormBody {
  /** Of an unread body no more than its `errorFormat`: every error honours that. */
  readonly text: string;
  readonly unread?: string;
  /** All of it, of whatever type. */
  readonly challenge?: string;
}

/** A token needs no escapes, so no XML has to be parsed for it. */
const CUSTOM_DATA = /<(?:\w+:)?CustomData>\s*([\w-]+)\s*<\//;

/** More than any request of the documented parameters needs, be they in the query or in the body. */
const LARGEST_TEXT_BYTES = 64 * 1024;

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';

/** Teaches a Fastify instance to read form bodies at all addresses but the emulator's own. Call before it is ready. */
export function readFormBodies(instance: FastifyInstance): void {
  const formRequests = new WeakMap<FastifyRequest, string>();
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    if (!isControl(request)) {
      // Without a declared type every body goes to the parser for all, the malformed types' too.
      formRequests.set(request, request.headers['content-type'] ?? '');
      delete request.raw.headers['content-type'];
    }
    done(null, payload);
  });
  instance.addContentTypeParser('*', async (request: FastifyRequest, payload: AsyncIterable<Buffer>) => {
    const contentType = formRequests.get(request);
    if (contentType === undefined) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE();
    return readFormBody(contentType, payload);
  });
}

/** What is kept of a text that is not read as parameters. */
function unreadText(text: string, what: 'the body' | 'the query', reason: string): FormBody {
  const format = new URLSearchParams(text).get('errorFormat');
  const kept = format === null ? '' : new URLSearchParams({ errorFormat: format }).toString();
  return { text: kept, unread: `${what} ${reason}` };
}

async function readFormBody(contentType: string, payload: AsyncIterable<Buffer>): Promise<FormBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // A body that is not wanted is still read to its end: its sender would miss the answer otherwise.
    for await (const chunk of payload) {
      if (length <= LARGEST_TEXT_BYTES) chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    return { text: '', unread: 'the body ended early' };
  }
  const text = Buffer.concat(chunks).toString('utf8', 0, LARGEST_TEXT_BYTES);
  if (length === 0) return { text };
  if (length > LARGEST_TEXT_BYTES) return unreadText(text, 'the body', 'is too large');
  if (contentType.split(';', 1)[0]!.trim().toLowerCase() !== FORM_MEDIA_TYPE) {
    return { ...unreadText(text, 'the body', `is not declared ${FORM_MEDIA_TYPE}`), challenge: text };
  }
  return { text, challenge: text };
}

/** Whether a request is to one of the emulator's own addresses rather than ExpressPlay's. */
export function isControl(request: FastifyRequest): boolean {
  return /^\/emulator(?:[/?]|$)/.test(request.url);
}
