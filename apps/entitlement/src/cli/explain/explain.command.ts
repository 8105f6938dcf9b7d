// `entitlementctl explain <user> <contentId>`.
import { type Command, Option } from 'commander';
import { CONTENT_ID, CONTENT_ID_RULE, type Drm, DRMS } from '../../catalog/content.js';
import type { AppliedRule, RentalClock } from '../../entitlements/entitlement-explanation.rules.js';
import { EntitlementsRepository } from '../../entitlements/entitlements.repository.js';
import { spendingLimits } from '../../entitlements/entitlements.service.js';
import { Environment } from '../../environment.js';
import { type Action, type Context, examples, withDatabase } from '../context.js';
import { CommandError, EXIT, usageError } from '../terminal/exit-codes.js';
import { indented, printableLine, type Terminal } from '../terminal/terminal.js';
import { momentText } from '../../moment.js';
import { lengthText, momentOption } from '../terminal/values.js';
import { ExplainFactsRepository } from './explain-facts.repository.js';
import type { LeftOut } from '../../license-tokens/granted-keys.js';
import { type DrmFacts, type Explanation, explanationOf, type PurchaseFacts } from './explanation.js';

export function explainCommand(parent: Command, action: Action): void {
  parent
    .command('explain')
    .summary('why may, or may not, a user play a title')
    .description(
      'Says whether a user may play a title, which rule decided, what became of each purchase, where the clock of a rental ' +
        'stands, and what would be asked of ExpressPlay. It decides with the code of the service, starts no clock, spends ' +
        'no token and writes nothing: its connection to the database is read-only. Exit code 1 when the answer is no.',
    )
    .argument('<user>', "the user id: the subject of the player's bearer token")
    .argument('<contentId>', 'the title')
    .option('--at <time>', 'the moment asked about, RFC 3339 (default: now)')
    .addOption(new Option('--drm <drm>', 'one DRM (default: all)').choices(DRMS))
    .option('--offline', 'as a player that asks for a licence to keep')
    .addHelpText(
      'after',
      examples(
        'entitlementctl explain bob sintel',
        'entitlementctl explain bob sintel --at 2026-12-24T20:00:00Z --drm fairplay',
        'entitlementctl explain alice sintel --drm playready --offline --json',
      ),
    )
    .action(action(explain));
}

async function explain(
  context: Context,
  user: string,
  contentId: string,
  { at, drm, offline = false }: { at?: string; drm?: Drm; offline?: boolean },
): Promise<number> {
  if (!CONTENT_ID.test(contentId)) throw usageError(`contentId ${CONTENT_ID_RULE}.`);
  const settings = context.settings(Environment, context.serviceVariables());
  const question = { user, contentId, drm, offline, at: at === undefined ? context.now() : momentOption('--at', at) };
  const session = { timeoutMs: settings.DATABASE_TIMEOUT_MS, poolSize: 1, readOnly: true };
  const work = withDatabase(settings, session, async (prisma): Promise<Explanation> => {
    const entitlement = await new EntitlementsRepository(prisma).find(user, contentId);
    if (entitlement === undefined) {
      throw new CommandError(EXIT.no, `There is no title ${contentId} (content-not-found). Ids are case-sensitive.`);
    }
    const more = new ExplainFactsRepository(prisma);
    const orders = await more.orders(user, contentId);
    const limits = spendingLimits(settings);
    const spending = limits && {
      ...(await more.spending(user, contentId, question.at, limits)),
      windowSeconds: limits.windowSeconds,
    };
    return explanationOf(question, { entitlement, orders, spending }, settings);
  });
  const explanation = await context.unlessInterrupted(work);
  context.terminal.result(explanation, () => explanationText(explanation, context.terminal));
  return explanation.granted ? EXIT.ok : EXIT.no;
}

function explanationText(explanation: Explanation, terminal: Terminal): string {
  const { user, contentId, at, granted, reason, rule, purchases, drms } = explanation;
  const verdict = granted
    ? terminal.style('good', `${user} may play ${contentId}`)
    : terminal.style('bad', `${user} may not play ${contentId}: ${reason ?? ''}`);
  const section = (title: string, lines: readonly string[]) =>
    `${terminal.style('strong', title)}\n${indented(lines.join('\n'))}`;
  return [
    `${verdict} (at ${momentText(at)})`,
    section('Rule', [ruleText(rule)]),
    section('Title', [titleText(explanation)]),
    section('Purchases', purchases.length === 0 ? ['none'] : purchases.map((one) => purchaseText(one, at))),
    section('Limits on spending', [limitsText(explanation)]),
    section('Keys', keyLines(drms)),
    section('DRM', drms.map(drmText)),
  ].join('\n\n');
}

function ruleText({ number, name, because }: AppliedRule): string {
  return `${number}. ${name}: ${because}`;
}

function titleText({ title: { availableFrom, withdrawnAt, state } }: Explanation): string {
  const from = availableFrom === null ? 'no first date' : `available from ${momentText(availableFrom)}`;
  const end = withdrawnAt === null ? 'not withdrawn' : `withdrawn at ${momentText(withdrawnAt)}`;
  return `${state} (${from}, ${end})`;
}

