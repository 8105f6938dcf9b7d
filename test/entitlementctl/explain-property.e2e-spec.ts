import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainEntitlement } from '../../apps/entitlement/src/entitlements/entitlement-explanation.rules.js';
import * as entitlementRules from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import { tokenTerms } from '../../apps/entitlement/src/license-tokens/rights.js';
import { followHistory } from '../model/follow-history.js';
import { histories } from '../model/history.js';
import { DEFAULTS } from '../model/world.js';
import { runs } from '../model/replay.js';

const HISTORIES = 500;

describe('an explanation', () => {
  it(`is of the decision that is made, in ${HISTORIES} random histories`, () => {
    const rulesMet = new Set<number>();
    const settings = runs(HISTORIES);
    const decideEntitlement: typeof entitlementRules.decideEntitlement = (content, purchases, at, rule) => {
      const decision = entitlementRules.decideEntitlement(content, purchases, at, rule);
      const explained = explainEntitlement(content, purchases, at, rule);
      expect(explained.decision).toEqual(decision);
      expect(explained.purchases.map(({ purchase }) => purchase)).toEqual(purchases);
      const used = explained.purchases.filter(({ outcome }) => outcome === 'used').map(({ purchase }) => purchase);
      expect(used).toEqual(decision.entitled ? [decision.purchase] : []);
      const live = purchases.filter((purchase) => entitlementRules.isLive(purchase, at, rule));
      expect(explained.purchases.filter(({ outcome }) => outcome !== 'ended')).toHaveLength(live.length);
      for (const { purchase, outcome, clock } of explained.purchases) {
        if (outcome !== 'ended' && purchase.type === 'rental') {
          const underRule = { ...DEFAULTS, RENTAL_END_RULE: rule };
          const policy = { offlineAllowed: false, offlineLicenseSeconds: null };
          const { rights } = tokenTerms(purchase, at, underRule, { drm: 'playready', offline: false, policy });
          expect(clock?.secondsLeft).toBe(rights.playDurationSeconds);
        }
      }
      rulesMet.add(explained.rule.number);
      return decision;
    };
    const explaining = { ...entitlementRules, decideEntitlement, tokenTerms };
    fc.assert(
      fc.property(histories, (history) => followHistory(history, explaining)),
      settings,
    );
    if (settings.path === undefined) expect([...rulesMet].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5]);
  });
});
