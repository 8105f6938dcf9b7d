// Keeps secrets out of everything that prints the environment by accident.
import { inspect } from 'node:util';

/** Makes `JSON.stringify` and `util.inspect` (so `console.log` and loggers) show `[hidden]` for the named properties. */
export function hideSecrets(environment: object, names: readonly string[]): void {
  const shown = () => ({
    ...environment,
    ...Object.fromEntries(
      names.filter((name) => name in environment && Reflect.get(environment, name) !== undefined).map(hidden),
    ),
  });
  Object.defineProperty(environment, 'toJSON', { value: shown, enumerable: false });
  Object.defineProperty(environment, inspect.custom, { value: shown, enumerable: false });
}

function hidden(name: string): [string, string] {
  return [name, '[hidden]'];
}
