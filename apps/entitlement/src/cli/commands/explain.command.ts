// `entitlementctl explain <user> <contentId>`.
import { Option, type Command } from 'commander';
import { CONTENT_ID, CONTENT_ID_RULE } from '../../catalog/content-id.js';
import { DRMS, type Drm } from '../../catalog/drm.js';
import { EntitlementsRepository } from '../../entitlements/entitlements.repository.js';
import { Environment } from '../../environment.js';
import { spendingLimits } from '../../license-tokens/spending-limits.js';
import type { Context } from '../context.js';
import { withDatabase } from '../database-session.repository.js';
import { ExplainFactsRepository } from '../explain/explain-facts.repository.js';
import { explanationOf, type Explanation } from '../explain/explanation.js';
import { explanationText } from '../explain/explanation.text.js';
import { CommandError, EXIT, usageError } from '../terminal/exit-codes.js';
import { momentOption } from '../terminal/moments.js';
import { examples, type Action } from './command-support.js';

interface Options {
  at?: string;
  drm?: Drm;
  offline?: boolean;
}

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
    .action(action((context, [user, contentId], options) => explain(context, user ?? '', contentId ?? '', options)));
}

async function explain(
  context: Context,
  user: string,
  contentId: string,
  { at, drm, offline = false }: Options,
): Promise<number> {
  if (!CONTENT_ID.test(contentId)) throw usageError(`${CONTENT_ID_RULE}.`);
  const settings = context.settings(Environment);
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
    const spending = limits && { limits, spent: await more.spending(user, contentId, question.at, limits) };
    return explanationOf(question, { entitlement, orders, spending }, settings);
  });
  const explanation = await context.unlessInterrupted(work);
  context.terminal.result(explanation, () => explanationText(explanation, context.terminal));
  return explanation.granted ? EXIT.ok : EXIT.no;
}
