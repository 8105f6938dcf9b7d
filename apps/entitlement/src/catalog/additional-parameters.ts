// Which additional parameters a policy may have: none that would override what is decided for each token, and no key.
import { PARAMETERS, UNLISTED_PARAMETERS } from '@app/expressplay';

/** How names of additional parameters are written. */
export const ADDITIONAL_PARAMETER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
// Also numbered, as `contentKey.0` is for titles with several keys: a secret has no place in a policy.
const SECRET = /^(?:customerAuthenticator|contentKey|kek|ek)(?![A-Za-z0-9])/i;
// ExpressPlay minds the case of names; nobody who writes `KID` means anything but `kid`.
const TAKEN: ReadonlySet<string> = new Set(
  [...Object.values(PARAMETERS), ...Object.values(UNLISTED_PARAMETERS)].map((name) => name.toLowerCase()),
);

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
  const places = (parameters as ({ name?: unknown; drm?: unknown } | null)[]).map((parameter) => ({
    name: parameter?.name,
    drm: parameter?.drm ?? undefined,
  }));
  return places.every(({ name, drm }, index) =>
    places
      .slice(0, index)
      .every((other) => other.name !== name || (drm !== undefined && other.drm !== undefined && other.drm !== drm)),
  );
}
