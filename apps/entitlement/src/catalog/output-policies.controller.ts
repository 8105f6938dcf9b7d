// The output policies of the catalogue, for stores: unpack, call, answer.
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { Operation, page, Tag } from '../openapi/documentation.js';
import { readPage } from '../pages.js';
import { CatalogPageQuery } from './catalog.dto.js';
import { OUTPUT_POLICY_NAME, type OutputPolicyEntry } from './content.js';
import {
  OutputPoliciesPage,
  OutputPolicyAnswer,
  outputPolicyAnswer,
  outputPolicyOf,
  OutputPolicyPath,
  OutputPolicyRequest,
} from './output-policies.dto.js';
import { OutputPoliciesRepository } from './output-policies.repository.js';
import { markVersion, versionCheck } from './versions.js';

const BY_NAME = { pattern: OUTPUT_POLICY_NAME, of: ({ name }: OutputPolicyEntry) => name };

const UHD = {
  analogVideoOpl: 201,
  compressedDigitalAudioOpl: 300,
  compressedDigitalVideoOpl: 500,
  uncompressedDigitalAudioOpl: 300,
  uncompressedDigitalVideoOpl: 300,
  unknownOutputBehavior: 'Disallow',
  outputControlFlags: null,
  offlineAllowed: false,
  offlineLicenseSeconds: null,
  playready: { minCertSecurityLevel: 3000 },
  widevine: { securityLevel: 5, hdcp: 2 },
  extensions: [],
  additionalParameters: [],
};
const ANSWER = { name: 'uhd', ...UHD, version: 1 };
const EXAMPLES = { uhd: { summary: 'For UHD', value: ANSWER } };

@Controller('v1/admin/output-policies')
@RequiresScope('catalog:write')
@Tag('Catalogue')
export class OutputPoliciesController {
  constructor(private readonly policies: OutputPoliciesRepository) {}

  /**
   * List the output policies
   * @remarks All output policies, by name. Ask until `nextCursor` is null.
   */
  @Get()
  @Operation({ answers: page({ outputPolicies: [ANSWER], nextCursor: null }) })
  async listOutputPolicies(@Query() query: CatalogPageQuery): Promise<OutputPoliciesPage> {
    const { items, nextCursor } = await readPage(query, BY_NAME, (limit, after) => this.policies.list(limit, after));
    return { outputPolicies: items.map(outputPolicyAnswer), nextCursor };
  }

  /**
   * Read an output policy
   * @remarks What an output policy says.
   */
  @Get(':name')
  @Operation({
    answers: { 200: { description: 'The policy.', headers: ['ETag'], examples: EXAMPLES } },
    problems: ['output-policy-not-found'],
  })
  async getOutputPolicy(
    @Param() { name }: OutputPolicyPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutputPolicyAnswer> {
    const entry = await this.policies.get(name);
    markVersion(reply, entry.version);
    return outputPolicyAnswer(entry);
  }

  /**
   * Make or change an output policy
   * @remarks Says all of a policy: an optional field that is left out is null or empty from then on. A changed policy holds for every
   * title that names it, from the next token on.
   */
  @Put(':name')
  @Operation({
    body: { description: 'The policy.', examples: { uhd: { summary: 'For UHD', value: UHD } } },
    answers: {
      200: { description: 'It was there, and is so now.', headers: ['ETag'], examples: EXAMPLES },
      201: { description: 'It is new.', headers: ['ETag'], examples: EXAMPLES },
    },
    problems: ['precondition-failed'],
  })
  async putOutputPolicy(
    @Param() { name }: OutputPolicyPath,
    @Body() body: OutputPolicyRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutputPolicyAnswer> {
    const { entry, created } = await this.policies.put(name, outputPolicyOf(body), versionCheck(ifMatch));
    markVersion(reply, entry.version, created);
    return outputPolicyAnswer(entry);
  }
}
