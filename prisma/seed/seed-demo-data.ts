// Writes the demo data, as often as one likes: times start anew at each call, the ledger is left as it is.
import { randomBytes } from 'node:crypto';
import type { PrismaService } from '@app/platform/database';
import { wrapKey } from '@app/key-wrapping';
import { demoContents, demoPurchases, OUTPUT_POLICIES } from './demo-data.js';

/** The KEK that the demo's content keys, made here at random, are wrapped under. */
export interface SeedKek {
  id: string;
  kek: Uint8Array;
}

const DEMO_ORDER = 'demo-';

/** @throws DatabaseUnavailableError, and Prisma's errors when the database holds other data under the demo's names */
export async function seedDemoData(prisma: PrismaService, { id: kekId, kek }: SeedKek, now: Date): Promise<void> {
  const order = `${DEMO_ORDER}${now.getTime()}`;
  await prisma.client.$transaction(async (tx) => {
    for (const policy of OUTPUT_POLICIES) {
      await tx.outputPolicy.upsert({ where: { name: policy.name }, create: policy, update: policy });
    }
    for (const content of demoContents(now)) {
      await tx.content.upsert({ where: { id: content.id }, create: content, update: content });
      const key = { source: 'wrapped' as const, kekId, ek: new Uint8Array(wrapKey(kek, randomBytes(16))) };
      await tx.contentKey.upsert({
        where: { contentId: content.id },
        create: { contentId: content.id, ...key },
        update: key,
      });
    }
    // Orders of an earlier seeding go; the ledger keeps what it says of them.
    await tx.purchase.deleteMany({ where: { externalId: { startsWith: DEMO_ORDER } } });
    await tx.purchase.createMany({
      data: demoPurchases(now).map((purchase, index) => ({
        ...purchase,
        externalId: `${order}-${index}`,
        purchasedAt: now,
      })),
    });
  });
}
