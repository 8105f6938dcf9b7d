// Reads CPIX (DASH-IF Content Protection Information Exchange Format, 2.0 to 2.4): the keys of one title, with the tracks that its usage
// rules give them. Entities, document types and what is signed or encrypted for recipients are not read.
import { DOMParser, type Element, onWarningStopParsing } from '@xmldom/xmldom';
import { DomainError, type FieldError, fieldName, invalidFields } from '@app/platform/problems';
import { PROTECTION_SCHEMES, type ProtectionScheme, TRACKS, type Track } from './content.js';

/** What a CPIX document says, in the words of the admin API's JSON. Hex is in lower case. */
export interface CpixKeys {
  /** Absent when the document names none. */
  protectionScheme?: ProtectionScheme;
  /** In the document's order. */
  keys: CpixKey[];
}

interface CpixKey {
  kid: string;
  /** None means all. */
  tracks: Track[];
  iv: string | null;
  key?: string;
  ek?: string;
  kekId?: string;
}

const CPIX = 'urn:dashif:org:cpix';
const PSKC = 'urn:ietf:params:xml:ns:keyprov:pskc';
const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';

/** RFC 3394 with a KEK of 16 bytes, as XML Encryption calls it. */
const AES_KEY_WRAP = `${XMLENC}kw-aes128`;

/** Bounds the work of the parser, which copies what is in force at each element that changes it. */
const MOST_TAGS = 2000;

/**
 * The keys of a document.
 * @param xml UTF-8
 * @throws DomainError `invalid-request` that names the element at fault, as in `ContentKey.0.kid`, counted from 0; never what is in it
 */
export function parseCpix(xml: Uint8Array): CpixKeys {
  const root = rootOf(xml);
  const elements = childrenOf(childrenOf(root, CPIX, 'ContentKeyList')[0], CPIX, 'ContentKey');
  if (elements.length === 0) throw wrong('ContentKeyList', 'must be there, with a ContentKey');
  const keys = elements.map(keyOf);
  const contentIds = new Set(elements.map((element) => element.getAttribute('contentId')));
  if (contentIds.size > 1) throw wrong('ContentKey.contentId', 'must be the same for all keys: they are of one title');
  const rules = childrenOf(childrenOf(root, CPIX, 'ContentKeyUsageRuleList')[0], CPIX, 'ContentKeyUsageRule').map(
    ruleOf,
  );
  const kids = new Set(keys.map(({ kid }) => kid));
  const stray = rules.findIndex(({ kid }) => !kids.has(kid));
  if (stray >= 0) throw wrong(`ContentKeyUsageRule.${stray}.kid`, 'must be the kid of a ContentKey');
  const protectionScheme = schemeOf(elements);
  return {
    ...(protectionScheme === undefined ? {} : { protectionScheme }),
    keys: keys.map((key, index) => ({ ...key, tracks: tracksOf(key.kid, index, rules) })),
  };
}

function rootOf(xml: Uint8Array): Element {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(xml);
  } catch {
    throw unreadable('is not valid UTF-8');
  }
  if (/<!doctype/i.test(text)) throw unreadable('must not have a document type');
  if (text.split('<', MOST_TAGS + 2).length > MOST_TAGS + 1) throw unreadable(`has more than ${MOST_TAGS} tags`);
  let root: Element | null;
  try {
    root = new DOMParser({ onError: onWarningStopParsing }).parseFromString(text, 'application/xml').documentElement;
  } catch {
    // The error would quote the text.
    throw unreadable('is not well-formed XML');
  }
  if (root?.namespaceURI !== CPIX || root.localName !== 'CPIX') {
    throw unreadable(`must be a CPIX document: its root is CPIX of the namespace ${CPIX}`);
  }
  return root;
}

function keyOf(element: Element, index: number): Omit<CpixKey, 'tracks'> {
  const field = `ContentKey.${index}`;
  const kid = kidOf(element, `${field}.kid`);
  if (element.hasAttribute('dependsOnKey'))
    throw wrong(`${field}.dependsOnKey`, 'must not be there: key hierarchies are not taken');
  const explicitIv = element.getAttribute('explicitIV');
  const iv = explicitIv === null ? null : bytesOf(explicitIv, 16, `${field}.explicitIV`);
  return { kid, iv, ...secretOf(element, field) };
}

