// A URL that none of ExpressPlay's services has. It has a status but no event code.

export class WrongUrlError extends Error {
  override readonly name = 'WrongUrlError';
  readonly status = 404;

  constructor() {
    super('wrong URL');
  }
}
