import { ConfigurationError, loadEnvironment } from '@app/platform/configuration';
import { describe, expect, it } from 'vitest';
import { Environment } from '../environment.js';
import { REQUIRED_VARIABLES } from '../testing/required-variables.js';

const load = (env: Record<string, string>) => loadEnvironment(Environment, { ...REQUIRED_VARIABLES, ...env });

const problems = (env: Record<string, string>): string[] => {
  try {
    load(env);
    return [];
  } catch (error) {
    return error instanceof ConfigurationError ? error.problems.map(({ variable }) => variable) : [String(error)];
  }
};

describe('the settings of tracing', () => {
  it('is off by default', () => {
    expect(load({}).OTEL_EXPORTER_OTLP_ENDPOINT).toBeUndefined();
    expect(load({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toMatchObject({
      OTEL_TRACES_SAMPLER_ARG: 1,
    });
  });

  it.each(['0', '1', '0.25'])('takes the share %s', (share) => {
    const environment = load({ OTEL_TRACES_SAMPLER_ARG: share });
    expect(environment.OTEL_TRACES_SAMPLER_ARG).toBe(Number(share));
  });

  it.each([
    ['OTEL_TRACES_SAMPLER_ARG', '1.01'],
    ['OTEL_TRACES_SAMPLER_ARG', '-0.1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'always'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:password@collector:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318/?key=1'],
  ])('refuses %s=%s', (variable, value) => {
    expect(problems({ [variable]: value })).toEqual([variable]);
  });
});
