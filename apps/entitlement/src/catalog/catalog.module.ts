// What can be played: contents with their keys and output policies, kept up to date by stores.
import { Module } from '@nestjs/common';
import { ContentKeysController, ContentsController } from './contents.controller.js';
import { ContentsRepository } from './contents.repository.js';
import { ContentKeysService, ContentsService } from './contents.service.js';
import { OutputPoliciesController } from './output-policies.controller.js';
import { OutputPoliciesRepository } from './output-policies.repository.js';
import { OutputPoliciesService } from './output-policies.service.js';

@Module({
  controllers: [ContentsController, ContentKeysController, OutputPoliciesController],
  providers: [ContentsService, ContentsRepository, ContentKeysService, OutputPoliciesService, OutputPoliciesRepository],
})
export class CatalogModule {}
