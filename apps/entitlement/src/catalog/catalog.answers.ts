// The catalogue's answers, in the words of the admin API.
import type { FastifyReply } from 'fastify';
import type { OutputPolicy, StoredContentKey } from './content.js';
import type { ContentEntry, ContentValues } from './content-entry.js';
import type { OutputPolicyEntry } from './output-policy-entry.js';
import { versionTag } from './version-tag.js';

/** Where a content's key comes from, and under which KEK it is wrapped; never the key, be it wrapped. */
export interface ContentKeyAnswer {
  /** Null, with `kekId`, while the content has no key. */
  source: StoredContentKey['source'] | null;
  kekId: string | null;
}

/** A content; moments are RFC 3339 in `Z`. */
export interface ContentAnswer extends ContentValues {
  id: string;
  key: ContentKeyAnswer;
  version: number;
}

/** An output policy, as it is written plus its name and version. */
export interface OutputPolicyAnswer extends Omit<OutputPolicy, 'widevineSecurityLevel' | 'widevineHdcp'> {
  name: string;
  widevine: { securityLevel: number; hdcp: number } | null;
  version: number;
}

export function contentAnswer({ id, values, key, version }: ContentEntry): ContentAnswer {
  return { id, ...values, key: contentKeyAnswer(key), version };
}

export function contentKeyAnswer(key: StoredContentKey | null): ContentKeyAnswer {
  return { source: key?.source ?? null, kekId: key?.kekId ?? null };
}

export function outputPolicyAnswer({ name, policy, version }: OutputPolicyEntry): OutputPolicyAnswer {
  const { widevineSecurityLevel: securityLevel, widevineHdcp: hdcp, ...rest } = policy;
  const widevine = securityLevel === null || hdcp === null ? null : { securityLevel, hdcp };
  return { name, ...rest, widevine, version };
}

/** Marks an answer with the version it is of; `created` makes it a 201. */
export function markVersion(reply: FastifyReply, version: number, created = false): void {
  void reply.header('ETag', versionTag(version)).status(created ? 201 : 200);
}
