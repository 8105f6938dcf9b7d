// `entitlementctl token <user>`: a bearer token for tests.
import { IsIn } from 'class-validator';
import type { Command } from 'commander';
import { Variable } from '@app/platform/configuration';
import { IsIntegerBetween } from '../../environment/formats.js';
import { type Action, type Context, examples } from '../context.js';
import { EXIT, usageError } from '../terminal/exit-codes.js';
import { momentText } from '../../moment.js';
import { integerOption } from '../terminal/values.js';
import { issuedScope, readPrivateKey, signBearerToken, type SigningIdentity } from './bearer-signer.js';
import { demoIdentity } from '../stack.js';

interface Options {
  scope: string;
  expiresIn: string;
  key?: string;
  keyId?: string;
  issuer?: string;
  audience?: string;
}

const MOST_SECONDS = 31_536_000;

export function tokenCommand(parent: Command, action: Action): void {
  parent
    .command('token')
    .summary('a bearer token for tests')
    .description(
      'Prints a bearer token for tests, alone on its line. Without --key it is signed with the key of the stack that runs ' +
        'on PORT (`npm run stack`); where EXPRESSPLAY_ENVIRONMENT is production, only with --key.',
    )
    .argument('<user>', 'the user id: the subject of the token')
    .option('--scope <scopes>', 'scopes, separated by blanks', 'playback')
    .option('--expires-in <seconds>', 'its life in seconds; negative for one that has expired', '3600')
    .option('--key <file>', "the issuer's private key, a JWK or PEM")
    .option('--key-id <kid>', 'the key id in the header (default: that of the JWK)')
    .option('--issuer <iss>', 'the issuer, with --key (default: AUTH_ISSUER)')
    .option('--audience <aud>', 'the audience, with --key (default: AUTH_AUDIENCE)')
    .addHelpText(
      'after',
      examples(
        'entitlementctl token bob',
        'entitlementctl token store --scope "catalog:write purchases:write ledger:read"',
        'entitlementctl token bob --expires-in -60',
        'entitlementctl token bob --key issuer.pem --key-id 2026-11',
      ),
    )
    .action(action(token));
}

async function token(context: Context, user: string, options: Options): Promise<number> {
  if (user === '') throw usageError('<user> must not be empty.');
  const expiresInSeconds = integerOption('--expires-in', options.expiresIn, -MOST_SECONDS, MOST_SECONDS);
  const settings = context.settings(TokenEnvironment);
  const identity = { ...(await identityOf(options, settings)), scopePrefix: settings.AUTH_SCOPE_PREFIX };
  const now = context.now();
  const bearer = await signBearerToken(identity, { user, scope: options.scope, expiresInSeconds }, now);
  const expiresAt = momentText(new Date(now.getTime() + expiresInSeconds * 1000));
  const scope = issuedScope(identity, options.scope);
  context.terminal.result({ token: bearer, user, scope, issuer: identity.issuer, expiresAt }, () => bearer);
  return EXIT.ok;
}

async function identityOf({ key, keyId, ...options }: Options, settings: TokenEnvironment): Promise<SigningIdentity> {
  if (key === undefined) {
    if (settings.EXPRESSPLAY_ENVIRONMENT === 'production') {
      throw usageError(
        "EXPRESSPLAY_ENVIRONMENT is production: there is no demo issuer there. Give the issuer's private key with --key.",
      );
    }
    if (keyId !== undefined || options.issuer !== undefined || options.audience !== undefined) {
      throw usageError('--key-id, --issuer and --audience go with --key.');
    }
    return demoIdentity(settings.PORT);
  }
  const issuer = options.issuer ?? settings.AUTH_ISSUER;
  const audience = options.audience ?? settings.AUTH_AUDIENCE?.[0];
  if (issuer === undefined) throw usageError('With --key the issuer is needed: set AUTH_ISSUER or give --issuer.');
  if (audience === undefined)
    throw usageError('With --key the audience is needed: set AUTH_AUDIENCE or give --audience.');
  const read = await readPrivateKey(key);
  return { ...read, issuer, audience, keyId: keyId ?? read.keyId };
}

class TokenEnvironment {
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

  @Variable({ description: "What the issuer puts before this service's scopes, such as playback.", optional: true })
  readonly AUTH_SCOPE_PREFIX?: string;
}
