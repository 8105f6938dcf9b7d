// The output policies of the catalogue. A change is a change for every title that names the policy, at its next token.
import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '@app/platform/clock';
import { UnknownOutputPolicyError } from './catalog.errors.js';
import type { OutputPolicy, OutputPolicyEntry } from './content.js';
import { OutputPoliciesRepository } from './output-policies.repository.js';
import { writeOptimistically, type VersionCheck } from './versions.js';

@Injectable()
export class OutputPoliciesService {
  constructor(
    private readonly policies: OutputPoliciesRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws UnknownOutputPolicyError, DatabaseUnavailableError */
  async get(name: string): Promise<OutputPolicyEntry> {
    const entry = await this.policies.find(name);
    if (entry === undefined) throw new UnknownOutputPolicyError();
    return entry;
  }

  /** @throws DatabaseUnavailableError */
  list(limit: number, after?: string): Promise<OutputPolicyEntry[]> {
    return this.policies.list(limit, after);
  }

  /**
   * Makes a policy, or changes it.
   * @throws PreconditionFailedError, DatabaseUnavailableError
   */
  async put(
    name: string,
    policy: OutputPolicy,
    check: VersionCheck,
  ): Promise<{ entry: OutputPolicyEntry; created: boolean }> {
    const at = this.clock.now();
    const { before, version } = await writeOptimistically<OutputPolicyEntry>(
      {
        find: () => this.policies.find(name),
        isWanted: (present) => isDeepStrictEqual(present.policy, policy),
        write: (present) =>
          present === undefined
            ? this.policies.insert(name, policy, at)
            : this.policies.replace(name, present.version, policy, at),
      },
      check,
    );
    return { entry: { name, version, policy }, created: before === undefined };
  }
}
