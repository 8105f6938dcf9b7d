import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Budget, ManualClock } from '@app/platform/clock';
import { loadEnvironment } from '@app/platform/configuration';
import { type TokenRequest, TransportError } from '@app/expressplay';
import { wrapKey } from '@app/expressplay';
import { describe, expect, it } from 'vitest';
import type { EntitlementsService } from '../entitlements/entitlements.service.js';
import { Environment } from '../environment.js';
import type { Recorder } from '../observability/recorder.js';
import { t } from '../testing/rentals.js';
import { HEX, REQUIRED_VARIABLES } from '../testing/required-variables.js';
import { BorrowedKeys, type ContentKeys } from './content-keys.js';
import type { ExpressPlay } from './expressplay.js';
import { LicenseTokensService } from './license-tokens.service.js';

const CONTENT_KEY = new Uint8Array(randomBytes(16));
const ORDER = {
  userId: 'alice',
  contentId: 'sintel',
  drm: 'fairplay',
  offline: false,
  requestId: 'r',
  facts: {},
} as const;

describe('a content key that was unwrapped for a request', () => {
  it.each(['fulfilled', 'rejected'])(
    'is there until ExpressPlay has answered, and cleared when it is %s',
    async (end) => {
      const unlimited = { TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' };
      const variables = { ...REQUIRED_VARIABLES, ...unlimited, CONTENT_KEY_DELIVERY: 'clear' };
      const environment = loadEnvironment(Environment, variables);
      const { id: kekId, kek } = environment.CONTENT_KEY_KEKS.current.first();
      const key = { source: 'wrapped', kekId, ek: wrapKey(kek, CONTENT_KEY) };
      const content = {
        id: 'sintel',
        keys: [{ kid: HEX, tracks: [], iv: HEX, key, outputPolicy: null }],
        outputPolicy: { additionalParameters: [], extensions: [] },
      };
      const entitlement = {
        entitled: true,
        quality: 'uhd2',
        purchase: { type: 'buy-to-own', id: 'p', revokedAt: null },
      };
      let sent: Uint8Array = new Uint8Array();
      const expressPlay = {
        requestToken: async (request: TokenRequest) => {
          if (request.key.kind === 'clear') sent = request.key.contentKey;
          await turn();
          expect(sent).toEqual(CONTENT_KEY);
          if (end === 'rejected') throw new TransportError('reset');
          return {};
        },
      };
      const recorder = {
        isLedgerFailing: () => false,
        granted: () => Promise.resolve(true),
        refused: () => Promise.resolve(),
      };
      const decision = Promise.resolve({ content, entitlement, limitedUntil: null });
      const service = new LicenseTokensService(
        environment,
        new ManualClock(t(0)),
        { decideAndReserve: () => decision } as unknown as EntitlementsService,
        { borrow: () => new BorrowedKeys(environment) } as unknown as ContentKeys,
        expressPlay as unknown as ExpressPlay,
        recorder as unknown as Recorder,
      );
      expect((await Promise.allSettled([service.issue({ ...ORDER, budget: new Budget(60_000) })]))[0]?.status).toBe(
        end,
      );
      expect(sent).toEqual(new Uint8Array(16));
    },
  );
});
