import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../testing/ask.js';
import {
  type Asked,
  HEX_32_BUT_ONE,
  NOW,
  parametersFrom,
  PLAYREADY_PURCHASE,
  randomHex,
  WIDEVINE_REQUEST,
  wrappedKeyParameters,
} from '../testing/valid-requests.js';
import { FAIRPLAY } from './fairplay.js';
import { PLAYREADY } from './playready.js';
import { WIDEVINE } from './widevine.js';

/** A request for several keys, whose parameters carry numbers. */
const numbered = (keys: readonly Asked[]): Asked =>
  Object.fromEntries(
    keys.flatMap((key, number) => Object.entries(key).map(([name, value]) => [`${name}.${number}`, value])),
  );
const key = (more: Asked = {}): Asked => ({ kid: randomHex(16), contentKey: randomHex(16), ...more });
const track = (trackType: string, securityLevel: string, hdcpOutputControl: string) =>
  key({ trackType, securityLevel, hdcpOutputControl });

const { kid: _, contentKey: __, ...PLAYREADY_REST } = PLAYREADY_PURCHASE;
const playready = (asked: Asked) => PLAYREADY.check(parametersFrom({ ...PLAYREADY_REST, ...asked }), NOW);
const widevine = (asked: Asked) => WIDEVINE.check(parametersFrom(asked), NOW);

describe('several keys', () => {
  it('each have their track, level and HDCP at Widevine', () => {
    const keys = [track('0', '1', '0'), track('1', '3', '2'), track('2', '1', '5')];
    const { terms, storedKeys } = widevine(numbered(keys));
    expect(storedKeys).toEqual([]);
    expect(terms.kid).toBe(keys[0]?.kid);
    expect(terms.keys.map((each) => [each.kid, each.track, each.securityLevel, each.outputProtection.hdcp])).toEqual([
      [keys[0]?.kid, 'SD', 'SW_SECURE_CRYPTO', 'HDCP_NONE'],
      [keys[1]?.kid, 'HD', 'HW_SECURE_CRYPTO', 'HDCP_V2'],
      [keys[2]?.kid, 'AUDIO', 'SW_SECURE_CRYPTO', 'HDCP_NO_DIGITAL_OUTPUT'],
    ]);
  });

  it('share the levels of output at PlayReady, unless one has its own', () => {
    const keys = [key({ minCertSecurityLevel: '150' }), key({ minCertSecurityLevel: '3000', analogVideoOPL: '201' })];
    const { terms } = playready(numbered(keys));
    expect(terms.keys.map((each) => [each.kid, each.securityLevel, each.outputProtection.analogVideo])).toEqual([
      [keys[0]?.kid, '150', 100],
      [keys[1]?.kid, '3000', 201],
    ]);
    expect(terms.keys[1]?.outputProtection.compressedDigitalVideo).toBe(300);
  });

  it('may be wrapped under one KEK, or in the key storage under it', () => {
    const { kek, ek } = wrappedKeyParameters();
    const inStorage = { kid: randomHex(16) };
    const { storedKeys } = playready({ kek, ...numbered([{ kid: randomHex(16), ek }, inStorage]) });
    expect(storedKeys.map(({ kid }) => kid)).toEqual([inStorage.kid]);
  });

  it('may be one', () => {
    const only = key();
    expect(playready(numbered([only])).terms.keys.map(({ kid }) => kid)).toEqual([only.kid]);
  });

  const { kek, ek } = wrappedKeyParameters();
  const kid = randomHex(16);
  const cases: [string, Asked, playready: number, widevine: number][] = [
    ['with a kid without a number', { kid, ...numbered([track('0', '1', '0')]) }, -2005, -6005],
    ['with a key without a number', { contentKey: kid, ...numbered([track('0', '1', '0')]) }, -2005, -6005],
    ['from 1 on', { 'kid.1': kid, 'contentKey.1': kid }, -4018, -4018],
    ['with a gap', { ...numbered([track('0', '1', '0')]), 'kid.2': kid, 'contentKey.2': kid }, -4018, -4018],
    ['one of them without a kid', { ...numbered([track('0', '1', '0')]), 'contentKey.1': kid }, -4018, -4018],
    ['a kid twice', numbered([key({ kid }), key({ kid: kid.toUpperCase() })]), -4022, -4022],
    ['one kid too short', numbered([key(), key({ kid: kid.slice(1) })]), -4020, -4020],
    ['one key not hex', numbered([key(), key({ contentKey: HEX_32_BUT_ONE })]), -2005, -2005],
    ['one without a key', numbered([key(), { kid }]), -2005, -6005],
    ['with a KEK beside clear ones', { kek, ...numbered([key()]) }, -5007, -6005],
    ['wrapped under another KEK', { kek: randomHex(16), ...numbered([{ kid, ek }]) }, -4024, -4024],
  ];
  it.each(cases)('%s are refused', (_what, asked, atPlayReady, atWidevine) => {
    expect([outcomeOf(() => playready(asked)), outcomeOf(() => widevine(asked))]).toEqual([atPlayReady, atWidevine]);
  });

  it.each([
    ['a security level', { securityLevel: undefined }, -7003],
    ['an HDCP', { hdcpOutputControl: undefined }, -7006],
  ])('are refused by Widevine where one lacks %s, although there is one without a number', (_what, without, code) => {
    const asked = { ...numbered([track('0', '1', '0'), { ...track('1', '1', '0'), ...without }]), ...WIDEVINE_REQUEST };
    const { kid: _kid, contentKey: _key, ...rest } = asked as Record<string, string>;
    expect(outcomeOf(() => widevine(rest))).toBe(code);
  });

  it('are not known to FairPlay', () => {
    const asked = { iv: randomHex(16), contentKey: randomHex(16), ...numbered([key(), key()]) };
    expect(FAIRPLAY.check(parametersFrom(asked), NOW).terms.keys).toMatchObject([{ kid: null }]);
  });
});