/** The key, in the clear or wrapped; nothing when the document does not have it. */
function secretOf(element: Element, field: string): Pick<CpixKey, 'key' | 'ek' | 'kekId'> {
  // CPIX took the element over from PSKC.
  const data = [...childrenOf(element, CPIX, 'Data'), ...childrenOf(element, PSKC, 'Data')][0];
  const secret = childrenOf(data, PSKC, 'Secret')[0];
  const plain = childrenOf(secret, PSKC, 'PlainValue')[0];
  if (plain !== undefined) return { key: bytesOf(textOf(plain), 16, `${field}.PlainValue`) };
  const encrypted = childrenOf(secret, PSKC, 'EncryptedValue')[0];
  if (encrypted === undefined) return {};
  if (childrenOf(encrypted, XMLENC, 'EncryptionMethod')[0]?.getAttribute('Algorithm') !== AES_KEY_WRAP) {
    const rule = `must be ${AES_KEY_WRAP}, with the id of a KEK as KeyName: keys that are encrypted for recipients are not taken`;
    throw wrong(`${field}.EncryptionMethod`, rule);
  }
  const name = childrenOf(childrenOf(encrypted, XMLDSIG, 'KeyInfo')[0], XMLDSIG, 'KeyName')[0];
  if (name === undefined) throw wrong(`${field}.KeyName`, 'must be there, with the id of the KEK');
  const value = childrenOf(childrenOf(encrypted, XMLENC, 'CipherData')[0], XMLENC, 'CipherValue')[0];
  return { ek: bytesOf(textOf(value), 24, `${field}.CipherValue`), kekId: textOf(name) };
}

/** The one scheme of all keys that name one. */
function schemeOf(elements: readonly Element[]): ProtectionScheme | undefined {
  const named = elements.map((element) => element.getAttribute('commonEncryptionScheme') ?? undefined);
  const first = named.find((scheme) => scheme !== undefined);
  named.forEach((scheme, index) => {
    const field = `ContentKey.${index}.commonEncryptionScheme`;
    if (scheme === undefined) return;
    if (!PROTECTION_SCHEMES.some((one) => one === scheme))
      throw wrong(field, `must be ${PROTECTION_SCHEMES.join(' or ')}`);
    if (scheme !== first) throw wrong(field, 'must be the same for all keys of a title');
  });
  return PROTECTION_SCHEMES.find((scheme) => scheme === first);
}

interface UsageRule {
  kid: string;
  tracks: readonly Track[];
}

function ruleOf(element: Element, index: number): UsageRule {
  const field = `ContentKeyUsageRule.${index}`;
  return { kid: kidOf(element, `${field}.kid`), tracks: tracksOfRule(element, field) };
}

/** What the rules of a key say together; without any rule in the document, all. */
function tracksOf(kid: string, index: number, rules: readonly UsageRule[]): Track[] {
  const own = rules.flatMap((rule) => (rule.kid === kid ? rule.tracks : []));
  // A key that was forgotten among others must not be taken for one of all tracks.
  if (own.length === 0 && rules.length > 0)
    throw wrong(`ContentKey.${index}`, 'must have a usage rule, as other keys have');
  const tracks = TRACKS.filter((track) => own.includes(track));
  return tracks.length === TRACKS.length ? [] : tracks;
}

const VIDEO = TRACKS.filter((track) => track !== 'audio');

/** Words for tracks that packagers and key servers use, as types and as labels. */
const WORDS: readonly [RegExp, readonly Track[]][] = [
  [/^SD$/, ['sd']],
  [/^HD[12]?$/, ['hd']],
  [/^UHD1$/, ['uhd1']],
  [/^UHD2$/, ['uhd2']],
  [/^UHD$/, ['uhd1', 'uhd2']],
  [/^VIDEO$/, VIDEO],
  [/^(.*_)?AUDIO(_.*)?$/, ['audio']],
  [/^ALL$/, TRACKS],
];

