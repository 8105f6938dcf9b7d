// Whether this machine's clock agrees with those of ExpressPlay, the issuer and Postgres.
import { tokenServiceUrl } from '@app/expressplay';
import { expressPlayLocation } from '../../environment/expressplay.js';
import { pathOf } from '../../environment/formats.js';
import {
  type Check,
  type CheckContext,
  DATABASE_VARIABLES,
  EXPRESSPLAY_VARIABLES,
  failed,
  type Finding,
  notLookedAt,
  ok,
  warning,
} from './check.js';
import { readDatabase } from './database.checks.js';

const WARN_SECONDS = 2;
const FAIL_SECONDS = 30;

export const clockCheck: Check = {
  name: 'clock',
  summary: "this machine's clock",
  // Each of the other clocks is looked at by itself.
  needs: [],
  run: clockFindings,
};

interface Reading {
  /** The other clock's time, in milliseconds; of `Date` headers the middle of their second. */
  theirs: number;
  /** Ours before and after. */
  from: number;
  to: number;
  /** How exact theirs is, in milliseconds each way. */
  exactness: number;
}

async function clockFindings(context: CheckContext): Promise<Finding[]> {
  const { environment, wrong } = context;
  const { AUTH_JWKS_URL: jwks } = environment;
  const expressPlay = () => dateHeader(tokenServiceUrl('playready', expressPlayLocation(environment)), context);
  const look = async (name: string, needs: readonly string[], read: () => Promise<Reading | undefined>) => {
    const missing = needs.filter((variable) => wrong.has(variable));
    if (missing.length > 0) return notLookedAt(name, missing.join(', '));
    const reading = await read().catch(() => undefined);
    if (reading !== undefined) return clockFinding(name, reading);
    return { status: 'skipped', looked: name, found: 'it tells no time: see the other checks' } satisfies Finding;
  };
  const looks = [
    look('Postgres', DATABASE_VARIABLES, () => postgres(context)),
    look('ExpressPlay', EXPRESSPLAY_VARIABLES, expressPlay),
  ];
  if (wrong.has('AUTH_JWKS_URL') || pathOf(jwks) === undefined) {
    looks.push(look('the issuer (AUTH_JWKS_URL)', ['AUTH_JWKS_URL'], () => dateHeader(jwks, context)));
  }
  return Promise.all(looks);
}

function clockFinding(name: string, { theirs, from, to, exactness }: Reading): Finding {
  const looked = `compared with ${name}`;
  const offset = (from + to) / 2 - theirs;
  // What is left when the way there and back, and the other clock's exactness, are given the benefit of the doubt.
  const sure = Math.max(0, Math.abs(offset) - (to - from) / 2 - exactness) / 1000;
  const seconds = Math.abs(offset / 1000).toFixed(1);
  if (sure <= WARN_SECONDS) return ok(looked, `less than ${WARN_SECONDS} s apart`);
  const found = `this clock is ${seconds} s ${offset > 0 ? 'ahead' : 'behind'}`;
  const advice =
    'Have both machines keep their time with NTP: tokens, rentals and bearer tokens are judged by the clock.';
  return sure > FAIL_SECONDS ? failed(looked, found, advice) : warning(looked, found, advice);
}

function postgres(context: CheckContext): Promise<Reading> {
  return readDatabase(context, async (state) => {
    // The connection is opened by the first question.
    await state.time();
    const from = context.now().getTime();
    const theirs = (await state.time()).getTime();
    return { theirs, from, to: context.now().getTime(), exactness: 1 };
  });
}

/** Any answer will do, also an error: every one has a `Date`. Nothing is sent but the address. */
async function dateHeader(url: string, { signal, now }: CheckContext): Promise<Reading | undefined> {
  const from = now().getTime();
  const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
  const to = now().getTime();
  const date = Date.parse(answer.headers.get('Date') ?? '');
  return Number.isNaN(date) ? undefined : { theirs: date + 500, from, to, exactness: 500 };
}
