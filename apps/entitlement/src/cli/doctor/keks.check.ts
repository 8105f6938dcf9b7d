// Whether the KEKs of the configuration are those that the content keys of the database need.
import { kekUse, unreadableBecause, withoutKeyText } from '../keys/check-keys.js';
import { ContentKeysRepository } from '../keys/content-keys.repository.js';
import { type Check, type CheckContext, DATABASE_VARIABLES, failed, type Finding, ok, warning } from './check.js';
import { asking } from './database.check.js';

export const keksCheck: Check = {
  name: 'keks',
  summary: 'the KEKs that content keys are wrapped under',
  needs: [...DATABASE_VARIABLES, 'CONTENT_KEY_KEKS'],
  run: keksFindings,
};

function keksFindings(context: CheckContext): Promise<Finding[]> {
  const keks = context.environment.CONTENT_KEY_KEKS.current;
  return asking(context, 'content keys', async (_state, prisma) => {
    const rows = new ContentKeysRepository(prisma);
    const use = await kekUse(rows, keks.ids);
    const samples = await rows.sampleOfEachKek();
    const wrong = samples.filter((row) => unreadableBecause(row, keks) === 'wrong-kek');
    const unknown = use.keks.filter(({ configured }) => !configured);
    const findings: Finding[] = [];
    for (const { kekId, wrapped, keyStorage } of unknown) {
      const advice =
        'Add it to CONTENT_KEY_KEKS (or the file of CONTENT_KEY_KEKS_FILE); these titles cannot be played.';
      findings.push(failed(`KEK ${kekId}`, `not configured, and ${wrapped + keyStorage} title(s) need it`, advice));
    }
    for (const { kekId, contentId } of wrong) {
      const advice =
        'CONTENT_KEY_KEKS has another key under this id. `entitlementctl keys check` looks at every title.';
      findings.push(failed(`KEK ${kekId}`, `it does not unwrap the key of ${contentId}`, advice));
    }
    if (use.contentsWithoutKey > 0) {
      const advice = 'They cannot be played: give them one with PUT /v1/admin/contents/{contentId}/key.';
      findings.push(warning('titles', `without a content key: ${withoutKeyText(use)}`, advice));
    }
    if (unknown.length + wrong.length > 0) return findings;
    const keys = use.keks.reduce((sum, { wrapped, keyStorage }) => sum + wrapped + keyStorage, 0);
    const unused = use.keks.filter(({ wrapped, keyStorage }) => wrapped + keyStorage === 0).map(({ kekId }) => kekId);
    const rest = unused.length === 0 ? '' : `; unused: ${unused.join(', ')}`;
    const found = `${keys} content key(s), every KEK is configured, one key of each unwraps${rest}`;
    return [ok('KEKs of CONTENT_KEY_KEKS', found), ...findings];
  });
}