const OUTCOMES: Record<PurchaseFacts['outcome'], string> = {
  used: 'entitles',
  'would-do': 'would do, is not used',
  ended: 'does not entitle',
};

function purchaseText(purchase: PurchaseFacts, at: Date): string {
  const { externalId, purchaseId, type, purchasedAt, revokedAt, revocationReason, outcome, rule, clock } = purchase;
  const bought = purchasedAt === null ? '' : `, of ${momentText(purchasedAt)}`;
  const lines = [`rule ${ruleText(rule)}`];
  if (revokedAt !== null) {
    lines.push(`revoked at ${momentText(revokedAt)}${revocationReason === null ? '' : ` (${revocationReason})`}`);
  }
  if (clock !== null) lines.push(...clockLines(clock, at));
  return `${printableLine(externalId ?? purchaseId)} (${type}${bought}): ${OUTCOMES[outcome]}\n${indented(lines.join('\n'))}`;
}

function clockLines(
  { firstPlayAt, periodEndsAt, endsAt, endsAtWhenPlayed, playDurationSeconds, secondsLeft, endRule }: RentalClock,
  at: Date,
): string[] {
  const left = secondsLeft === 0 ? 'nothing is left' : `${lengthText(secondsLeft)} are left to play`;
  const first = firstPlayAt === null ? 'not started' : `first play ${momentText(firstPlayAt)}`;
  const end = endsAt <= at ? `ended ${momentText(endsAt)}` : `ends ${momentText(endsAt)}`;
  // The first play may bring the end forward, and by start-by put it off.
  const moved = secondsLeft > 0 && endsAtWhenPlayed.getTime() !== endsAt.getTime();
  const played = moved ? `, ${momentText(endsAtWhenPlayed)} if it is played now` : '';
  return [
    `${first}, period ends ${momentText(periodEndsAt)}, ${lengthText(playDurationSeconds)} to play once started`,
    `${end}${played} (RENTAL_END_RULE ${endRule}), ${left}`,
  ];
}

function limitsText({ limits }: Explanation): string {
  if (limits === null) return 'none are set (TOKEN_LIMIT_PER_USER, TOKEN_LIMIT_PER_TITLE)';
  const of = (limit: number | null) => (limit === null ? '(no limit)' : `of ${limit}`);
  const spent = `${limits.user} ${of(limits.perUser)} tokens for the user and ${limits.title} ${of(limits.perTitle)} for the title`;
  const until = limits.limitedUntil === null ? '' : `; no more until ${momentText(limits.limitedUntil)}`;
  return `${spent} in the last ${lengthText(limits.windowSeconds)}${until}`;
}

const LEFT_OUT: Record<LeftOut, string> = {
  'no-key': 'the key itself is not there yet',
  'above-quality': 'it is for better quality than is granted',
  'no-iv': 'it has no IV',
};

/** A line for each key of the title: which tokens carry it, and why others do not. */
function keyLines(drms: readonly DrmFacts[]): string[] {
  const [first] = drms;
  if (first === undefined || first.keys.length === 0) return ['none'];
  return first.keys.map(({ kid, tracks }) => {
    const of = drms.map(({ drm, keys }) => ({ drm, leftOut: keys.find((key) => key.kid === kid)?.leftOut ?? null }));
    const without = of.filter(({ leftOut }) => leftOut !== null);
    const reasons = [...new Set(without.map(({ leftOut }) => leftOut))].map((reason) => {
      const which = without.filter(({ leftOut }) => leftOut === reason).map(({ drm }) => drm);
      const whose = which.length === drms.length ? 'left out' : `not for ${which.join(' and ')}`;
      return `${whose}: ${reason === null ? '' : LEFT_OUT[reason]}`;
    });
    return `${kid} (${tracks.join(', ') || 'all tracks'}): ${reasons.join('; ') || 'granted'}`;
  });
}

function drmText({ drm, problem, asked, keys }: DrmFacts): string {
  if (problem !== null) return `${drm}: ${problem.reason}, ${problem.detail}`;
  if (asked === null) return `${drm}: the title has what it needs; no token would be asked for`;
  const { rights, startWithinSeconds, tokenExpiresAt, keyDelivery, kekId } = asked;
  const { endsAt, playDurationSeconds } = rights;
  const start = startWithinSeconds === undefined ? '' : `, ${startWithinSeconds} s to start`;
  const play = playDurationSeconds === null ? '' : `, ${playDurationSeconds} s to play`;
  const what = `${endsAt === null ? 'BuyToOwn' : `Rental until ${momentText(endsAt)}`}${start}${play}`;
  const persistence = rights.persistent ? ', persistent' : '';
  const granted = keys.filter(({ leftOut }) => leftOut === null).length;
  const named = drm === 'fairplay' && granted > 1 ? `; a request has to name one of ${granted} KIDs` : '';
  return `${drm}: would be asked for ${what}${persistence}; token good until ${momentText(tokenExpiresAt)}; key ${keyDelivery} (KEK ${kekId})${named}`;
}
