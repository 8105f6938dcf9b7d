// CPIX documents for tests, in the shape of DASH-IF's examples.

/** A `ContentKey`: in the clear with `key`, wrapped with `ek`, without a key otherwise. */
export function contentKey(of: {
  kid: string;
  key?: Uint8Array;
  ek?: Uint8Array;
  kekId?: string;
  iv?: Uint8Array;
  scheme?: string;
}): string {
  const { kid, key, ek, kekId, iv, scheme } = of;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const name = kekId === undefined ? '' : `<ds:KeyInfo><ds:KeyName>${kekId}</ds:KeyName></ds:KeyInfo>`;
  const secret =
    key !== undefined
      ? `<pskc:PlainValue>${base64(key)}</pskc:PlainValue>`
      : `<pskc:EncryptedValue>
           <enc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#kw-aes128"/>${name}
           <enc:CipherData><enc:CipherValue>${base64(ek ?? new Uint8Array())}</enc:CipherValue></enc:CipherData>
         </pskc:EncryptedValue>`;
  const data =
    key === undefined && ek === undefined ? '' : `<cpix:Data><pskc:Secret>${secret}</pskc:Secret></cpix:Data>`;
  const attributes = [
    `kid="${kid}"`,
    ...(iv === undefined ? [] : [`explicitIV="${base64(iv)}"`]),
    ...(scheme === undefined ? [] : [`commonEncryptionScheme="${scheme}"`]),
  ];
  return `<cpix:ContentKey ${attributes.join(' ')}>${data}</cpix:ContentKey>`;
}

export function usageRule(kid: string, type?: string, filters = ''): string {
  const intended = type === undefined ? '' : ` intendedTrackType="${type}"`;
  return `<cpix:ContentKeyUsageRule kid="${kid}"${intended}>${filters}</cpix:ContentKeyUsageRule>`;
}

/** @param more elements between keys and rules */
export function cpix({
  keys,
  rules = [],
  more = '',
}: {
  keys: readonly string[];
  rules?: readonly string[];
  more?: string;
}): string {
  const list = (name: string, elements: readonly string[]) =>
    elements.length === 0 ? '' : `<cpix:${name}>${elements.join('\n')}</cpix:${name}>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<cpix:CPIX contentId="a-title" version="2.3" xmlns:cpix="urn:dashif:org:cpix" xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc"
  xmlns:enc="http://www.w3.org/2001/04/xmlenc#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
${list('ContentKeyList', keys)}
${more}
${list('ContentKeyUsageRuleList', rules)}
</cpix:CPIX>
`;
}
