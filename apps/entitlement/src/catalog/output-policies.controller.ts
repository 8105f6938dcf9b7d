// The output policies of the catalogue, for stores: unpack, call, answer.
import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/requires-scope.decorator.js';
import { markVersion, outputPolicyAnswer, type OutputPolicyAnswer } from './catalog.answers.js';
import { CatalogPageQuery, readPage } from './catalog-page.query.js';
import { OutputPoliciesService } from './output-policies.service.js';
import type { OutputPolicyEntry } from './output-policy-entry.js';
import { OUTPUT_POLICY_NAME } from './output-policy-name.js';
import { OutputPolicyPath, OutputPolicyRequest, outputPolicyOf } from './output-policy.request.js';
import { versionCheck } from './version-tag.js';
import { Operation } from '../openapi/operation.js';
import { GET_OUTPUT_POLICY, LIST_OUTPUT_POLICIES, PUT_OUTPUT_POLICY } from './output-policies.openapi.js';

const BY_NAME = { pattern: OUTPUT_POLICY_NAME, of: ({ name }: OutputPolicyEntry) => name };

@Controller('v1/admin/output-policies')
@RequiresScope('catalog:write')
export class OutputPoliciesController {
  constructor(private readonly policies: OutputPoliciesService) {}

  @Get()
  @Operation(LIST_OUTPUT_POLICIES)
  async list(
    @Query() query: CatalogPageQuery,
  ): Promise<{ outputPolicies: OutputPolicyAnswer[]; nextCursor: string | null }> {
    const { items, nextCursor } = await readPage(query, BY_NAME, (limit, after) => this.policies.list(limit, after));
    return { outputPolicies: items.map(outputPolicyAnswer), nextCursor };
  }

  @Get(':name')
  @Operation(GET_OUTPUT_POLICY)
  async get(
    @Param() { name }: OutputPolicyPath,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OutputPolicyAnswer> {
    const entry = await this.policies.get(name);
    markVersion(reply, entry.version);
    return outputPolicyAnswer(entry);
  }

  @Put(':name')
  @Operation(PUT_OUTPUT_POLICY)
  async put(
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
