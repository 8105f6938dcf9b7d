// FairPlay: what a request says, its checks in the order in which ExpressPlay looks at it, and its parameters.
import { checkKey, checkKid, keyParameters, kidParameter, type ContentKeySource } from './keys.js';
import {
  checkExtension,
  extensionParameters,
  isDuration,
  isHex,
  optional,
  PARAMETERS,
  refuseIf,
  type CommonTokenRequest,
  type LicenseExtension,
  type WireParameter,
} from './parameters.js';

/** Table "Licence parameters: FairPlay". */
export interface FairPlayTokenRequest extends CommonTokenRequest {
  drm: 'fairplay';
  /** The content encryption IV: 32 hex digits. */
  iv: string;
  /** The KID as for PlayReady. Needed and sent with key storage only: a `kek` goes with one of `kid` and `ek`. */
  kid?: string;
  key: ContentKeySource;
  /** An integer of at least 1 that 32 bits can hold. Absent means no rental. */
  rentalDurationSeconds?: number;
  extensions?: readonly LicenseExtension[];
}

/** @throws InvalidTokenRequestError for the first parameter at fault */
export function checkFairPlay({ iv, kid, key, rentalDurationSeconds, extensions = [] }: FairPlayTokenRequest): void {
  refuseIf(rentalDurationSeconds === 0, PARAMETERS.rentalDuration, 'rental-without-end');
  refuseIf(rentalDurationSeconds !== undefined && !isDuration(rentalDurationSeconds), PARAMETERS.rentalDuration, -6007);
  if (key.kind === 'key-storage') {
    refuseIf(kid === undefined, PARAMETERS.kid, -6005);
    checkKid(kid ?? '');
  }
  checkKey(key);
  refuseIf(iv.length !== 32 || !isHex(iv), PARAMETERS.iv, -6003);
  for (const extension of extensions) checkExtension(extension, PARAMETERS.fpExtension);
}

/**
 * The licence parameters of a request that was checked. `generalFlags` is left out: `0000` is all it may say. So are the rights
 * type and the output protection levels of the published sample, which the table does not list.
 */
export function fairPlayParameters({ iv, kid, key, ...request }: FairPlayTokenRequest): WireParameter[] {
  return [
    [PARAMETERS.iv, iv.toLowerCase()],
    ...keyParameters(key),
    // With `kek`, exactly one of `kid` and `ek` (-6005 otherwise); with a clear key the KID would say nothing.
    ...(key.kind === 'key-storage' && kid !== undefined ? [kidParameter(kid)] : []),
    ...optional(PARAMETERS.rentalDuration, request.rentalDurationSeconds),
    ...extensionParameters(PARAMETERS.fpExtension, request.extensions),
  ];
}
