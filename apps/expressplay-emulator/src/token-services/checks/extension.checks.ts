// Licence extensions: PlayReady's pair of parameters, and the repeatable one of FairPlay and Widevine.
import { PARAMETERS, type EventCode } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';
import type { Extension } from '../../tokens/license-terms.js';
import { characterCount, isBase64 } from '../../protocol/values.js';

const TYPE_LENGTH = 4;

/** Reads `extensionType` and `extensionPayload`. @throws EventError -2035, -2036, -2037 */
export function readExtension(parameters: TokenParameters): Extension[] {
  const type = parameters.get(PARAMETERS.extensionType);
  const payload = parameters.get(PARAMETERS.extensionPayload);
  if (type === undefined && payload === undefined) return [];
  if (type === undefined) throw new EventError(-2035, 'extensionPayload has no extensionType');
  return [checkExtension(type, payload)];
}

/** Reads FairPlay's `fpExtension`. @throws EventError -6001, -2035, -2036, -2037 */
export function readFairPlayExtensions(parameters: TokenParameters): Extension[] {
  return parameters.getAll(PARAMETERS.fpExtension).map((value) => readPair(value, -6001));
}

/** Reads Widevine's `wvExtension`. @throws EventError -7009, -2035, -2036, -2037 */
export function readWidevineExtensions(parameters: TokenParameters): Extension[] {
  return parameters.getAll(PARAMETERS.wvExtension).map((value) => readPair(value, -7009));
}

/**
 * Reads one `type,payload`. The published codes do not say which part of a bad one gives which code: here a value without
 * a comma has the service's own code, and the parts have the codes of PlayReady's pair.
 */
function readPair(value: string, malformed: EventCode): Extension {
  const comma = value.indexOf(',');
  if (comma === -1) throw new EventError(malformed, 'it is extensionType,extensionPayload');
  return checkExtension(value.slice(0, comma), value.slice(comma + 1));
}

function checkExtension(type: string, payload: string | undefined): Extension {
  if (characterCount(type) !== TYPE_LENGTH) throw new EventError(-2036);
  if (payload === undefined || payload === '') throw new EventError(-2035, 'the extension has no payload');
  if (!isBase64(payload)) throw new EventError(-2037);
  return { type, payload };
}
