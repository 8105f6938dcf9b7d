// What a player asks with `POST /v1/license-tokens`, and is answered: one shape for every DRM, whatever ExpressPlay's own are.
import type { IssuedToken } from '@app/expressplay';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { CONTENT_ID, CONTENT_ID_RULE, type Drm, DRMS, type Track, TRACKS, type TrackKey } from '../catalog/content.js';
import { Hex, Pattern } from '../field-rules.js';
import { invalidFields } from '@app/platform/problems';
import { momentText } from '../moment.js';
import { Schema } from '../openapi/documentation.js';
import type { Rights } from './rights.js';

export class LicenseTokenRequest {
  /** The title. */
  @IsString()
  @Pattern(CONTENT_ID, CONTENT_ID_RULE)
  contentId!: string;

  /** The DRM of the player. */
  @IsIn([...DRMS], { message: `must be one of ${DRMS.join(', ')}` })
  drm!: Drm;

  /** Whether the player wants to keep the licence; granted where the content's policy allows it, as `rights.persistent` says. */
  @IsBoolean()
  offline: boolean = false;

  /** For FairPlay and a title of several keys: the KID that the `skd://` URI names. */
  @IsOptional()
  @Hex(32)
  kid?: string | null;
}

/** @throws DomainError `invalid-request` when a KID is named where it means nothing */
export function ofBody({ kid, ...body }: LicenseTokenRequest) {
  if (kid == null) return body;
  if (body.drm !== 'fairplay') throw invalidFields([{ field: 'kid', message: 'is for fairplay alone' }]);
  return { ...body, kid: kid.toLowerCase() };
}

@Schema({ description: 'What the licence will allow.' })
export class LicenseRights {
  /** Bought or rented. */
  type!: 'buy-to-own' | 'rental';

  /** When playing ends; null for what was bought, unless the licence is to be kept and its title's policy sets it an end. */
  @Schema({ format: 'date-time' })
  endsAt!: string | null;

  /**
   * The seconds that a licence with an end is asked for: what is left; for FairPlay and Widevine less the life of the token, and, by
   * a setting, the time that a Widevine licence has to be started in.
   */
  @Schema({ minimum: 1 })
  playDurationSeconds!: number | null;

  /** Whether the licence may be stored on the device. */
  persistent!: boolean;
}

@Schema({ description: 'A key that a token carries.' })
export class LicenseKey {
  /** The key id (KID). */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  kid!: string;

  /** The tracks it is for; none means all. */
  @Schema({ type: 'array', items: { type: 'string', enum: [...TRACKS] } })
  tracks!: Track[];
}

/** Moments are RFC 3339 in `Z`, in whole seconds. */
@Schema({ description: 'A licence token, of the same shape for every DRM.' })
export class LicenseToken {
  /** The row of the ledger; ExpressPlay’s redemption log has it as the cookie. */
  @Schema({ pattern: '^[0-9a-f]{32}$' })
  id!: string;

  /** The title. */
  @Schema({ pattern: CONTENT_ID.source })
  contentId!: string;

  /** The DRM. */
  drm!: Drm;

  /** Give this to the player: it contains the token. */
  @Schema({ format: 'uri' })
  licenseUrl!: string;

  /** The licence URL without the token, for players that join the two. */
  @Schema({ format: 'uri' })
  licenseAcquisitionUrl!: string;

  /** The token, for players that join the two. */
  @Schema({ minLength: 1 })
  token!: string;

  /** Redeem the token before; ask again rather than keep it. For a rental a minute after the decision at most. */
  @Schema({ format: 'date-time' })
  tokenExpiresAt!: string;

  rights!: LicenseRights;

  /** The keys that the token carries: play no rendition of another. */
  keys!: LicenseKey[];
}

/** What an answer is made of. */
export interface LicenseTokenParts {
  id: string;
  contentId: string;
  drm: Drm;
  issued: IssuedToken;
  tokenExpiresAt: Date;
  rights: Rights;
  keys: readonly Pick<TrackKey, 'kid' | 'tracks'>[];
}

/** Writes the answer. */
export function licenseToken(parts: LicenseTokenParts): LicenseToken {
  const { id, contentId, drm, issued, tokenExpiresAt, rights, keys } = parts;
  const { licenseUrl, licenseAcquisitionUrl, token } = issued;
  return {
    id,
    contentId,
    drm,
    licenseUrl,
    licenseAcquisitionUrl,
    token,
    tokenExpiresAt: momentText(tokenExpiresAt),
    rights: { ...rights, endsAt: rights.endsAt === null ? null : momentText(rights.endsAt) },
    keys: keys.map(({ kid, tracks }) => ({ kid, tracks })),
  };
}
