// Keeps output policies, each with a version.
import { Injectable } from '@nestjs/common';
import { PrismaService } from '@app/platform/database';
import type { OutputPolicy, OutputPolicyEntry } from './content.js';

@Injectable()
export class OutputPoliciesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** @throws DatabaseUnavailableError */
  async find(name: string): Promise<OutputPolicyEntry | undefined> {
    const row = await this.prisma.client.outputPolicy.findUnique({ where: { name }, omit: TIMES });
    return row === null ? undefined : entryOf(row);
  }

  /**
   * The first ones after a name, in the order of names.
   * @throws DatabaseUnavailableError
   */
  async list(limit: number, after = ''): Promise<OutputPolicyEntry[]> {
    const rows = await this.prisma.client.outputPolicy.findMany({
      where: { name: { gt: after } },
      orderBy: { name: 'asc' },
      take: limit,
      omit: TIMES,
    });
    return rows.map(entryOf);
  }

  /**
   * @returns false when there is a policy of this name
   * @throws DatabaseUnavailableError
   */
  async insert(name: string, policy: OutputPolicy, at: Date): Promise<boolean> {
    const { count } = await this.prisma.client.outputPolicy.createMany({
      data: [{ name, ...columnsOf(policy), createdAt: at, updatedAt: at }],
      skipDuplicates: true,
    });
    return count === 1;
  }

  /**
   * @returns false when the policy no longer has this version
   * @throws DatabaseUnavailableError
   */
  async replace(name: string, version: number, policy: OutputPolicy, at: Date): Promise<boolean> {
    const { count } = await this.prisma.client.outputPolicy.updateMany({
      where: { name, version },
      data: { ...columnsOf(policy), version: version + 1, updatedAt: at },
    });
    return count === 1;
  }
}

const TIMES = { createdAt: true, updatedAt: true } as const;

/** The lists of a row are what `columnsOf` made of them. */
type Row = Omit<OutputPolicy, 'extensions' | 'additionalParameters'> & {
  name: string;
  version: number;
  extensions: unknown;
  additionalParameters: unknown;
};

function entryOf({ name, version, ...policy }: Row): OutputPolicyEntry {
  return { name, version, policy: policy as OutputPolicy };
}

/** Lists of plain objects, as Prisma's JSON type wants them. */
function columnsOf(policy: OutputPolicy) {
  return {
    ...policy,
    extensions: policy.extensions.map((extension) => ({ ...extension })),
    additionalParameters: policy.additionalParameters.map((parameter) => ({ ...parameter })),
  };
}
