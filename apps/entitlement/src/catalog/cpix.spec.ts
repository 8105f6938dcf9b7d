import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wrapKey } from '@app/expressplay';
import { DomainError } from '@app/platform/problems';
import { parseCpix } from './cpix.js';
import { contentKey, cpix, usageRule } from './testing/cpix-documents.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const hexOf = (uuid: string) => uuid.replaceAll('-', '').toLowerCase();
const read = (xml: string) => parseCpix(Buffer.from(xml));

/** The fields that a refusal names; the whole detail where it names none. */
function refusal(xml: string | Uint8Array): string[] {
  try {
    parseCpix(typeof xml === 'string' ? Buffer.from(xml) : xml);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { errors } = error.extensions as { errors?: { field: string }[] };
    return errors?.map(({ field }) => field) ?? [error.detail];
  }
  return [];
}

describe('CPIX', () => {
  it('one key in the clear, with IV and scheme, for all tracks', () => {
    const [kid, key, iv] = [randomUUID(), randomBytes(16), randomBytes(16)];
    const xml = cpix({ keys: [contentKey({ kid: kid.toUpperCase(), key, iv, scheme: 'cbcs' })] });
    expect(read(xml)).toEqual({
      protectionScheme: 'cbcs',
      keys: [{ kid: hexOf(kid), tracks: [], iv: hex(iv), key: hex(key) }],
    });
  });

  it("the example of the API's document", () => {
    const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
      paths: Record<
        string,
        { put: { requestBody: { content: Record<string, { examples: { cpix: { value: string } } }> } } }
      >;
    };
    const body = paths['/v1/admin/contents/{contentId}/keys']?.put.requestBody.content['application/xml'];
    expect(read(body?.examples.cpix.value ?? '')).toMatchObject({ keys: [{ tracks: ['sd'] }] });
  });

  it('several keys with usage rules by type; DRM signalling and what is unknown is passed over', () => {
    const kids = Array.from({ length: 4 }, () => randomUUID());
    const [sd = '', hd = '', uhd = '', audio = ''] = kids;
    const xml = cpix({
      keys: kids.map((kid) => contentKey({ kid, key: randomBytes(16) })),
      rules: [
        usageRule(audio, 'STEREO_AUDIO', '<cpix:AudioFilter maxChannels="2"/>'),
        usageRule(audio, 'MULTICHANNEL_AUDIO', '<cpix:AudioFilter minChannels="3"/>'),
        usageRule(sd, 'SD', '<cpix:VideoFilter maxPixels="589824"/><other:Filter xmlns:other="urn:other"/>'),
        usageRule(hd, 'hd1+HD2'),
        usageRule(uhd, 'UHD+HFR', '<cpix:VideoFilter minPixels="2073601" hdr="true"/>'),
      ],
      more: `<cpix:DRMSystemList><cpix:DRMSystem kid="${sd}" systemId="${randomUUID()}"><cpix:PSSH>AAAA</cpix:PSSH></cpix:DRMSystem></cpix:DRMSystemList>`,
    });
    expect(read(xml)).toMatchObject({
      keys: [
        { kid: hexOf(sd), tracks: ['sd'] },
        { kid: hexOf(hd), tracks: ['hd'] },
        { kid: hexOf(uhd), tracks: ['uhd1', 'uhd2'] },
        { kid: hexOf(audio), tracks: ['audio'] },
      ],
    });
    expect(read(xml)).not.toHaveProperty('protectionScheme');
  });

  it.each<[string, string[]]>([
    ['<cpix:VideoFilter maxPixels="442368"/>', ['sd']],
    ['<cpix:VideoFilter maxPixels="589824"/>', ['sd']],
    ['<cpix:VideoFilter minPixels="442369" maxPixels="2073600"/>', ['hd']],
    ['<cpix:VideoFilter minPixels="589825" maxPixels="921600"/>', ['hd']],
    ['<cpix:VideoFilter minPixels="2073601" maxPixels="8847360"/>', ['uhd1']],
    ['<cpix:VideoFilter minPixels="8847361"/>', ['uhd2']],
    ['<cpix:VideoFilter minPixels="1000000"/>', ['hd', 'uhd1', 'uhd2']],
    ['<cpix:VideoFilter maxPixels="2073600"/>', ['sd', 'hd']],
    ['<cpix:VideoFilter/>', ['sd', 'hd', 'uhd1', 'uhd2']],
    ['<cpix:VideoFilter maxPixels="442368"/><cpix:VideoFilter minPixels="8847361"/>', ['sd', 'uhd2']],
    ['<cpix:AudioFilter/>', ['audio']],
    ['<cpix:VideoFilter maxPixels="442368"/><cpix:AudioFilter/>', ['sd', 'audio']],
    ['<cpix:VideoFilter/><cpix:AudioFilter/>', []],
    ['<cpix:LabelFilter label="HD"/>', ['hd']],
    ['<cpix:LabelFilter label="main"/><cpix:VideoFilter maxPixels="442368"/>', ['sd']],
  ])('a rule without a type that is known: %s', (filters, tracks) => {
    const kid = randomUUID();
    for (const type of [undefined, 'lowRes']) {
      const xml = cpix({ keys: [contentKey({ kid, key: randomBytes(16) })], rules: [usageRule(kid, type, filters)] });
      expect(read(xml).keys[0]?.tracks).toEqual(tracks);
    }
  });

  it('a key wrapped under a KEK that it names, and one that is left out', () => {
    const ek = wrapKey(randomBytes(16), randomBytes(16));
    const [wrapped, none] = [randomUUID(), randomUUID()];
    const xml = cpix({ keys: [contentKey({ kid: wrapped, ek, kekId: '2026-12' }), contentKey({ kid: none })] });
    expect(read(xml).keys).toEqual([
      { kid: hexOf(wrapped), tracks: [], iv: null, ek: hex(ek), kekId: '2026-12' },
      { kid: hexOf(none), tracks: [], iv: null },
    ]);
  });

  it('namespaces count, prefixes do not; nor do a byte order mark, comments, sections and white space', () => {
    const key = randomBytes(16);
    const xml = `\ufeff<?xml version="1.0" encoding="UTF-8"?>
      <CPIX xmlns="urn:dashif:org:cpix" xmlns:cpix="urn:something:else"><!-- keys -->
        <cpix:ContentKeyList><cpix:ContentKey kid="no"/></cpix:ContentKeyList>
        <ContentKeyList><ContentKey kid="0d9c1b3a-5e7f-4a6b-8c2d-1e0f9a8b7c6d"><x:Data xmlns:x="urn:ietf:params:xml:ns:keyprov:pskc">
          <x:Secret><x:PlainValue>
            ${key.toString('base64').slice(0, 8)}<![CDATA[${key.toString('base64').slice(8, 12)}]]>
            ${key.toString('base64').slice(12)}
          </x:PlainValue></x:Secret></x:Data></ContentKey></ContentKeyList>
      </CPIX>`;
    expect(read(xml).keys).toMatchObject([{ kid: '0d9c1b3a5e7f4a6b8c2d1e0f9a8b7c6d', key: hex(key) }]);
  });

  const kid = randomUUID();
  const good = contentKey({ kid, key: randomBytes(16) });
  const other = randomUUID();
  const ofRecipients = contentKey({ kid, ek: randomBytes(48), kekId: 'x' }).replace('kw-aes128', 'aes256-cbc');
  it.each<[string, string, string[]]>([
    ['no keys', cpix({ keys: [] }), ['ContentKeyList']],
    [
      'a KID that is no UUID',
      cpix({ keys: [contentKey({ kid: hexOf(kid), key: randomBytes(16) })] }),
      ['ContentKey.0.kid'],
    ],
    ['no KID', cpix({ keys: [good, good.replace(/ kid="[^"]*"/, '')] }), ['ContentKey.1.kid']],
    ['a key of 15 bytes', cpix({ keys: [contentKey({ kid, key: randomBytes(15) })] }), ['ContentKey.0.PlainValue']],
    ['a key that is no base64', cpix({ keys: [good.replace('==<', '!=<')] }), ['ContentKey.0.PlainValue']],
    ['an empty key', cpix({ keys: [good.replace(/PlainValue>[^<]*/, 'PlainValue>')] }), ['ContentKey.0.PlainValue']],
    ['an IV of 8 bytes', cpix({ keys: [contentKey({ kid, iv: randomBytes(8) })] }), ['ContentKey.0.explicitIV']],
    [
      'a scheme that is not taken',
      cpix({ keys: [contentKey({ kid, scheme: 'cens' })] }),
      ['ContentKey.0.commonEncryptionScheme'],
    ],
    [
      'two schemes',
      cpix({ keys: [contentKey({ kid, scheme: 'cenc' }), contentKey({ kid: other, scheme: 'cbcs' })] }),
      ['ContentKey.1.commonEncryptionScheme'],
    ],
    [
      'a wrapped key of 23 bytes',
      cpix({ keys: [contentKey({ kid, ek: randomBytes(23), kekId: 'x' })] }),
      ['ContentKey.0.CipherValue'],
    ],
    [
      'a wrapped key without a KEK',
      cpix({ keys: [contentKey({ kid, ek: randomBytes(24) })] }),
      ['ContentKey.0.KeyName'],
    ],
    ['a key for recipients', cpix({ keys: [ofRecipients] }), ['ContentKey.0.EncryptionMethod']],
    [
      'a leaf key',
      cpix({ keys: [good.replace(' kid', ` dependsOnKey="${other}" kid`)] }),
      ['ContentKey.0.dependsOnKey'],
    ],
    [
      'keys of two titles',
      cpix({ keys: [good.replace(' kid', ' contentId="a" kid'), good.replace(' kid', ' contentId="b" kid')] }),
      ['ContentKey.contentId'],
    ],
    [
      'a rule of no key',
      cpix({ keys: [good], rules: [usageRule(kid, 'SD'), usageRule(other, 'HD')] }),
      ['ContentKeyUsageRule.1.kid'],
    ],
    [
      'a key without a rule among others',
      cpix({ keys: [good, contentKey({ kid: other })], rules: [usageRule(kid, 'SD')] }),
      ['ContentKey.1'],
    ],
    ['a rule of nothing known', cpix({ keys: [good], rules: [usageRule(kid, 'lowRes')] }), ['ContentKeyUsageRule.0']],
    [
      'a rule for a time',
      cpix({ keys: [good], rules: [usageRule(kid, 'SD', '<cpix:KeyPeriodFilter periodId="p"/>')] }),
      ['ContentKeyUsageRule.0.KeyPeriodFilter'],
    ],
    [
      'pixels that are no number',
      cpix({ keys: [good], rules: [usageRule(kid, undefined, '<cpix:VideoFilter maxPixels="-1"/>')] }),
      ['ContentKeyUsageRule.0.VideoFilter.0.maxPixels'],
    ],
    [
      'pixels of no frame',
      cpix({ keys: [good], rules: [usageRule(kid, undefined, '<cpix:VideoFilter maxPixels="10"/>')] }),
      ['ContentKeyUsageRule.0.VideoFilter.0'],
    ],
  ])('refuses %s by name', (_name, xml, fields) => {
    expect(refusal(xml)).toEqual(fields);
  });

  const document = cpix({ keys: [good] });
  const malformed = ['The body is not well-formed XML.'];
  const noType = ['The body must not have a document type.'];
  it.each<[string, string | Uint8Array, string[]]>([
    ['nothing', '', malformed],
    ['text', 'keys', malformed],
    ['half a document', document.slice(0, -20), malformed],
    ['two roots', `${document}<a/>`, malformed],
    ['an attribute twice', document.replace(' kid=', ' kid="x" kid='), malformed],
    ['an entity that is not declared', document.replace('<cpix:Data>', '<cpix:Data>&key;'), malformed],
    ['a prefix that is not declared', document.replace('<cpix:Data>', '<cpix:Data><p:a/>'), malformed],
    ['an entity that is declared', `<!DOCTYPE a [<!ENTITY key "x">]>${document}`, noType],
    ['an external entity', `<!DOCTYPE a [<!ENTITY key SYSTEM "file:///etc/hostname">]>${document}`, noType],
    ['a document type in lower case', `<!doctype a>${document}`, noType],
    ['too many tags', `<a>${'<b/>'.repeat(2000)}</a>`, ['The body has more than 2000 tags.']],
    ['too deep a document', '<a>'.repeat(5000), ['The body has more than 2000 tags.']],
    [
      'another root',
      document.replaceAll('cpix:CPIX', 'cpix:Cpix'),
      [expect.stringContaining('must be a CPIX document')],
    ],
    [
      'another namespace',
      document.replace('dashif:org:cpix', 'example'),
      [expect.stringContaining('must be a CPIX document')],
    ],
    ['what is no UTF-8', Buffer.concat([Buffer.from(document), Buffer.from([0xff])]), ['The body is not valid UTF-8.']],
  ])('does not read %s', (_name, xml, details) => {
    expect(refusal(xml)).toEqual(details);
  });

  it('no refusal says what is in the document', () => {
    const key = randomBytes(16);
    const secret = contentKey({ kid, key });
    const text = key.toString('base64');
    const broken = [
      secret.replace('<cpix:Data>', `<cpix:Data a="${text}>`),
      secret.replace(text, `${text}&${text};`),
      secret.replace(text, `${text}A`),
      secret.replaceAll('pskc:PlainValue', `pskc:${text.replaceAll(/\W/g, '')}`).replace('</pskc:', '</x'),
      secret.replace(kid, text),
    ].map((one) => cpix({ keys: [one] }));
    for (const xml of [...broken, `${text}${cpix({ keys: [secret] })}`]) {
      const caught: unknown[] = [];
      try {
        read(xml);
      } catch (error) {
        caught.push(error);
      }
      expect(caught).toHaveLength(1);
      const { message, stack, cause, extensions } = caught[0] as DomainError;
      expect(JSON.stringify([message, stack, String(cause), extensions])).not.toContain(text.slice(0, 10));
    }
  });
});
