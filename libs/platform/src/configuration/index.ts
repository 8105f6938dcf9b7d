// Configuration from the environment: described, validated at start, injectable.
export {
  ConfigurationError,
  type ConfigurationProblem,
  InvalidValueError,
  StartRefusedError,
} from './configuration-error.js';
export { configurationModule } from './configuration.module.js';
export { LiveValue, type Retirable } from './live-value.js';
export { loadEnvironment, type LoadOptions } from './load-environment.js';
export { processEnvironment, readEnvFile } from './process-environment.js';
export type { SecretFileEvent, SecretFileListener } from './secret.js';
export {
  describeEnvironment,
  type EnvironmentRule,
  composedOf,
  Rule,
  SecretVariable,
  type SecretVariableOptions,
  Variable,
  type VariableDescription,
  type VariableOptions,
} from './variable.js';