/** A type that is known says it all; a label or filters say it otherwise. */
function tracksOfRule(rule: Element, field: string): readonly Track[] {
  if (childrenOf(rule, CPIX, 'KeyPeriodFilter').length > 0)
    throw wrong(`${field}.KeyPeriodFilter`, 'must not be there: keys that change with time are not taken');
  const type = rule.getAttribute('intendedTrackType');
  const labels = childrenOf(rule, CPIX, 'LabelFilter').map((filter) => filter.getAttribute('label') ?? '');
  const words = [...(type === null ? [] : type.split('+')), ...labels];
  const named = words.flatMap((word) => WORDS.find(([pattern]) => pattern.test(word.trim().toUpperCase()))?.[1] ?? []);
  if (named.length > 0) return named;
  const video = childrenOf(rule, CPIX, 'VideoFilter').flatMap((filter, at) =>
    tracksOfPixels(filter, `${field}.VideoFilter.${at}`),
  );
  const filtered: Track[] = childrenOf(rule, CPIX, 'AudioFilter').length > 0 ? [...video, 'audio'] : video;
  if (filtered.length > 0) return filtered;
  throw wrong(
    field,
    'must say SD, HD, UHD1, UHD2, AUDIO or ALL as intendedTrackType or label, or have a VideoFilter or an AudioFilter',
  );
}

/** Pixels of frames that are usual for each track: a filter is for the tracks of which it takes one. */
const USUAL_PIXELS: Record<Exclude<Track, 'audio'>, readonly number[]> = {
  sd: [426 * 240, 640 * 360, 640 * 480, 720 * 576],
  hd: [1280 * 720, 1920 * 1080],
  uhd1: [2560 * 1440, 3840 * 2160],
  uhd2: [7680 * 4320],
};

function tracksOfPixels(filter: Element, field: string): Track[] {
  const least = pixelsOf(filter, 'minPixels', 0, field);
  const most = pixelsOf(filter, 'maxPixels', Infinity, field);
  const tracks = VIDEO.filter((track) => USUAL_PIXELS[track].some((pixels) => least <= pixels && pixels <= most));
  if (tracks.length === 0) throw wrong(field, 'must take pixels of a usual frame, from 426x240 to 7680x4320');
  return tracks;
}

function pixelsOf(filter: Element, name: string, without: number, field: string): number {
  const text = filter.getAttribute(name);
  if (text === null) return without;
  if (!/^\d{1,12}$/.test(text)) throw wrong(`${field}.${name}`, 'must be a whole number');
  return Number(text);
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function kidOf(element: Element, field: string): string {
  const kid = element.getAttribute('kid') ?? '';
  if (!UUID.test(kid)) throw wrong(field, 'must be a UUID, as in 0d9c1b3a-5e7f-4a6b-8c2d-1e0f9a8b7c6d');
  return kid.replaceAll('-', '').toLowerCase();
}

/** Base64 of so many bytes, as hex. */
function bytesOf(base64: string, length: number, field: string): string {
  const text = base64.replaceAll(/\s/g, '');
  const bytes = Buffer.from(text, 'base64');
  const isRight = bytes.length === length && bytes.toString('base64') === text;
  const hex = isRight ? bytes.toString('hex') : '';
  bytes.fill(0);
  if (!isRight) throw wrong(field, `must be ${length} bytes in base64`);
  return hex;
}

function textOf(element: Element | undefined): string {
  return element?.textContent?.trim() ?? '';
}

function childrenOf(element: Element | undefined, namespace: string, name: string): Element[] {
  const children: Element[] = [];
  for (let node = element?.firstChild ?? null; node !== null; node = node.nextSibling) {
    if (node.nodeType !== node.ELEMENT_NODE) continue;
    const child = node as Element;
    if (child.namespaceURI === namespace && child.localName === name) children.push(child);
  }
  return children;
}

function wrong(field: string, message: string): DomainError {
  const error: FieldError = { field: fieldName(field), message };
  return invalidFields([error]);
}

function unreadable(problem: string): DomainError {
  return new DomainError('invalid-request', `The body ${problem}.`);
}
