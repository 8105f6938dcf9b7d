// Output policies as stores send them and are answered.
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  ValidateBy,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { Hex, Integer, Pattern, Rule } from '../field-rules.js';
import { Schema } from '../openapi/documentation.js';
import { A_DRM, AdditionalParameterRequest, isUnambiguous } from './additional-parameters.dto.js';
import { type Drm, DRMS, OUTPUT_POLICY_NAME, type OutputPolicy, type OutputPolicyEntry } from './content.js';

const UNKNOWN_OUTPUT_BEHAVIORS = ['Allow', 'Disallow', 'SDOnly'] as const;
const CERTIFICATE_LEVELS = [150, 2000, 3000] as const;
const OBJECTS = { each: true, message: 'must be a list of objects' };
const FIFTY = { message: 'must have at most 50 entries' };

/** The part of the address that names a policy. */
export class OutputPolicyPath {
  /**
   * The name of the policy.
   * @example uhd
   */
  @Pattern(OUTPUT_POLICY_NAME, 'must be 1 to 64 letters, digits, dots, underscores and hyphens')
  name!: string;
}

/** What a policy says whether it is sent or answered. */
class OutputLevels {
  /** Output protection level of analogue video. */
  @Integer(0, 999)
  analogVideoOpl!: number;

  /** Output protection level of compressed digital audio. */
  @Integer(0, 999)
  compressedDigitalAudioOpl!: number;

  /** Output protection level of compressed digital video. */
  @Integer(0, 999)
  compressedDigitalVideoOpl!: number;

  /** Output protection level of uncompressed digital audio. */
  @Integer(0, 999)
  uncompressedDigitalAudioOpl!: number;

  /** Output protection level of uncompressed digital video. */
  @Integer(0, 999)
  uncompressedDigitalVideoOpl!: number;

  /** Whether an owner may have a licence to keep. */
  @IsBoolean({ message: 'must be true or false' })
  offlineAllowed!: boolean;
}

/** What Widevine needs. */
export class WidevineRequest {
  /** 1 (software) to 5 (all in hardware). */
  @Integer(1, 5)
  securityLevel!: number;

  /** 0 none, 1 HDCP 1, 2 HDCP 2.0, 3 HDCP 2.1, 4 HDCP 2.2, 5 no digital output; the published table ends with 2. */
  @Integer(0, 5)
  hdcp!: number;
}

/** What PlayReady may need. */
export class PlayReadyRequest {
  /** The least certificate level of a device, ExpressPlay's `minCertSecurityLevel`. */
  @IsIn([...CERTIFICATE_LEVELS], { message: `must be one of ${CERTIFICATE_LEVELS.join(', ')}` })
  minCertSecurityLevel!: (typeof CERTIFICATE_LEVELS)[number];
}

/** A licence extension, as the interface's `extensionType` and `extensionPayload` have it. */
export class ExtensionRequest {
  /** The DRM it is for. */
  @IsIn([...DRMS], A_DRM)
  drm!: Drm;

  /** 4 letters or digits, ExpressPlay's `extensionType`. */
  @Pattern(/^[A-Za-z0-9]{4}$/, 'must be 4 letters or digits')
  type!: string;

  /** Base64, ExpressPlay's `extensionPayload`. */
  @Pattern(/^(?!$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'must be base64, and not empty', {
    minLength: 4,
    pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
  })
  payload!: string;
}

/** All of a policy; what is left out of the optional fields is as if it were null or empty. */
export class OutputPolicyRequest extends OutputLevels {
  /** What becomes of outputs that are not known. */
  @IsOptional()
  @IsIn([...UNKNOWN_OUTPUT_BEHAVIORS], { message: `must be one of ${UNKNOWN_OUTPUT_BEHAVIORS.join(', ')}` })
  unknownOutputBehavior?: 'Allow' | 'Disallow' | 'SDOnly' | null;

  /** 8 hex digits. */
  @IsOptional()
  @Hex(8)
  outputControlFlags?: string | null;

  /** How long an owner may keep a stored licence, in seconds, up to ten years; without it, without end. Only with `offlineAllowed`. */
  @IsOptional()
  @Integer(60, 315_360_000)
  @ValidateBy({ name: 'offlineOnly', validator: { validate: isOfflineAllowed, defaultMessage: () => OFFLINE_ONLY } })
  offlineLicenseSeconds?: number | null;

  /** What PlayReady needs of a device. */
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => PlayReadyRequest)
  playready?: PlayReadyRequest | null;

