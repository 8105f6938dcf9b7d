// What a player asks: the body of `POST /v1/license-tokens`.
import { IsBoolean, IsIn, IsString, Matches } from 'class-validator';
import { CONTENT_ID, CONTENT_ID_RULE } from '../catalog/content-id.js';
import { DRMS, type Drm } from '../catalog/drm.js';
import { Field } from '../openapi/operation.js';

export class LicenseTokenRequest {
  @Field('The title.')
  @IsString()
  @Matches(CONTENT_ID, { message: CONTENT_ID_RULE })
  contentId!: string;

  @Field('The DRM of the player.')
  @IsIn([...DRMS], { message: `drm must be one of ${DRMS.join(', ')}` })
  drm!: Drm;

  @Field("Whether the player wants to keep the licence; granted to owners whose content's policy allows it.")
  @IsBoolean()
  offline = false;
}
