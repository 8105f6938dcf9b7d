// Rules that concern several variables at once, reported like the problems of a single one.
import type { ConfigurationProblem } from './configuration.error.js';

/**
 * Looks at the whole environment. Variables with a problem of their own are undefined in it; `isSet` says whether a
 * variable was given at all (itself or as a file), whatever its value.
 */
export type EnvironmentRule<T> = (
  environment: Partial<T>,
  isSet: (name: keyof T & string) => boolean,
) => readonly ConfigurationProblem[];

const RULES = Symbol('rules');

/** Adds a rule to a class of variables. Several may be given; all of them are checked. */
export function Rule<T extends object>(rule: EnvironmentRule<T>): (type: new () => T) => void {
  return (type) => Reflect.defineMetadata(RULES, [...rulesOf(type), rule], type);
}

/** The rules of a class of variables, in the order they are written. */
export function rulesOf<T extends object>(type: new () => T): readonly EnvironmentRule<T>[] {
  return (Reflect.getMetadata(RULES, type) as EnvironmentRule<T>[] | undefined) ?? [];
}
