// Secrets are swapped as Kubernetes swaps them, while players go on asking: no request is lost.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { type AuthenticatorFallback, type ContentKeySource, unwrapKey, wrapKey } from '@app/expressplay';
import { MountedSecrets } from '../libs/platform/src/configuration/testing.js';
import { Environment } from '../apps/entitlement/src/environment.js';
import { ExpressPlay } from '../apps/entitlement/src/license-tokens/expressplay.js';
import { Exchanges } from '../apps/entitlement/src/observability/exchanges.js';
import { ctl } from './entitlementctl/command-line.js';
import { Load, lost } from './support/load.js';
import { RevocableAccounts } from './support/revocable-accounts.js';
import { TestService, type TestServiceOptions } from './support/test-service.js';

const AUTHENTICATOR = 'EXPRESSPLAY_CUSTOMER_AUTHENTICATOR';

let service: TestService;
let mount: MountedSecrets;

async function start(
  files: Record<string, string>,
  variables: Record<string, string>,
  options: TestServiceOptions = {},
): Promise<void> {
  mount = new MountedSecrets(files);
  const mounted = Object.entries(variables).flatMap(([variable, name]) => [
    [variable, ''],
    [`${variable}_FILE`, mount.path(name)],
  ]);
  // Players that ask without a pause must not meet the limits on spending.
  const unlimited = { TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' };
  const environment = { ...unlimited, ...Object.fromEntries(mounted), ...options.environment };
  service = await TestService.start({ ...options, environment });
}

afterEach(async () => {
  await service.stop();
  mount.remove();
});

describe('the authenticator', () => {
  let accounts: RevocableAccounts;
  let old: string;
  let next: string;
  const fallbacks: AuthenticatorFallback[] = [];

  beforeEach(async () => {
    accounts = RevocableAccounts.make(2);
    [old = '', next = ''] = accounts.authenticators;
    fallbacks.length = 0;
    await start({ old }, { [AUTHENTICATOR]: 'old', [`${AUTHENTICATOR}_NEXT`]: 'next' }, { accounts });
    const exchanges = service.app.get(Exchanges);
    const fellBack = exchanges.fellBack.bind(exchanges);
    exchanges.fellBack = (fallback) => {
      fallbacks.push(fallback);
      fellBack(fallback);
    };
  });

  it('changes under load with the second one mounted beside it, and no request is lost', async () => {
    const answers = await Load.during(service, async (load) => {
      await load.more();
      mount.swap({ next });
      expect(accounts.asked(next)).toBe(0);
      accounts.withdraw(old);
      await load.until(() => accounts.asked(next) > 0);
      await load.more();
      const askedOld = accounts.asked(old);
      await load.more();
      // The second one is preferred by now: the old one is not asked again.
      expect(accounts.asked(old)).toBe(askedOld);
      mount.swap({ old: next, next: undefined });
      await load.until(() => service.log.text.includes(`${AUTHENTICATOR}_NEXT_FILE: the file is empty or gone`));
      await load.more();
    });
    expect(answers.length).toBeGreaterThan(100);
    expect(lost(answers)).toEqual([]);
    expect(new Set(fallbacks.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    expect(fallbacks.filter(({ switched }) => switched)).toHaveLength(1);
    expect(fallbacks.length).toBeLessThanOrEqual(16);
    expect(service.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        authenticatorFallback: {
          rejected: AUTHENTICATOR,
          tried: `${AUTHENTICATOR}_NEXT`,
          outcome: 'accepted',
        },
      }),
    );
    for (const authenticator of [old, next]) expect(service.log.text).not.toContain(authenticator.split(',')[1]);
  });

  it('is replaced under load in the moment it is withdrawn, and no request is lost', async () => {
    const answers = await Load.during(service, async (load) => {
      for (const [from, to] of [
        [old, next],
        [next, old],
        [old, next],
      ] as const) {
        await load.more();
        const before = accounts.asked(to);
        accounts.readmit(to);
        mount.swap({ old: to });
        accounts.withdraw(from);
        // By a refusal or, when the file happens to be looked at just then, without one.
        await load.until(() => accounts.asked(to) > before);
      }
    });
    expect(lost(answers)).toEqual([]);
  });

  it('stays what it was when its file is broken, and the log names the variable and no value', async () => {
    const answers = await Load.during(service, async (load) => {
      mount.swap({ old: 'canary-of-a-broken-file' });
      await load.until(() => service.log.text.includes(`${AUTHENTICATOR}_FILE: must be`));
      await load.more();
    });
    expect(lost(answers)).toEqual([]);
    expect(service.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: expect.stringMatching(/^EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_FILE: .+; the value before stays in force$/),
      }),
    );
    expect(service.log.text).not.toContain('canary-of-a-broken-file');
  });

  it('is refused by name when both are: the second is tried once, and the player is told nothing of it', async () => {
    mount.swap({ next });
    for (const authenticator of [old, next]) accounts.withdraw(authenticator);
    const answer = await service.ask('alice', { contentId: 'sintel', drm: 'playready' });
    expect([answer.status, answer.body.code]).toEqual([502, 'upstream-rejected']);
    expect([accounts.asked(old), accounts.asked(next)]).toEqual([1, 1]);
    expect(fallbacks).toEqual([{ rejected: 'first', tried: 'second', outcome: 'rejected', switched: false }]);
    expect(answer.text).not.toMatch(/2018|authenticator/i);
    expect(await service.ledger()).toMatchObject([{ decision: 'failed', expressplay_code: -2018 }]);
  });
});

