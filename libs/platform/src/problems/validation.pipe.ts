// Checks request bodies, parameters and queries against their classes.
import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { DomainError } from './problem.js';

/** One thing that is wrong with one field of a request; `field` is a path such as `rights.type`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

const MAX_NAME_LENGTH = 100;

/** The name of a field as an answer repeats it: it may come from the caller, who must not fill answers and logs with it. */
export function fieldName(name: string): string {
  return name.slice(0, MAX_NAME_LENGTH);
}

/**
 * A pipe that builds the class, refuses fields it does not declare, and throws one `invalid-request` that names every
 * field in `errors`. Values are never echoed.
 */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: true, value: false },
    exceptionFactory: (errors) => invalidFields(fieldErrors(errors)),
  });
}

/** The error for fields that are wrong in a way that a class cannot say. */
export function invalidFields(errors: readonly FieldError[]): DomainError {
  const fields = [...new Set(errors.map(({ field }) => field).filter((field) => field !== ''))];
  const detail = fields.length === 0 ? 'The body must be a JSON object.' : `Check these fields: ${fields.join(', ')}.`;
  return new DomainError('invalid-request', detail, { extensions: { errors } });
}

/** What a class says is wrong, by field: first the fields that it does not know, then the others as they are written. */
export function fieldErrors(errors: readonly ValidationError[], parent = ''): FieldError[] {
  // Class-validator has the rules of a class before those of the class it extends; an object has its fields in order.
  const fields = Object.keys(errors[0]?.target ?? {});
  const place = ({ property, constraints = {} }: ValidationError) =>
    'whitelistValidation' in constraints ? -1 : fields.indexOf(property);
  return errors.toSorted((one, other) => place(one) - place(other)).flatMap((error) => fieldErrorsOf(error, parent));
}

function fieldErrorsOf(error: ValidationError, parent: string): FieldError[] {
  // The error of a value that is no object at all has no property, whatever its type says.
  const name = fieldName(error.property || '');
  const field = parent === '' ? name : `${parent}.${name}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? 'is not a known field' : withoutName(message, error.property),
  }));
  return [...own, ...fieldErrors(error.children ?? [], field)];
}

function withoutName(message: string, name: string): string {
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}
