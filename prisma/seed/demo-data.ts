// The demo's titles and viewers, with every moment relative to one "now", and how they are written to a database.
import { createHash, randomBytes } from 'node:crypto';
import { type Prisma, PrismaService } from '@app/platform/database';
import { wrapKey } from '@app/expressplay';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const PLAY_DURATION_SECONDS = 172_800;

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

/** What the seven viewers bought; frank bought nothing. */
function demoPurchases(now: Date): DemoPurchase[] {
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
    await seedDemoData(prisma, kek, new Date());
  } finally {
    await prisma.onApplicationShutdown();
  }
}

/**
 * Writes the demo data, as often as one likes: times start again at each call, the ledger is left as it is.
 * @throws DatabaseUnavailableError, and Prisma's errors when the database holds other data under the demo's names
 */
export async function seedDemoData(prisma: PrismaService, { id: kekId, kek }: SeedKek, now: Date): Promise<void> {
  const order = `${DEMO_ORDER}${now.getTime()}`;
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
    await tx.purchase.createMany({
      data: demoPurchases(now).map((one, index) => ({ ...one, externalId: `${order}-${index}`, purchasedAt: now })),
    });
  });
}
