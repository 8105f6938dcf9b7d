// What all of ExpressPlay's own routes share: the base URL that answers name.
import { Module } from '@nestjs/common';
import { BaseUrl } from './base-url.js';

@Module({ providers: [BaseUrl], exports: [BaseUrl] })
export class ProtocolModule {}
