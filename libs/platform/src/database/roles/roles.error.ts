// What is in the way of the database roles.

/** Says what the database refused, or which role has more than can be taken from it. */
export class RolesError extends Error {
  override readonly name = 'RolesError';
}
