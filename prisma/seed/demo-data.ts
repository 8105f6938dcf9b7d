// The demo's titles and viewers, with every moment relative to one "now": pure data, written by `seed-demo-data.ts`.
import { createHash } from 'node:crypto';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const PLAY_DURATION_SECONDS = 172_800;

/** Output policies: `hd` lets owners keep licences and protects digital video; `strict` allows the best protected outputs alone. */
export const OUTPUT_POLICIES = [
  {
    name: 'hd',
    analogVideoOpl: 150,
    compressedDigitalAudioOpl: 250,
    compressedDigitalVideoOpl: 400,
    uncompressedDigitalAudioOpl: 250,
    uncompressedDigitalVideoOpl: 270,
    unknownOutputBehavior: 'Allow' as const,
    widevineSecurityLevel: 1,
    widevineHdcp: 1,
    offlineAllowed: true,
  },
  {
    name: 'strict',
    analogVideoOpl: 201,
    compressedDigitalAudioOpl: 300,
    compressedDigitalVideoOpl: 500,
    uncompressedDigitalAudioOpl: 300,
    uncompressedDigitalVideoOpl: 300,
    unknownOutputBehavior: 'Disallow' as const,
    widevineSecurityLevel: 5,
    widevineHdcp: 2,
    offlineAllowed: false,
  },
];

/** The five titles. */
export function demoContents(now: Date) {
  const content = (id: string, title: string, more: DemoContentMore = {}) => ({
    id,
    title,
    kid: hexOf(`kid ${id}`),
    iv: more.iv === false ? null : hexOf(`iv ${id}`),
    outputPolicyName: more.policy ?? 'hd',
    availableFrom: more.availableFrom ?? null,
    withdrawnAt: more.withdrawnAt ?? null,
  });
  return [
    content('sintel', 'Sintel'),
    content('tears-of-steel', 'Tears of Steel', { policy: 'strict' }),
    content('big-buck-bunny', 'Big Buck Bunny', { iv: false }),
    content('cosmos-laundromat', 'Cosmos Laundromat', { availableFrom: from(now, 30 * DAY) }),
    content('elephants-dream', 'Elephants Dream', { withdrawnAt: from(now, -DAY) }),
  ];
}

/** What the seven viewers bought; frank bought nothing. */
export function demoPurchases(now: Date): DemoPurchase[] {
  const owned = (userId: string, contentId: string): DemoPurchase => ({ userId, contentId, type: 'buyToOwn' });
  const rented = (userId: string, periodEndsAt: Date, firstPlayAt?: Date): DemoPurchase => ({
    userId,
    contentId: 'sintel',
    type: 'rental',
    periodEndsAt,
    playDurationSeconds: PLAY_DURATION_SECONDS,
    firstPlayAt,
  });
  return [
    ...demoContents(now).map(({ id }) => owned('alice', id)),
    rented('bob', from(now, 30 * DAY)),
    rented('carol', from(now, -DAY)),
    rented('dave', from(now, 20 * DAY), from(now, -49 * HOUR)),
    { ...owned('erin', 'sintel'), revokedAt: from(now, -DAY), revocationReason: 'refund', revocationVersion: 1n },
    owned('grace', 'sintel'),
    rented('grace', from(now, 30 * DAY)),
  ];
}

/** One purchase, in the database's words. */
export interface DemoPurchase {
  userId: string;
  contentId: string;
  type: 'buyToOwn' | 'rental';
  periodEndsAt?: Date;
  playDurationSeconds?: number;
  firstPlayAt?: Date;
  revokedAt?: Date;
  revocationReason?: 'refund';
  revocationVersion?: bigint;
}

interface DemoContentMore {
  policy?: string;
  iv?: false;
  availableFrom?: Date;
  withdrawnAt?: Date;
}

/** 16 bytes that are always the same for a name: KIDs and IVs are no secrets. */
function hexOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

function from(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}
