// What is said of content keys and their KEKs.
import { table } from '../terminal/table.js';
import type { KeyCheckReport } from './check-keys.js';
import { withoutKeyText, type KekUse } from './kek-use.js';
import type { RotationReport, UnreadableKey } from './rotate-keys.js';

const MOST_LISTED = 20;

const REASONS: Record<UnreadableKey['reason'], (key: UnreadableKey) => string> = {
  'unknown-kek': ({ kekId }) => `its KEK ${kekId} is not among CONTENT_KEY_KEKS`,
  'wrong-kek': ({ kekId }) => `the KEK ${kekId} of CONTENT_KEY_KEKS does not unwrap it`,
};

/** A table of the KEKs. */
export function kekUseText(use: KekUse): string {
  const rows = use.keks.map(({ kekId, configured, wrapped, keyStorage, wrapsNewKeys }) => [
    kekId,
    configured ? (wrapsNewKeys ? 'yes, wraps new keys' : 'yes') : 'NO',
    String(wrapped),
    String(keyStorage),
    verdictOf(configured, wrapped + keyStorage),
  ]);
  const without =
    use.contentsWithoutKey === 0 ? [] : [`Without a key, so that they cannot be played: ${withoutKeyText(use)}.`];
  return [table(['KEK', 'CONFIGURED', 'WRAPPED', 'KEY STORAGE', ''], rows), ...without].join('\n');
}

function verdictOf(configured: boolean, uses: number): string {
  if (!configured) return 'these titles cannot be played: add the KEK to CONTENT_KEY_KEKS';
  return uses === 0 ? 'unused' : '';
}

/** What a rotation did. */
export function rotationText({ rotated, unreadable, keyStorage }: RotationReport, to: string, dryRun: boolean): string {
  const done = dryRun
    ? `A dry run: ${rotated} content key(s) would be wrapped under ${to}. Nothing was changed.`
    : `${rotated} content key(s) are wrapped under ${to} now.`;
  const left = keyStorage.map(
    ({ kekId, count }) =>
      `${count} content key(s) lie in ExpressPlay's key storage under ${kekId}: they are left, and so must ${kekId} be.`,
  );
  const end =
    unreadable.length > 0
      ? [unreadableText(unreadable), `${unreadable.length} content key(s) cannot be read and were left as they are.`]
      : dryRun
        ? []
        : ['No key in this database is wrapped under another KEK any more.'];
  return [done, ...left, ...end].join('\n');
}

/** What a check found. */
export function keyCheckText({ readable, unreadable }: KeyCheckReport): string {
  const good = `${readable} content key(s) unwrap under their KEK.`;
  if (unreadable.length === 0) return good;
  return `${good}\n${unreadableText(unreadable)}\n${unreadable.length} content key(s) cannot be read.`;
}

function unreadableText(keys: readonly UnreadableKey[]): string {
  const lines = keys.slice(0, MOST_LISTED).map((key) => `${key.contentId}: ${REASONS[key.reason](key)}`);
  if (keys.length > MOST_LISTED) lines.push(`... and ${keys.length - MOST_LISTED} more (all of them with --json)`);
  return lines.join('\n');
}
