// An error that a fault asked for and that no documented code stands for.

export class InjectedError extends Error {
  override readonly name = 'InjectedError';

  /** @param code an event code that is not documented, for clients that meet one */
  constructor(
    readonly status: number,
    readonly code?: number,
  ) {
    super(code === undefined ? `status ${status}, as a fault asked for` : 'undocumented, as a fault asked for');
  }
}
