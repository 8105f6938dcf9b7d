// What can be played: contents with their keys and output policies, kept up to date by stores.
import { Module } from '@nestjs/common';
import { ContentKeysController } from './content-keys.controller.js';
import { ContentKeysRepository } from './content-keys.repository.js';
import { ContentKeysService } from './content-keys.service.js';
import { ContentsController } from './contents.controller.js';
import { ContentsRepository } from './contents.repository.js';
import { OutputPoliciesController } from './output-policies.controller.js';
import { OutputPoliciesRepository } from './output-policies.repository.js';

@Module({
  controllers: [ContentsController, ContentKeysController, OutputPoliciesController],
  providers: [ContentsRepository, ContentKeysRepository, ContentKeysService, OutputPoliciesRepository],
})
export class CatalogModule {}
