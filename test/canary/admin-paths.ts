// The store's side: keys that are given, and every refusal of the catalogue and of purchases.
import type { CanarySecrets } from './secrets.js';
import type { Caller } from './caller.js';
import { KEK_ID } from './secrets.js';

interface Store {
  url: string;
  bearer: string;
  caller: Caller;
  secrets: CanarySecrets;
}

/** Sends them, whatever is answered. Names of unknown fields are told to whoever sent them, so secrets are values here. */
export async function takeAdminPaths({ url, bearer, caller, secrets }: Store): Promise<void> {
  const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    caller.call(`${url}/v1/admin/${path}`, bearer, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const key = secrets.contentKey.toString('hex');
  const kek = secrets.kek.toString('hex');

  const content = { title: 'A title', kid: 'ca'.repeat(16), outputPolicy: 'no-such-policy' };
  await send('PUT', 'contents/canary-title', content);
  await send('PUT', 'contents/sintel', content, { 'If-Match': '"999"' });
  await send('PUT', 'contents/canary-title', { ...content, kid: kek, title: '', iv: key, other: key });

  await send('PUT', 'contents/elephants-dream/key', { key });
  await send('PUT', 'contents/elephants-dream/key', { key, kekId: KEK_ID, ek: kek });
  await send('PUT', 'contents/elephants-dream/key', { key: `${key}00`, other: kek });
  await send('PUT', 'contents/elephants-dream/key', { ek: `${key}0000000000000000`, kekId: KEK_ID });
  await send('PUT', 'contents/elephants-dream/key', { ek: `${key}0000000000000000`, kekId: kek });
  await send('PUT', 'contents/no-such-title/key', { key });
  const kid = 'cb'.repeat(16);
  await send('PUT', 'contents/elephants-dream/keys', {
    keys: [
      { kid, key, kekId: kek },
      { kid, key, iv: kek },
    ],
  });
  await send('PUT', 'contents/elephants-dream/keys', { keys: [{ kid, ek: `${key}0000000000000000`, kekId: KEK_ID }] });
  await send('PUT', 'contents/elephants-dream/keys', { keys: [{ kid, key }] }, { 'If-Match': '"999"' });
  const base64 = secrets.contentKey.toString('base64');
  const xml = `<CPIX xmlns="urn:dashif:org:cpix" xmlns:p="urn:ietf:params:xml:ns:keyprov:pskc"><ContentKeyList>
    <ContentKey kid="cbcbcbcb-cbcb-cbcb-cbcb-cbcbcbcbcbcb"><Data><p:Secret><p:PlainValue>${base64}</p:PlainValue></p:Secret></Data>
    </ContentKey></ContentKeyList></CPIX>`;
  for (const body of [
    xml.replace('</Data>', ''),
    xml.replace('kid="', `kid="${base64}`),
    xml.replace('==<', 'AA==<'),
    xml,
  ]) {
    await caller.call(`${url}/v1/admin/contents/elephants-dream/keys`, bearer, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/xml' },
      body,
    });
  }
  await caller.call(`${url}/v1/admin/contents/elephants-dream/keys`, bearer);
  const several = ['cc', 'cd'].map((byte) => ({ kid: byte.repeat(16), iv: byte.repeat(16), key }));
  await send('PUT', 'contents/tears-of-steel/keys', { keys: several });
  await caller.call(`${url}/v1/admin/contents/elephants-dream/key`, bearer);
  await caller.call(`${url}/v1/admin/output-policies/no-such-policy`, bearer);
  await send('PUT', `output-policies/${kek}`, { other: key, extensions: [key] });

  const order = { userId: 'alice', contentId: 'sintel', type: 'buy-to-own', purchasedAt: '2026-01-01T00:00:00Z' };
  await caller.call(`${url}/v1/admin/purchases/no-such-order`, bearer);
  await send('PUT', 'purchases/canary-order', { ...order, version: 1 });
  await send('PUT', 'purchases/canary-order', { ...order, version: 1, userId: 'bob' });
  await send('PUT', 'purchases/canary-order', { ...order, version: key, other: bearer });
  await send('POST', 'purchases/canary-order/revocation', { version: key, reason: bearer });
  await caller.call(`${url}/v1/admin/purchases/batch`, bearer, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body: [{ ...order, version: 1, externalId: 'canary-2' }, { other: bearer }, key]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  });
}
