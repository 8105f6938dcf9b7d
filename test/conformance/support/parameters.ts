// Requests as parameters by name, and what a case changes in them.

/** A parameter's value: a list repeats the parameter, undefined leaves it out. */
export type Value = string | readonly string[] | undefined;

/** Parameters by name. */
export type Parameters = Readonly<Record<string, Value>>;

/** One name and one value, as they go on the wire before encoding. */
export type Entry = readonly [name: string, value: string];

/** The parameters in order, repeated ones repeated. */
export function entriesOf(parameters: Parameters): Entry[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((single): Entry => [name, single]),
  );
}

/** `application/x-www-form-urlencoded`, also for queries: a plus becomes `%2B`. */
export function encode(parameters: Parameters | readonly Entry[]): string {
  const entries = Array.isArray(parameters) ? (parameters as readonly Entry[]) : entriesOf(parameters as Parameters);
  return entries.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