  /** Without it the policy's titles have no Widevine. */
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => WidevineRequest)
  widevine?: WidevineRequest | null;

  /** Licence extensions; PlayReady takes one. */
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(50, FIFTY)
  @IsObject(OBJECTS)
  @Rule('onePlayReady', hasOnePlayReadyAtMost, 'must have at most one extension for playready')
  @ValidateNested({ each: true })
  @Type(() => ExtensionRequest)
  extensions?: ExtensionRequest[] | null;

  /** Parameters for ExpressPlay; a DRM takes a name once. */
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(50, FIFTY)
  @IsObject(OBJECTS)
  @Rule('unambiguous', isUnambiguous, 'must have a name at most once for each DRM')
  @ValidateNested({ each: true })
  @Type(() => AdditionalParameterRequest)
  additionalParameters?: AdditionalParameterRequest[] | null;
}

@Schema({ name: 'PolicyExtension', description: 'A licence extension of one DRM.' })
class ExtensionAnswer {
  /** The DRM. */
  drm!: Drm;

  /** 4 letters or digits. */
  type!: string;

  /** Base64. */
  payload!: string;
}

@Schema({
  name: 'PolicyParameter',
  description: 'A parameter for ExpressPlay that the published tables do not list.',
})
class ParameterAnswer {
  /** The DRM. */
  drm?: Drm;

  /** Sent as it is. */
  name!: string;

  /** Sent as it is. */
  value!: string;
}

@Schema({ inline: true })
class WidevineAnswer extends WidevineRequest {}

@Schema({ inline: true })
class PlayReadyAnswer extends PlayReadyRequest {}

@Schema({ name: 'OutputPolicy', description: 'What the outputs of a device must protect.' })
export class OutputPolicyAnswer extends OutputLevels {
  /** Its name. */
  @Schema({ pattern: OUTPUT_POLICY_NAME.source })
  name!: string;

  /** What becomes of unknown outputs. */
  unknownOutputBehavior!: 'Allow' | 'Disallow' | 'SDOnly' | null;

  /** 8 hex digits. */
  @Schema({ pattern: '^[0-9a-f]{8}$' })
  outputControlFlags!: string | null;

  /** How long an owner may keep a stored licence, in seconds; null: without end. */
  offlineLicenseSeconds!: number | null;

  /** PlayReady's rules. */
  playready!: PlayReadyAnswer | null;

  /** Widevine's rules; null for titles without Widevine. */
  widevine!: WidevineAnswer | null;

  /** Licence extensions. */
  extensions!: ExtensionAnswer[];

  /** Further parameters. */
  additionalParameters!: ParameterAnswer[];

  /** Counts the changes. */
  @Schema({ minimum: 1 })
  version!: number;
}

@Schema({ description: 'A page of output policies, by name.' })
export class OutputPoliciesPage {
  /** The output policies. */
  outputPolicies!: OutputPolicyAnswer[];

  /** Asks for the page after this one, as `cursor`; null on the last page. */
  nextCursor!: string | null;
}

/** What a body means. */
export function outputPolicyOf(request: OutputPolicyRequest): OutputPolicy {
  const { playready, widevine, extensions, additionalParameters, ...body } = request;
  return {
    ...body,
    unknownOutputBehavior: body.unknownOutputBehavior ?? null,
    outputControlFlags: body.outputControlFlags?.toLowerCase() ?? null,
    offlineLicenseSeconds: body.offlineLicenseSeconds ?? null,
    playreadyMinCertSecurityLevel: playready?.minCertSecurityLevel ?? null,
    widevineSecurityLevel: widevine?.securityLevel ?? null,
    widevineHdcp: widevine?.hdcp ?? null,
    extensions: (extensions ?? []).map(({ drm, type, payload }) => ({ drm, type, payload })),
    additionalParameters: (additionalParameters ?? []).map(({ drm, name, value }) =>
      drm == null ? { name, value } : { drm, name, value },
    ),
  };
}

/** A policy as it is answered. */
export function outputPolicyAnswer({ name, policy, version }: OutputPolicyEntry): OutputPolicyAnswer {
  const { playreadyMinCertSecurityLevel, widevineSecurityLevel: securityLevel, widevineHdcp: hdcp, ...rest } = policy;
  const minCertSecurityLevel = CERTIFICATE_LEVELS.find((level) => level === playreadyMinCertSecurityLevel);
  const playready = minCertSecurityLevel === undefined ? null : { minCertSecurityLevel };
  const widevine = securityLevel === null || hdcp === null ? null : { securityLevel, hdcp };
  return { name, ...rest, playready, widevine, version };
}

const OFFLINE_ONLY = 'must be left out where offlineAllowed is false';

function isOfflineAllowed(_value: unknown, args?: ValidationArguments): boolean {
  return (args?.object as OutputPolicyRequest | undefined)?.offlineAllowed !== false;
}

/** PlayReady's token has room for one; see `extensionType` in the interface's table. */
function hasOnePlayReadyAtMost(extensions: unknown): boolean {
  const playReady = (extension: unknown) => (extension as { drm?: unknown } | null)?.drm === 'playready';
  return !Array.isArray(extensions) || extensions.filter(playReady).length <= 1;
}