describe.each(['wrapped', 'clear'])('the KEK, with keys sent %s,', (delivery) => {
  const kek = (id: string, hex: string): string => `${id}=${hex}\n`;
  const oldKek = kek('test', inject('kek'));
  const newHex = randomBytes(16).toString('hex');
  const newKek = kek('2026-12', newHex);
  const output: string[] = [];

  const rotate = async (...args: string[]): Promise<void> => {
    const env = { DATABASE_URL: service.database.url, CONTENT_KEY_KEKS_FILE: mount.path('keks') };
    const { exitCode, stdout, stderr } = await ctl(['keys', 'rotate', ...args], { env });
    expect(exitCode).toBe(0);
    output.push(stderr, stdout);
  };
  const kekIds = async (): Promise<unknown[]> =>
    (await service.database.query<{ kek_id: string }>('SELECT DISTINCT kek_id FROM content_key')).map(
      (row) => row.kek_id,
    );

  beforeEach(async () => {
    output.length = 0;
    await start({ keks: oldKek }, { CONTENT_KEY_KEKS: 'keks' }, { environment: { CONTENT_KEY_DELIVERY: delivery } });
  });

  it('changes under load, all content keys are re-wrapped, and no request is lost', async () => {
    const environment = service.app.get(Environment);
    const before = environment.CONTENT_KEY_KEKS.current;
    const answers = await Load.during(service, async (load) => {
      await load.more();
      // At once, without giving the service the time to look at its file.
      mount.swap({ keks: newKek + oldKek });
      await rotate('--to', '2026-12', '--batch', '2');
      await load.more();
      mount.swap({ keks: newKek });
      await load.until(() => environment.CONTENT_KEY_KEKS.current.ids.join() === '2026-12');
      await load.more();
    });
    expect(answers.length).toBeGreaterThan(80);
    expect(lost(answers)).toEqual([]);
    expect(await kekIds()).toEqual(['2026-12']);
    expect(output.at(-1)).toContain('No key in this database is wrapped under another KEK any more.');
    expect(() => before.get('test')).toThrow('have been cleared');
    for (const secret of [inject('kek'), newHex]) {
      expect(service.log.text).not.toContain(secret);
      expect(output.join('\n')).not.toContain(secret);
    }
  });

  it('changes under load, key by key, for a title with several, and every token has its keys', async () => {
    const kids = ['5d', '4d', 'a0'].map((byte) => byte.repeat(16));
    const keys = new Map(kids.map((kid) => [kid, randomBytes(16)]));
    const [old, next] = [Buffer.from(inject('kek'), 'hex'), Buffer.from(newHex, 'hex')];
    await service.database.query(`DELETE FROM content_key WHERE content_id = 'sintel'`);
    for (const [position, [kid, key]] of [...keys].entries()) {
      // One has an IV, so that FairPlay has one.
      await service.database.query(
        `INSERT INTO content_key (content_id, kid, position, iv, kek_id, ek) VALUES ('sintel', $1, $2, $3, 'test', $4)`,
        [kid, position, position === 0 ? kid : null, wrapKey(old, key)],
      );
    }
    const sent: string[] = [];
    const expressPlay = service.app.get(ExpressPlay);
    const requestToken = expressPlay.requestToken.bind(expressPlay);
    expressPlay.requestToken = (request, budget) => {
      const all = [request, ...('otherKeys' in request ? (request.otherKeys ?? []) : [])];
      const ours = all.filter(({ kid }) => keys.has(kid ?? ''));
      if (ours.length > 0) {
        const areRight = ours.every(({ kid, key }) => keys.get(kid ?? '')?.equals(clear(key)));
        sent.push(`${request.drm} ${ours.length} ${areRight ? 'right' : 'wrong'}`);
      }
      return requestToken(request, budget);
    };
    const answers = await Load.during(service, async (load) => {
      mount.swap({ keks: newKek + oldKek });
      const [, second = ''] = kids;
      await service.database.query(`UPDATE content_key SET kek_id = '2026-12', ek = $1 WHERE kid = $2`, [
        wrapKey(next, keys.get(second) ?? next),
        second,
      ]);
      await load.more();
      await rotate('--to', '2026-12', '--batch', '1');
      await load.more();
      mount.swap({ keks: newKek });
      await load.more();
    });
    expect(lost(answers)).toEqual([]);
    expect(new Set(sent)).toEqual(new Set(['playready 3 right', 'widevine 3 right', 'fairplay 1 right']));
    expect(await kekIds()).toEqual(['2026-12']);
  });

  it('changes, and the content keys are the same as before', async () => {
    const contentKeys = async (id: string, hex: string): Promise<unknown> => {
      const rows = await service.database.query<{ content_id: string; ek: Buffer }>(
        'SELECT content_id, ek FROM content_key WHERE kek_id = $1 ORDER BY 1',
        [id],
      );
      return rows.map(({ content_id: name, ek }) => [name, unwrapKey(Buffer.from(hex, 'hex'), ek)]);
    };
    const before = await contentKeys('test', inject('kek'));
    expect(before).toHaveLength(5);
    mount.swap({ keks: newKek + oldKek });
    await rotate('--to', '2026-12');
    expect(await contentKeys('2026-12', newHex)).toEqual(before);
    const { body } = await service.ask('alice', { contentId: 'sintel', drm: 'widevine' });
    const sent = Object.keys(await service.carried(body.token));
    expect(['kek', 'ek', 'contentKey'].filter((name) => sent.includes(name))).toEqual(
      delivery === 'wrapped' ? ['kek', 'ek'] : ['contentKey'],
    );
  });
});

function clear(source: ContentKeySource): Uint8Array {
  if (source.kind === 'wrapped') return unwrapKey(source.kek, source.ek);
  return source.kind === 'clear' ? source.contentKey : new Uint8Array();
}
