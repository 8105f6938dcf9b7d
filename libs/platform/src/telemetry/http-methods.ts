// The HTTP methods that figures and traces tell apart. Node lets through some thirty, which are for the caller to choose.

/** Methods that any route or preflight takes. */
export const ROUTED_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Methods that the semantic conventions of traces know. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set([...ROUTED_METHODS, 'TRACE', 'CONNECT']);
