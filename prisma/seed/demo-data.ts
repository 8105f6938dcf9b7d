// The demo's titles and viewers, with every moment relative to one "now", and how they are written to a database.
import { createHash, randomBytes } from 'node:crypto';
import { type Prisma, PrismaService } from '@app/platform/database';
import { wrapKey } from '@app/expressplay';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const PLAY_DURATION_SECONDS = 172_800;

/** Who has purchases, or none: frank bought nothing. */
export const DEMO_VIEWERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace'] as const;

/** The title with pictures, then those that have none. */
export const DEMO_TITLES = [
  'clip',
  'sintel',
  'tears-of-steel',
  'big-buck-bunny',
  'cosmos-laundromat',
  'elephants-dream',
] as const;

/** Output policies: `hd` lets owners keep licences and protects digital video; `strict` allows the best protected outputs alone. */
const OUTPUT_POLICIES = [
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
    playreadyMinCertSecurityLevel: 3000,
    widevineSecurityLevel: 5,
    widevineHdcp: 2,
    offlineAllowed: false,
  },
];

const WITHOUT_FAIRPLAY = ['big-buck-bunny'];

function demoContents(now: Date) {
  const content = (id: string, title: string, more: Partial<Prisma.ContentCreateManyInput> = {}) => ({
    id,
    title,
    outputPolicyName: 'hd',
    availableFrom: null,
    withdrawnAt: null,
    ...more,
  });
  return [
    content('sintel', 'Sintel'),
    content('tears-of-steel', 'Tears of Steel', { outputPolicyName: 'strict' }),
    content('big-buck-bunny', 'Big Buck Bunny'),
    content('cosmos-laundromat', 'Cosmos Laundromat', { availableFrom: from(now, 30 * DAY) }),
    content('elephants-dream', 'Elephants Dream', { withdrawnAt: from(now, -DAY) }),
  ];
}

const owned = (userId: string, contentId: string): DemoPurchase => ({ userId, contentId, type: 'buyToOwn' });

/** What viewers bought of a title beside alice, who owns all; frank bought nothing. */
function othersPurchases(contentId: string, now: Date): DemoPurchase[] {
  const rented = (userId: string, periodEndsAt: Date, firstPlayAt?: Date): DemoPurchase => ({
    userId,
    contentId,
    type: 'rental',
    periodEndsAt,
    playDurationSeconds: PLAY_DURATION_SECONDS,
    firstPlayAt,
  });
  return [
    rented('bob', from(now, 30 * DAY)),
    rented('carol', from(now, -DAY)),
    rented('dave', from(now, 20 * DAY), from(now, -49 * HOUR)),
    { ...owned('erin', contentId), revokedAt: from(now, -DAY), revocationReason: 'refund', revocationVersion: 1n },
    owned('grace', contentId),
    rented('grace', from(now, 30 * DAY)),
  ];
}

type DemoPurchase = Omit<Prisma.PurchaseCreateManyInput, 'externalId' | 'purchasedAt'>;

/** 16 bytes that are always the same for a name: KIDs and IVs are no secrets. */
export function hexOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

function from(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() + milliseconds);
}

/** What content keys, made at random, are wrapped under. */
export interface SeedKek {
  id: string;
  kek: Uint8Array;
}

const DEMO_ORDER = 'demo-';

/** Writes the demo data to the database that a connection string names. */
export async function seedDatabase(url: string, kek: SeedKek): Promise<void> {
  const prisma = new PrismaService({ url, poolSize: 2, timeoutMs: 10_000 });
  try {
    const now = new Date();
    await seedDemoData(prisma, kek, now);
    await seedClip(prisma, kek, now);
  } finally {
    await prisma.onApplicationShutdown();
  }
}

/**
 * Writes the demo data, as often as one likes: times start again at each call, the ledger is left as it is.
 * @throws DatabaseUnavailableError, and Prisma's errors when the database holds other data under the demo's names
 */
export async function seedDemoData(prisma: PrismaService, { id: kekId, kek }: SeedKek, now: Date): Promise<void> {
  await prisma.client.$transaction(async (tx) => {
    for (const policy of OUTPUT_POLICIES) {
      await tx.outputPolicy.upsert({ where: { name: policy.name }, create: policy, update: policy });
    }
    for (const content of demoContents(now)) {
      await tx.content.upsert({ where: { id: content.id }, create: content, update: content });
      const contentId = content.id;
      const kid = hexOf(`kid ${contentId}`);
      const iv = WITHOUT_FAIRPLAY.includes(contentId) ? null : hexOf(`iv ${contentId}`);
      const key = { iv, source: 'wrapped' as const, kekId, ek: new Uint8Array(wrapKey(kek, randomBytes(16))) };
      await tx.contentKey.upsert({ where: { kid }, create: { kid, contentId, ...key }, update: key });
    }
    // Orders of an earlier seeding go; the ledger keeps what it says of them.
    await tx.purchase.deleteMany({ where: { externalId: { startsWith: DEMO_ORDER } } });
    const purchases = [...demoContents(now).map(({ id }) => owned('alice', id)), ...othersPurchases('sintel', now)];
    await tx.purchase.createMany({ data: ordered(purchases, `${DEMO_ORDER}${now.getTime()}`, now) });
  });
}

const CLIP = { id: 'clip', title: 'Clip', outputPolicyName: 'hd' };
const CLIP_ORDER = `${DEMO_ORDER}clip-`;

/**
 * Writes the title of the player page, beside the demo data and as often as one likes. Its media is in the repository
 * (`apps/expressplay-emulator/player`), with a key each for SD, HD and audio that everybody may know: they protect nothing.
 * @throws as `seedDemoData`
 */
export async function seedClip(prisma: PrismaService, { id: kekId, kek }: SeedKek, now: Date): Promise<void> {
  await prisma.client.$transaction(async (tx) => {
    await tx.content.upsert({ where: { id: CLIP.id }, create: CLIP, update: CLIP });
    for (const [position, track] of ['sd', 'hd', 'audio'].entries()) {
      const kid = hexOf(`kid clip ${track}`);
      const ek = new Uint8Array(wrapKey(kek, Buffer.from(hexOf(`key clip ${track}`), 'hex')));
      const key = { contentId: CLIP.id, position, tracks: [track], source: 'wrapped' as const, kekId, ek };
      await tx.contentKey.upsert({ where: { kid }, create: { kid, ...key }, update: key });
    }
    await tx.purchase.deleteMany({ where: { externalId: { startsWith: CLIP_ORDER } } });
    const purchases = [owned('alice', CLIP.id), ...othersPurchases(CLIP.id, now)];
    await tx.purchase.createMany({ data: ordered(purchases, `${CLIP_ORDER}${now.getTime()}`, now) });
  });
}

/** Purchases with order ids of the store. */
function ordered(purchases: readonly DemoPurchase[], order: string, now: Date): Prisma.PurchaseCreateManyInput[] {
  return purchases.map((one, index) => ({ ...one, externalId: `${order}-${index}`, purchasedAt: now }));
}
