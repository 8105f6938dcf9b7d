// Wrapped content keys by key id.
import { Module } from '@nestjs/common';
import { EmptyKeyStorage, KeyStorage } from './key-storage.js';

@Module({ providers: [{ provide: KeyStorage, useClass: EmptyKeyStorage }], exports: [KeyStorage] })
export class KeyStorageModule {}
