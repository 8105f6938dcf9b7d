// Who is asking, as the bearer token says.

/** The caller of a request. Made from a verified token alone, never from anything else in the request. */
export class User {
  constructor(
    /** The token's subject: a user id. */
    readonly id: string,
    /** What the token allows, such as `playback`. */
    readonly scopes: ReadonlySet<string>,
  ) {}
}
