// The body of `PUT /v1/admin/output-policies/{name}`.
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsObject, IsOptional, Matches, ValidateNested } from 'class-validator';
import { ADDITIONAL_PARAMETER_NAME, isFreeParameterName, isUnambiguous } from './additional-parameters.js';
import type { OutputPolicy } from './content.js';
import { DRMS, type Drm } from './drm.js';
import { Hex, Rule, Text, WholeNumber } from './field-rules.js';
import { OUTPUT_POLICY_NAME } from './output-policy-name.js';
import { Field } from '../openapi/operation.js';

const UNKNOWN_OUTPUT_BEHAVIORS = ['Allow', 'Disallow', 'SDOnly'] as const;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const EXTENSION_TYPE = /^[A-Za-z0-9]{4}$/;
const AN_OBJECT = { message: 'must be an object' };
const OBJECTS = { each: true, message: 'must be a list of objects' };
const A_DRM = { message: `must be one of ${DRMS.join(', ')}` };
const MOST_ENTRIES = 50;

/** The part of the address that names a policy. */
export class OutputPolicyPath {
  @Field('The name of the policy.', 'uhd')
  @Matches(OUTPUT_POLICY_NAME, { message: 'must be 1 to 64 letters, digits, dots, underscores and hyphens' })
  name!: string;
}

/** What Widevine needs. */
export class WidevineRequest {
  @Field('1 (software) to 5 (all in hardware).')
  @WholeNumber(1, 5)
  securityLevel!: number;

  @Field('0 none, 1 HDCP 1, 2 HDCP 2.')
  @WholeNumber(0, 2)
  hdcp!: number;
}

/** A licence extension, as the interface's `extensionType` and `extensionPayload` have it. */
export class ExtensionRequest {
  @Field('The DRM it is for.')
  @IsIn([...DRMS], A_DRM)
  drm!: Drm;

  @Field("4 letters or digits, ExpressPlay's `extensionType`.")
  @Rule(
    'extensionType',
    (value) => typeof value === 'string' && EXTENSION_TYPE.test(value),
    'must be 4 letters or digits',
    { type: 'string', pattern: EXTENSION_TYPE.source },
  )
  type!: string;

  @Field("Base64, ExpressPlay's `extensionPayload`.")
  @Rule(
    'base64',
    (value) => typeof value === 'string' && value !== '' && BASE64.test(value),
    'must be base64, and not empty',
    { type: 'string', minLength: 4, pattern: BASE64.source },
  )
  payload!: string;
}

/** A parameter that the published tables do not list. */
export class AdditionalParameterRequest {
  @Field("No name that ExpressPlay's published tables list or that names a key.")
  @Rule(
    'parameterName',
    isFreeParameterName,
    'must be 1 to 64 letters, digits, dots, underscores and hyphens, and no name that is documented or names a key',
    { type: 'string', pattern: ADDITIONAL_PARAMETER_NAME.source },
  )
  name!: string;

  @Field('Sent as it is.')
  @Text(0, 1000)
  value!: string;

  @Field('The one DRM it is for; without it, every DRM.')
  @IsOptional()
  @IsIn([...DRMS], A_DRM)
  drm?: Drm | null;
}

/** All of a policy; what is left out of the optional fields is as if it were null or empty. */
export class OutputPolicyRequest {
  @Field('Output protection level of analogue video.')
  @WholeNumber(0, 999)
  analogVideoOpl!: number;

  @Field('Output protection level of compressed digital audio.')
  @WholeNumber(0, 999)
  compressedDigitalAudioOpl!: number;

  @Field('Output protection level of compressed digital video.')
  @WholeNumber(0, 999)
  compressedDigitalVideoOpl!: number;

  @Field('Output protection level of uncompressed digital audio.')
  @WholeNumber(0, 999)
  uncompressedDigitalAudioOpl!: number;

  @Field('Output protection level of uncompressed digital video.')
  @WholeNumber(0, 999)
  uncompressedDigitalVideoOpl!: number;

  @Field('What becomes of outputs that are not known.')
  @IsOptional()
  @IsIn([...UNKNOWN_OUTPUT_BEHAVIORS], { message: `must be one of ${UNKNOWN_OUTPUT_BEHAVIORS.join(', ')}` })
  unknownOutputBehavior?: (typeof UNKNOWN_OUTPUT_BEHAVIORS)[number] | null;

  @Field('8 hex digits.')
  @IsOptional()
  @Hex(8)
  outputControlFlags?: string | null;

  @Field('Whether an owner may have a licence to keep.')
  @IsBoolean({ message: 'must be true or false' })
  offlineAllowed!: boolean;

  @Field("Without it the policy's titles have no Widevine.")
  @IsOptional()
  @IsObject(AN_OBJECT)
  @ValidateNested()
  @Type(() => WidevineRequest)
  widevine?: WidevineRequest | null;

  @Field('Licence extensions; PlayReady takes one.')
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(MOST_ENTRIES, { message: `must have at most ${MOST_ENTRIES} entries` })
  @IsObject(OBJECTS)
  @Rule('onePlayReady', hasOnePlayReadyAtMost, 'must have at most one extension for playready')
  @ValidateNested({ each: true })
  @Type(() => ExtensionRequest)
  extensions?: ExtensionRequest[] | null;

  @Field('Parameters for ExpressPlay; a DRM takes a name once.')
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(MOST_ENTRIES, { message: `must have at most ${MOST_ENTRIES} entries` })
  @IsObject(OBJECTS)
  @Rule('unambiguous', isUnambiguous, 'must have a name at most once for each DRM')
  @ValidateNested({ each: true })
  @Type(() => AdditionalParameterRequest)
  additionalParameters?: AdditionalParameterRequest[] | null;
}

/** What a body means. */
export function outputPolicyOf(body: OutputPolicyRequest): OutputPolicy {
  return {
    analogVideoOpl: body.analogVideoOpl,
    compressedDigitalAudioOpl: body.compressedDigitalAudioOpl,
    compressedDigitalVideoOpl: body.compressedDigitalVideoOpl,
    uncompressedDigitalAudioOpl: body.uncompressedDigitalAudioOpl,
    uncompressedDigitalVideoOpl: body.uncompressedDigitalVideoOpl,
    unknownOutputBehavior: body.unknownOutputBehavior ?? null,
    outputControlFlags: body.outputControlFlags?.toLowerCase() ?? null,
    offlineAllowed: body.offlineAllowed,
    widevineSecurityLevel: body.widevine?.securityLevel ?? null,
    widevineHdcp: body.widevine?.hdcp ?? null,
    extensions: (body.extensions ?? []).map(({ drm, type, payload }) => ({ drm, type, payload })),
    additionalParameters: (body.additionalParameters ?? []).map(({ drm, name, value }) =>
      drm == null ? { name, value } : { drm, name, value },
    ),
  };
}

/** PlayReady's token has room for one; see `extensionType` in the interface's table. */
function hasOnePlayReadyAtMost(extensions: unknown): boolean {
  const playReady = (extension: unknown) => (extension as { drm?: unknown } | null)?.drm === 'playready';
  return !Array.isArray(extensions) || extensions.filter(playReady).length <= 1;
}
