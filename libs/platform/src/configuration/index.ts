// Configuration from the environment: described, validated at start, injectable.
export {
  ConfigurationError,
  type ConfigurationProblem,
  InvalidValueError,
  StartRefusedError,
} from './configuration.error.js';
export { configurationModule } from './configuration.module.js';
export { describeEnvironment, type VariableDescription } from './describe-environment.js';
export { LiveValue, type Retirable } from './live-value.js';
export { loadEnvironment, type LoadOptions } from './load-environment.js';
export { processEnvironment, readEnvFile } from './process-environment.js';
export { type EnvironmentRule, Rule } from './rule.decorator.js';
export type { SecretFileEvent, SecretFileListener } from './secret-events.js';
export { SecretVariable, type SecretVariableOptions } from './secret-variable.decorator.js';
export { Variable, type VariableOptions } from './variable.decorator.js';
