// Output protection: the five levels, unknown outputs and the flags of other output controls.
import { PARAMETERS } from '@app/expressplay';
import { EventError } from '../../protocol/event-error.js';
import type { TokenParameters } from '../../protocol/token-parameters.js';
import type { OutputProtectionLevels } from '../../tokens/license-terms.js';
import { isHex, readWholeNumber } from '../../protocol/values.js';

const UNKNOWN_OUTPUT_BEHAVIORS = ['Allow', 'Disallow', 'SDOnly'];
const HIGHEST_LEVEL = 999;
const FLAGS_DIGITS = 8;

/**
 * Reads the five output protection levels, whole numbers 0-999.
 *
 * @param required whether each of them must be given (PlayReady), or may be (FairPlay, as its published sample does)
 * @throws EventError -5006, -2034
 */
export function readOutputProtectionLevels(
  parameters: TokenParameters,
  { required }: { required: boolean },
): OutputProtectionLevels {
  const read = (name: string): number | null => {
    const value = parameters.get(name);
    if (value === undefined) {
      if (required) throw new EventError(-5006, name);
      return null;
    }
    const level = readWholeNumber(value, 0, HIGHEST_LEVEL);
    if (level === undefined) throw new EventError(-2034, `${name} is a whole number 0-${HIGHEST_LEVEL}`);
    return level;
  };
  return {
    analogVideo: read(PARAMETERS.analogVideoOpl),
    compressedDigitalAudio: read(PARAMETERS.compressedDigitalAudioOpl),
    compressedDigitalVideo: read(PARAMETERS.compressedDigitalVideoOpl),
    uncompressedDigitalAudio: read(PARAMETERS.uncompressedDigitalAudioOpl),
    uncompressedDigitalVideo: read(PARAMETERS.uncompressedDigitalVideoOpl),
  };
}

/** Reads PlayReady's `unknownOutputBehavior`, null when it is not given. @throws EventError -5001 */
export function readUnknownOutputBehavior(parameters: TokenParameters): string | null {
  const value = parameters.get(PARAMETERS.unknownOutputBehavior) ?? null;
  if (value !== null && !UNKNOWN_OUTPUT_BEHAVIORS.includes(value)) {
    throw new EventError(-5001, `it is one of ${UNKNOWN_OUTPUT_BEHAVIORS.join(', ')}`);
  }
  return value;
}

/** Reads `outputControlFlags`, 4 bytes in hex, null when they are not given. @throws EventError -2040, -2008 */
export function readOutputControlFlags(parameters: TokenParameters): string | null {
  const value = parameters.get(PARAMETERS.outputControlFlags) ?? null;
  if (value === null) return null;
  if (value.length !== FLAGS_DIGITS) throw new EventError(-2040);
  if (!isHex(value)) throw new EventError(-2008, 'they are not hexadecimal');
  return value;
}
