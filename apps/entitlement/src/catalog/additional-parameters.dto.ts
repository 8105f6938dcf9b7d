// Parameters that an output policy has sent beside those that ExpressPlay's tables list: their names, and how stores send them.
import { IsIn, IsOptional } from 'class-validator';
import { PARAMETERS, UNLISTED_PARAMETERS } from '@app/expressplay';
import { Rule, Text } from '../field-rules.js';
import { type Drm, DRMS } from './content.js';

/** What a DRM must be. */
export const A_DRM = { message: `must be one of ${DRMS.join(', ')}` };

/** How names of additional parameters are written. */
const ADDITIONAL_PARAMETER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
// Also numbered, as `contentKey.0` is for titles with several keys: a secret has no place in a policy.
const SECRET = /^(?:customerAuthenticator|contentKey|kek|ek)(?![A-Za-z0-9])/i;
// ExpressPlay minds the case of names; nobody who writes `KID` means anything but `kid`.
const TAKEN: ReadonlySet<string> = new Set(
  [...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)].map((name) => name.toLowerCase()),
);

/** A parameter that the published tables do not list. */
export class AdditionalParameterRequest {
  /** No name that ExpressPlay's published tables list or that names a key. */
  @Rule(
    'parameterName',
    isFreeParameterName,
    'must be 1 to 64 letters, digits, dots, underscores and hyphens, and no name that is documented or names a key',
    { pattern: ADDITIONAL_PARAMETER_NAME.source },
  )
  name!: string;

  /** Sent as it is. */
  @Text(0, 1000)
  value!: string;

  /** The one DRM it is for; without it, every DRM. */
  @IsOptional()
  @IsIn([...DRMS], A_DRM)
  drm?: Drm | null;
}

/** Whether a policy may have a parameter of this name. */
export function isFreeParameterName(name: unknown): boolean {
  return (
    typeof name === 'string' &&
    ADDITIONAL_PARAMETER_NAME.test(name) &&
    !SECRET.test(name) &&
    !TAKEN.has(name.toLowerCase())
  );
}

/** Whether no DRM is sent a name twice. A parameter without a DRM goes to all of them. */
export function isUnambiguous(parameters: unknown): boolean {
  if (!Array.isArray(parameters)) return true;
  const places = parameters as ({ name?: unknown; drm?: unknown } | null)[];
  const areApart = (one: (typeof places)[number], other: typeof one) =>
    one?.name !== other?.name || (one?.drm != null && other?.drm != null && one.drm !== other.drm);
  return places.every((one, index) => places.slice(0, index).every((other) => areApart(one, other)));
}
