// The span of one exchange with ExpressPlay, which is told the trace it belongs to.
import { ExpressPlayError, RefusedError, UnreadableAnswerError, type ExchangeWrapper } from '@app/expressplay';
import { annotateSpan, currentTraceparent, type Failure, failureOfProblem, inSpan } from '@app/platform/telemetry';
import { answerCode } from '../license-tokens/answer-code.js';

/** Wraps each exchange. Of the answer it takes the status and the event code, never the token. */
export const exchangeSpan: ExchangeWrapper = ({ service, url }, send) => {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const attributes = {
    'http.request.method': 'POST',
    'url.scheme': scheme,
    'server.address': hostname,
    'server.port': port === '' ? (scheme === 'https' ? 443 : 80) : Number(port),
    'entitlement.drm': service,
  };
  return inSpan('expressplay.token', { attributes, client: true, failureOf }, async () => {
    const answer = await send(currentTraceparent());
    // A token is read of this status alone.
    annotateSpan({ 'http.response.status_code': 200 });
    return answer;
  });
};

function failureOf(error: unknown): Failure {
  if (!(error instanceof ExpressPlayError)) return failureOfProblem(error);
  const answered = error instanceof RefusedError || error instanceof UnreadableAnswerError;
  return {
    type: answerCode(error),
    isFault: true,
    attributes: {
      ...(answered ? { 'http.response.status_code': error.httpStatus } : {}),
      ...(error instanceof RefusedError && error.code !== undefined ? { 'expressplay.code': error.code } : {}),
    },
  };
}
