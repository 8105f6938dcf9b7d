// Problem documents (RFC 9457) as the API's document describes them.
import { type ProblemCode, PROBLEMS } from '@app/platform/problems';
import { DENIAL_REASONS } from '../entitlements/entitlement.rules.js';
import { Schema } from './documentation.js';

@Schema({ name: 'FieldError', description: 'One thing that is wrong with one field.' })
export class FieldErrorAnswer {
  /** A path such as `widevine.hdcp`; empty when the body as a whole is wrong. */
  field!: string;

  /** What the field must be, for people. It never repeats a value. */
  message!: string;
}

@Schema({
  description:
    'A problem document (RFC 9457). Decide by `code`; `title` and `detail` are for people and may change. There may be further members.',
})
export class Problem {
  /** `urn:expressplay-bff:problem:` and the code. */
  @Schema({ format: 'uri' })
  type!: string;

  /** The kind of problem, for people. */
  title!: string;

  /** The status of the answer. */
  @Schema({ minimum: 400, maximum: 599 })
  status!: number;

  /** What happened here, for people. */
  detail!: string;

  /** What to decide by. */
  @Schema({ enum: Object.keys(PROBLEMS) })
  code!: ProblemCode;

  /** The `X-Request-Id` of the answer. */
  requestId?: string;

  /** Why not, with `not-entitled`: of several reasons the one closest to being entitled. */
  @Schema({ enum: [...DENIAL_REASONS] })
  reason?: string;

  /** Everything that is wrong, by field. */
  errors?: FieldErrorAnswer[];
}
