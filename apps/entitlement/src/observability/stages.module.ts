// The stages of this application, for whoever works in one and whoever watches them.
import { Global, Module } from '@nestjs/common';
import { Stages } from './stages.js';

@Global()
@Module({ providers: [Stages], exports: [Stages] })
export class StagesModule {}
