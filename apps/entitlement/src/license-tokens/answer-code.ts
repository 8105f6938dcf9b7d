// One word for what ExpressPlay answered, for metrics and traces alike.
import {
  type ExpressPlayError,
  isEventCode,
  RefusedError,
  TransportError,
  UnreadableAnswerError,
} from '@app/expressplay';

/**
 * `ok`, the documented event code, `undocumented`, `unreadable`, or why no answer came. Whoever answers in ExpressPlay's place
 * may send any number: only documented codes are passed on.
 */
export function answerCode(error: ExpressPlayError | undefined): string {
  if (error === undefined) return 'ok';
  if (error instanceof TransportError) return error.reason;
  if (error instanceof UnreadableAnswerError) return 'unreadable';
  const code = error instanceof RefusedError ? error.code : undefined;
  return code !== undefined && isEventCode(code) ? String(code) : 'undocumented';
}
