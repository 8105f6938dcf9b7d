// Wrapped content keys by key id.
import { Module } from '@nestjs/common';
import { KeyStorage } from './key-storage.js';
import { KeysController } from './keys.controller.js';

@Module({ controllers: [KeysController], providers: [KeyStorage], exports: [KeyStorage] })
export class KeyStorageModule {}
