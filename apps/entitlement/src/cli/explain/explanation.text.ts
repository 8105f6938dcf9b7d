// An explanation in words.
import type { Terminal } from '../terminal/terminal.js';
import { lengthText, momentText } from '../terminal/moments.js';
import { printableLine } from '../terminal/printable.js';
import { indented } from '../terminal/table.js';
import type { AppliedRule, RentalClock } from '../../entitlements/entitlement-explanation.rules.js';
import type { DrmFacts } from './drm-facts.js';
import type { Explanation, PurchaseFacts } from './explanation.js';

/** @param terminal knows whether there are colours */
export function explanationText(explanation: Explanation, terminal: Terminal): string {
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
    section('DRM', drms.map(drmText)),
  ].join('\n\n');
}

function ruleText({ number, name, because }: AppliedRule): string {
  return `${number}. ${name}: ${because}`;
}

function titleText({ title: { availableFrom, withdrawnAt, state } }: Explanation): string {
  const dates = [
    availableFrom === null ? 'no first date' : `available from ${momentText(availableFrom)}`,
    withdrawnAt === null ? 'not withdrawn' : `withdrawn at ${momentText(withdrawnAt)}`,
  ];
  return `${state} (${dates.join(', ')})`;
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

function drmText({ drm, problem, asked }: DrmFacts): string {
  if (problem !== null) return `${drm}: ${problem.reason}, ${problem.detail}`;
  if (asked === null) return `${drm}: available`;
  const { rights, tokenExpiresAt, keyDelivery, kekId } = asked;
  const what =
    rights.type === 'buy-to-own'
      ? 'BuyToOwn'
      : `Rental until ${momentText(rights.endsAt)}, ${rights.playDurationSeconds} s to play`;
  const persistence = rights.persistent ? ', persistent' : '';
  return `${drm}: would be asked for ${what}${persistence}; token good until ${momentText(tokenExpiresAt)}; key ${keyDelivery} (KEK ${kekId})`;
}
