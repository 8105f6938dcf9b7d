// What a player asks: the body of `POST /v1/license-tokens`.
import { IsBoolean, IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { DRMS, type Drm } from '../catalog/drm.js';

/** Ids of contents, as the database checks them too. */
export const CONTENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export class LicenseTokenRequest {
  @IsString()
  @Matches(CONTENT_ID, { message: 'contentId must be 1 to 128 letters, digits, dots, underscores and hyphens' })
  contentId!: string;

  @IsIn([...DRMS], { message: `drm must be one of ${DRMS.join(', ')}` })
  drm!: Drm;

  /** Whether the player wants to keep the licence; granted to owners whose content's policy allows it. */
  @IsOptional()
  @IsBoolean()
  offline = false;
}
