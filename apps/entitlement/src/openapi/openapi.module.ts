// The API's document and its page, where the environment wants them.
import { Module, type DynamicModule } from '@nestjs/common';
import type { Environment } from '../environment.js';
import { OpenApiController } from './openapi.controller.js';
import { OpenApiService } from './openapi.service.js';

@Module({})
export class OpenApiModule {
  static forEnvironment({ API_DOCS_ENABLED: enabled }: Environment): DynamicModule {
    return enabled
      ? { module: OpenApiModule, controllers: [OpenApiController], providers: [OpenApiService] }
      : { module: OpenApiModule };
  }
}
