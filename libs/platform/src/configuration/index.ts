// Configuration from the environment: described, validated at start, injectable.
export {
  ConfigurationError,
  type ConfigurationProblem,
  InvalidValueError,
  StartRefusedError,
} from './configuration-error.js';
export { configurationModule } from './configuration.module.js';
export { LiveValue, type Retirable } from './live-value.js';
export { loadEnvironment } from './load-environment.js';
export { processEnvironment, readEnvFile } from './process-environment.js';
export type { SecretFileEvent } from './secret.js';
export {
  describeEnvironment,
  composedOf,
  Rule,
  SecretVariable,
  Variable,
  type VariableDescription,
} from './variable.js';
