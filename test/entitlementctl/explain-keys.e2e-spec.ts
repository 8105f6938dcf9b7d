// What `entitlementctl explain` says of a title's keys: which tokens carry them, and why others do not. Never a key.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { wrapKey } from '@app/expressplay';
import type { Explanation } from '../../apps/entitlement/src/cli/explain/explanation.js';
import { CatalogueClient } from '../admin/catalogue-client.js';
import { TestService } from '../support/test-service.js';
import { ctl, documentOf } from './command-line.js';
import { serviceVariables } from './service-variables.js';

const KEK = Buffer.from(inject('kek'), 'hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const [SD, HD, AUDIO, LATER] = Array.from({ length: 4 }, () => hex(randomBytes(16)));
const key = randomBytes(16);

describe('the keys of a title with several', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
    const iv = hex(randomBytes(16));
    await new CatalogueClient(service).put('contents/sintel/keys', {
      keys: [
        { kid: SD, tracks: ['sd'], iv, key: hex(key) },
        { kid: HD, tracks: ['hd', 'uhd1'], iv, ek: hex(wrapKey(KEK, randomBytes(16))), kekId: 'test' },
        { kid: AUDIO, tracks: ['audio'], key: hex(randomBytes(16)) },
        { kid: LATER, iv },
      ],
    });
  });
  afterAll(() => service.stop());

  const explain = (...args: string[]) =>
    ctl(['explain', ...args], { env: serviceVariables(service), clock: service.clock });

  it('are named, with why some are left out, for every DRM', async () => {
    const { stdout } = await explain('alice', 'sintel');
    expect(stdout).toContain(
      [
        'Keys',
        `  ${SD} (sd): granted`,
        `  ${HD} (hd, uhd1): granted`,
        `  ${AUDIO} (audio): not for fairplay: it has no IV`,
        `  ${LATER} (all tracks): left out: the key itself is not there yet`,
        '',
      ].join('\n'),
    );
    expect(stdout).toMatch(/\n {2}fairplay: would be .*; a request has to name one of 2 KIDs\n/);
    expect(stdout).not.toContain('widevine: would be asked for BuyToOwn; a request');
  });

  it('are those that the service grants', async () => {
    const { drms } = documentOf(await explain('alice', 'sintel', '--json')) as Explanation;
    for (const { drm, keys, asked } of drms) {
      const granted = keys.filter(({ leftOut }) => leftOut === null).map(({ kid, tracks }) => ({ kid, tracks }));
      const ask = (kid?: string) => service.ask('alice', { contentId: 'sintel', drm, ...(kid && { kid }) });
      const answer = await ask();
      if (drm === 'fairplay') {
        expect(answer.body).toMatchObject({ code: 'kid-required', kids: granted.map(({ kid }) => kid) });
        expect((await ask(SD)).body.keys).toEqual(asked?.keys);
      } else {
        expect(answer.body.keys).toEqual(granted);
        expect(asked?.keys).toEqual(granted);
      }
    }
    expect(drms.map(({ asked }) => asked?.keys.map(({ kid }) => kid))).toEqual([
      [SD, HD, AUDIO],
      [SD],
      [SD, HD, AUDIO],
    ]);
  });

  it('no key is shown, in words or as JSON', async () => {
    const outputs = [await explain('alice', 'sintel'), await explain('alice', 'sintel', '--json')];
    const secrets = [hex(key), hex(wrapKey(KEK, key)), hex(KEK)];
    for (const { stdout, stderr } of outputs) {
      expect(stdout).toContain(SD);
      expect(secrets.filter((secret) => `${stdout}${stderr}`.includes(secret))).toEqual([]);
    }
  });
});
