// What a player asks: the body of `POST /v1/license-tokens`.
import { IsBoolean, IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content-id.js';
import { DRMS, type Drm } from '../catalog/drm.js';

export class LicenseTokenRequest {
  @IsString()
  @Matches(CONTENT_ID, { message: CONTENT_ID_RULE })
  contentId!: string;

  @IsIn([...DRMS], { message: `drm must be one of ${DRMS.join(', ')}` })
  drm!: Drm;

  /** Whether the player wants to keep the licence; granted to owners whose content's policy allows it. */
  @IsOptional()
  @IsBoolean()
  offline = false;
}
