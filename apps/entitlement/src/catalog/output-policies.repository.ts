// Keeps output policies, each with a version.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@app/platform/database';
import type { OutputPolicy } from './content.js';
import type { OutputPolicyEntry } from './output-policy-entry.js';

@Injectable()
export class OutputPoliciesRepository {
  constructor(private readonly prisma: PrismaService) {}

  /** @throws DatabaseUnavailableError */
  async find(name: string): Promise<OutputPolicyEntry | undefined> {
    const [entry] = await this.#select(Prisma.sql`WHERE name = ${name}`);
    return entry;
  }

  /**
   * The first ones after a name, in the order of names.
   * @throws DatabaseUnavailableError
   */
  list(limit: number, after = ''): Promise<OutputPolicyEntry[]> {
    return this.#select(Prisma.sql`WHERE name > ${after} ORDER BY name LIMIT ${limit}`);
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

  async #select(which: Prisma.Sql): Promise<OutputPolicyEntry[]> {
    const rows = await this.prisma.client.$queryRaw<(OutputPolicy & { name: string; version: number })[]>`
      SELECT name, version,
             analog_video_opl AS "analogVideoOpl",
             compressed_digital_audio_opl AS "compressedDigitalAudioOpl",
             compressed_digital_video_opl AS "compressedDigitalVideoOpl",
             uncompressed_digital_audio_opl AS "uncompressedDigitalAudioOpl",
             uncompressed_digital_video_opl AS "uncompressedDigitalVideoOpl",
             unknown_output_behavior AS "unknownOutputBehavior",
             output_control_flags AS "outputControlFlags",
             offline_allowed AS "offlineAllowed",
             widevine_security_level AS "widevineSecurityLevel", widevine_hdcp AS "widevineHdcp",
             extensions, additional_parameters AS "additionalParameters"
      FROM output_policy ${which}`;
    return rows.map(({ name, version, ...policy }) => ({ name, version, policy }));
  }
}

/** Lists of plain objects, as Prisma's JSON type wants them. */
function columnsOf(policy: OutputPolicy) {
  return {
    ...policy,
    extensions: policy.extensions.map((extension) => ({ ...extension })),
    additionalParameters: policy.additionalParameters.map((parameter) => ({ ...parameter })),
  };
}
