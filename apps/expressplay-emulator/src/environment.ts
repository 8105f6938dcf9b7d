// The emulator's configuration: every variable it reads, described.
import { Variable } from '@app/platform/configuration';
import { LOG_LEVELS, type LogLevel } from '@app/platform/http';
import { IsIn, IsInt, IsUrl, Max, Min } from 'class-validator';
import { type Account, type AccountEnvironment, readAccountsFile } from './accounts/account.js';

/** The emulator's settings, validated at start. */
export class Environment {
  @Variable({ description: 'Port that the emulator listens on; 0 takes a free one.', default: '3100' })
  @IsInt()
  @Min(0)
  @Max(65535)
  readonly EMULATOR_PORT!: number;

  @Variable({ description: 'Address that the emulator listens on.', default: '127.0.0.1', example: '0.0.0.0' })
  readonly EMULATOR_HOST!: string;

  @Variable({ description: 'ExpressPlay environment that is played: test or production.', default: 'test' })
  @IsIn(['test', 'production'])
  readonly EMULATOR_ENVIRONMENT!: AccountEnvironment;

  @Variable({
    description: 'Base of the licence URLs that are handed out; by default where the token request came to.',
    example: 'http://localhost:3100',
    optional: true,
  })
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  readonly EMULATOR_PUBLIC_URL?: string;

  @Variable({
    description: 'JSON file of the accounts that take the place of the demo ones.',
    example: '/etc/emulator/accounts.json',
    optional: true,
    secret: true,
    parse: readAccountsFile,
  })
  readonly EMULATOR_ACCOUNTS_FILE?: readonly Account[];

  @Variable({
    description:
      'JSON file with the service, the titles and the viewers of the player page, with their bearer tokens; without it there is no page. The stack writes it.',
    example: '.stack/port-3000/player.json',
    optional: true,
  })
  readonly EMULATOR_PLAYER_FILE?: string;

  @Variable({ description: 'Lowest level that is logged.', default: 'info' })
  @IsIn([...LOG_LEVELS])
  readonly LOG_LEVEL!: LogLevel;

  @Variable({
    description: 'How log lines are written: json for machines, pretty for people. The image has json alone.',
    default: 'json',
  })
  @IsIn(['json', 'pretty'])
  readonly LOG_FORMAT!: 'json' | 'pretty';
}
