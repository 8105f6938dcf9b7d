// The schema as data, so that the documentation can be checked against it.
import { fileVariable } from './raw-values.js';
import { type DeclaredVariable, declaredVariables } from './variable.decorator.js';

/** One variable as a table row of the documentation would tell it. */
export interface VariableDescription {
  readonly name: string;
  readonly description: string;
  readonly type: DeclaredVariable['type'];
  /** Neither optional nor with a default. Rules between variables may ask for more. */
  readonly required: boolean;
  readonly secret: boolean;
  readonly default?: string;
  readonly example?: string;
  /** `NAME_FILE`, when a file may hold the value. */
  readonly fileVariable?: string;
}

/** Every variable that `type` declares, in the order of declaration. */
export function describeEnvironment(type: new () => object): VariableDescription[] {
  return declaredVariables(type).map((variable) => ({
    name: variable.name,
    description: variable.description,
    type: variable.type,
    required: variable.default === undefined && !variable.optional,
    secret: variable.secret ?? false,
    ...(variable.default === undefined ? {} : { default: variable.default }),
    ...(variable.example === undefined ? {} : { example: variable.example }),
    ...(variable.file ? { fileVariable: fileVariable(variable.name) } : {}),
  }));
}
