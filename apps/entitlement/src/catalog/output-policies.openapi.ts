// The operations on output policies, for the API's document.
import { json, type OperationDescription } from '../openapi/operation.js';
import { flag, listOf, NamedSchema, nullable, objectOf, oneOf, pageOf, text, whole } from '../openapi/schema.js';
import type { OutputPolicyAnswer } from './catalog.answers.js';
import { DRM_FIELD } from './catalog.fields.js';
import type { PolicyExtension, PolicyParameter } from './content.js';
import { OUTPUT_POLICY_NAME } from './output-policy-name.js';

const EXTENSION = new NamedSchema(
  'PolicyExtension',
  objectOf<PolicyExtension>('A licence extension of one DRM.', {
    drm: DRM_FIELD,
    type: text('4 letters or digits.'),
    payload: text('Base64.'),
  }),
);

const PARAMETER = new NamedSchema(
  'PolicyParameter',
  objectOf<PolicyParameter>(
    'A parameter for ExpressPlay that the published tables do not list.',
    { drm: DRM_FIELD, name: text('Sent as it is.'), value: text('Sent as it is.') },
    ['drm'],
  ),
);

const opl = (output: string) => whole(`Output protection level of ${output}.`, { minimum: 0, maximum: 999 });

const WIDEVINE = objectOf<NonNullable<OutputPolicyAnswer['widevine']>>('', {
  securityLevel: whole('1 (software) to 5 (all in hardware).', { minimum: 1, maximum: 5 }),
  hdcp: whole('0 none, 1 HDCP 1, 2 HDCP 2.', { minimum: 0, maximum: 2 }),
});

const OUTPUT_POLICY = new NamedSchema(
  'OutputPolicy',
  objectOf<OutputPolicyAnswer>('What the outputs of a device must protect.', {
    name: text('Its name.', { pattern: OUTPUT_POLICY_NAME.source }),
    analogVideoOpl: opl('analogue video'),
    compressedDigitalAudioOpl: opl('compressed digital audio'),
    compressedDigitalVideoOpl: opl('compressed digital video'),
    uncompressedDigitalAudioOpl: opl('uncompressed digital audio'),
    uncompressedDigitalVideoOpl: opl('uncompressed digital video'),
    unknownOutputBehavior: nullable(oneOf('What becomes of unknown outputs.', ['Allow', 'Disallow', 'SDOnly'])),
    outputControlFlags: nullable(text('8 hex digits.', { pattern: '^[0-9a-f]{8}$' })),
    offlineAllowed: flag('Whether an owner may have a licence to keep.'),
    widevine: nullable({ ...WIDEVINE, description: "Widevine's rules; null for titles without Widevine." }),
    extensions: listOf(EXTENSION, 'Licence extensions.'),
    additionalParameters: listOf(PARAMETER, 'Further parameters.'),
    version: whole('Counts the changes.', { minimum: 1 }),
  }),
);

const PAGE = pageOf(
  'OutputPoliciesPage',
  'A page of output policies, by name.',
  'outputPolicies',
  listOf(OUTPUT_POLICY, 'The output policies.'),
);

const { name, version, ...UHD }: OutputPolicyAnswer = {
  name: 'uhd',
  version: 1,
  analogVideoOpl: 201,
  compressedDigitalAudioOpl: 300,
  compressedDigitalVideoOpl: 500,
  uncompressedDigitalAudioOpl: 300,
  uncompressedDigitalVideoOpl: 300,
  unknownOutputBehavior: 'Disallow',
  outputControlFlags: null,
  offlineAllowed: false,
  widevine: { securityLevel: 5, hdcp: 2 },
  extensions: [],
  additionalParameters: [{ drm: 'playready', name: 'minCertSecurityLevel', value: '3000' }],
};
const ANSWER = { name, ...UHD, version };
const EXAMPLES = { uhd: { summary: 'For UHD', value: ANSWER } };
const tag = 'Catalogue';

export const LIST_OUTPUT_POLICIES: OperationDescription = {
  id: 'listOutputPolicies',
  tag,
  summary: 'List the output policies',
  description: 'All output policies, by name. Ask until `nextCursor` is null.',
  answers: {
    200: {
      description: 'A page.',
      content: json(PAGE, {
        page: { summary: 'The last page', value: { outputPolicies: [ANSWER], nextCursor: null } },
      }),
    },
  },
};

export const GET_OUTPUT_POLICY: OperationDescription = {
  id: 'getOutputPolicy',
  tag,
  summary: 'Read an output policy',
  description: 'What an output policy says.',
  answers: { 200: { description: 'The policy.', headers: ['ETag'], content: json(OUTPUT_POLICY, EXAMPLES) } },
  problems: ['output-policy-not-found'],
};

export const PUT_OUTPUT_POLICY: OperationDescription = {
  id: 'putOutputPolicy',
  tag,
  summary: 'Make or change an output policy',
  description:
    'Says all of a policy: an optional field that is left out is null or empty from then on. A changed policy holds for every title that names it, from the next token on.',
  body: {
    description: 'The policy.',
    examples: { uhd: { summary: 'For UHD', value: UHD } },
  },
  answers: {
    200: { description: 'It was there, and is so now.', headers: ['ETag'], content: json(OUTPUT_POLICY, EXAMPLES) },
    201: { description: 'It is new.', headers: ['ETag'], content: json(OUTPUT_POLICY, EXAMPLES) },
  },
  problems: ['precondition-failed'],
};
