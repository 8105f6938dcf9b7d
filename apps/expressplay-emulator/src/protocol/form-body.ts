// Reads the bodies of ExpressPlay's own routes, whatever they are, so that none fails in the web framework's words.
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes bodies as `FormBody`. */
    formBody?: boolean;
  }
}

/** Route configuration that asks for a `FormBody`: `@RouteConfig(FORM_BODY)`. */
export const FORM_BODY = { formBody: true };

/** A body as it came: its text, or the reason why it was not read. */
export interface FormBody {
  readonly text: string;
  readonly ignored?: string;
}

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';
/** More than any request of the documented parameters needs. */
const LARGEST_BODY_BYTES = 64 * 1024;

/** Teaches a Fastify instance to read form bodies on the routes that ask for them. Call before it is ready. */
export function readFormBodies(instance: FastifyInstance): void {
  const formRequests = new WeakMap<FastifyRequest, string>();
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.routeOptions.config.formBody === true) {
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

async function readFormBody(contentType: string, payload: AsyncIterable<Buffer>): Promise<FormBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // A body that is not wanted is still read to its end: its sender would miss the answer otherwise.
    for await (const chunk of payload) {
      length += chunk.length;
      if (length <= LARGEST_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    return { text: '', ignored: 'the body ended early' };
  }
  if (length === 0) return { text: '' };
  if (length > LARGEST_BODY_BYTES) return { text: '', ignored: `the body has more than ${LARGEST_BODY_BYTES} bytes` };
  if (contentType.split(';', 1)[0]!.trim().toLowerCase() !== FORM_MEDIA_TYPE) {
    return { text: '', ignored: `the body is not declared ${FORM_MEDIA_TYPE}` };
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}
