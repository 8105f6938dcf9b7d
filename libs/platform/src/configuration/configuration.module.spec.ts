import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { configurationModule, loadEnvironment, Variable } from './index.js';

class Sample {
  @Variable({ description: 'A name.' })
  SAMPLE_NAME!: string;
}

@Injectable()
class Reader {
  constructor(readonly sample: Sample) {}
}

@Module({ providers: [Reader] })
class FeatureModule {}

describe('configurationModule', () => {
  it('makes the environment injectable by its class, in every module, and leaves the process alone', async () => {
    const environment = loadEnvironment(Sample, { SAMPLE_NAME: 'loaded' });
    const imports = [configurationModule(Sample, environment), FeatureModule];
    const app = await Test.createTestingModule({ imports }).compile();
    expect(app.get(Reader).sample).toBe(environment);
    expect(Object.keys(process.env)).not.toContain('SAMPLE_NAME');
    await app.close();
  });
});
