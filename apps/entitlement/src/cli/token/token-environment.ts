// The variables of the token command: those of the service that a bearer token has to fit.
import { Variable } from '@app/platform/configuration';
import { IsIn } from 'class-validator';
import { IsIntegerBetween } from '../../environment/formats.js';

export class TokenEnvironment {
  @Variable({ description: 'Port of the local stack whose key signs.', default: '3000' })
  @IsIntegerBetween(0, 65_535)
  readonly PORT!: number;

  @Variable({ description: 'Which ExpressPlay environment tokens are bought in: test or production.', default: 'test' })
  @IsIn(['test', 'production'])
  readonly EXPRESSPLAY_ENVIRONMENT!: 'test' | 'production';

  @Variable({ description: 'Issuer (iss) of bearer tokens.', optional: true })
  readonly AUTH_ISSUER?: string;

  @Variable({
    description: 'Audience (aud) that bearer tokens must name; of several, separated by commas, one.',
    optional: true,
  })
  readonly AUTH_AUDIENCE?: string[];
}
