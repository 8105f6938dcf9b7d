// Keeps output policies, each with a version. A change is a change for every title that names the policy, at its next token.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { PrismaService } from '@app/platform/database';
import { DomainError } from '@app/platform/problems';
import type { OutputPolicy, OutputPolicyEntry } from './content.js';
import { writeOptimistically, type VersionCheck } from './versions.js';

@Injectable()
export class OutputPoliciesRepository {
  constructor(
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `output-policy-not-found`, DatabaseUnavailableError */
  async get(name: string): Promise<OutputPolicyEntry> {
    const entry = await this.#find(name);
    if (entry === undefined) throw new DomainError('output-policy-not-found', 'There is no such output policy.');
    return entry;
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
   * Makes a policy, or changes it.
   * @throws DomainError `precondition-failed`, DatabaseUnavailableError
   */
  async put(
    name: string,
    policy: OutputPolicy,
    check: VersionCheck,
  ): Promise<{ entry: OutputPolicyEntry; created: boolean }> {
    const at = this.clock.now();
    const { before, version } = await writeOptimistically<OutputPolicyEntry>(check, {
      find: () => this.#find(name),
      isWanted: (present) => isDeepStrictEqual(present.policy, policy),
      write: (present) => this.#write(name, present?.version, policy, at),
    });
    return { entry: { name, version, policy }, created: before === undefined };
  }

  async #find(name: string): Promise<OutputPolicyEntry | undefined> {
    const row = await this.prisma.client.outputPolicy.findUnique({ where: { name }, omit: TIMES });
    return row === null ? undefined : entryOf(row);
  }

  /** Whether it was written: the policy has the version still, or is still not there. */
  async #write(name: string, version: number | undefined, policy: OutputPolicy, at: Date): Promise<boolean> {
    const { outputPolicy } = this.prisma.client;
    const { count } =
      version === undefined
        ? await outputPolicy.createMany({
            data: [{ name, ...policy, createdAt: at, updatedAt: at }],
            skipDuplicates: true,
          })
        : await outputPolicy.updateMany({
            where: { name, version },
            data: { ...policy, version: version + 1, updatedAt: at },
          });
    return count === 1;
  }
}

const TIMES = { createdAt: true, updatedAt: true } as const;

function entryOf({ name, version, ...policy }: { name: string; version: number }): OutputPolicyEntry {
  // The lists of a row are what was made of them.
  return { name, version, policy: policy as OutputPolicy };
}
