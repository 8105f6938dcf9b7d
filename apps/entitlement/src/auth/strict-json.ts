// Reads JSON objects whose every reader must see the same thing.
import { parseJson } from '@app/platform/http';

/**
 * Decodes base64url and parses a JSON object. Which of two members with one name counts differs between parsers, so an
 * issuer and this service might read different claims: such a text is refused (RFC 7519, 4), at any depth, as is a text
 * that is not UTF-8.
 *
 * @throws JsonError or TypeError when it is not a JSON object, or a name is repeated
 */
export function strictJsonObject(encoded: string): Record<string, unknown> {
  // An issuer may name its claims as it likes.
  const value = parseJson(Buffer.from(encoded, 'base64url'), { anyName: true });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object');
  return value as Record<string, unknown>;
}
