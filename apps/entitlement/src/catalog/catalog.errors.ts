// What can be wrong with what is asked of the catalogue, by players and by the store.
import { DomainError, invalidFields } from '@app/platform/problems';

/** The catalogue has no such content. */
export class UnknownContentError extends DomainError {
  constructor() {
    super('content-not-found', 'There is no such content.');
  }
}

/** The catalogue has no such output policy. */
export class UnknownOutputPolicyError extends DomainError {
  constructor() {
    super('output-policy-not-found', 'There is no such output policy.');
  }
}

/** What the caller knew is not what is there now. */
export class PreconditionFailedError extends DomainError {
  constructor() {
    super('precondition-failed', 'It has another version than If-Match says; read it again.');
  }
}

/** A content names an output policy that is not there. */
export function outputPolicyIsMissing(): DomainError {
  return invalidFields([{ field: 'outputPolicy', message: 'there is no output policy of this name' }]);
}

/** Another content has the key id. */
export function kidIsTaken(): DomainError {
  return invalidFields([{ field: 'kid', message: 'is the key id of another content' }]);
}
