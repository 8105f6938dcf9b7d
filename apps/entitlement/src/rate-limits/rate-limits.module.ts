// How often one caller may ask; import it after the module that says who is asking.
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { UserRateGuard } from './user-rate.guard.js';

@Module({ providers: [{ provide: APP_GUARD, useClass: UserRateGuard }] })
export class RateLimitsModule {}
