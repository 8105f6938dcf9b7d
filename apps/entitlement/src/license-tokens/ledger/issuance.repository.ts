// Writes the ledger, and with a rental's first token its first play, in one statement and so in one transaction.
import { Injectable } from '@nestjs/common';
import { Prisma, PrismaService } from '@app/database';
import type { GrantedIssuance, RefusedIssuance } from './issuance.js';

@Injectable()
export class IssuanceRepository {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Records an issued token. The first play of a rental is written with it, unless one is there: of two requests at the
   * same instant the second finds the first one's. The token's reservation ends, for now the ledger counts it.
   * @returns whether this issuance started the rental's clock
   * @throws DatabaseUnavailableError, and then nothing is written
   */
  async recordGranted(issuance: GrantedIssuance): Promise<boolean> {
    const { purchase, rights } = issuance;
    const rows = await this.prisma.client.$queryRaw<{ firstPlay: boolean }[]>`
      WITH started AS (
        UPDATE purchase SET first_play_at = ${issuance.decidedAt}, updated_at = ${issuance.decidedAt}
        WHERE id = ${purchase.id}::uuid AND type = 'rental' AND first_play_at IS NULL
        RETURNING id
      ), bought AS (
        DELETE FROM token_reservation WHERE issuance_id = ${issuance.id}::char(32)
      )
      INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, offline, decision, rights_type, rights_end_at,
        play_duration_seconds, persistent, token_expires_at, first_play, request_id, decided_at, duration_ms)
      VALUES (${issuance.id}, ${issuance.userId}, ${issuance.contentId}, ${purchase.id}::uuid, ${issuance.drm}::drm,
        ${issuance.offline}, 'granted', ${rights.type}::purchase_type, ${rights.endsAt}, ${rights.playDurationSeconds},
        ${rights.persistent}, ${issuance.tokenExpiresAt}, EXISTS (SELECT FROM started), ${issuance.requestId},
        ${issuance.decidedAt}, ${issuance.durationMs})
      RETURNING first_play AS "firstPlay"`;
    return rows.some(({ firstPlay }) => firstPlay);
  }

  /**
   * Records a request that ended without a token; if one was reserved, it no longer counts.
   * @throws DatabaseUnavailableError
   */
  async recordRefused(issuance: RefusedIssuance): Promise<void> {
    const { purchase, rights } = issuance;
    await this.prisma.client.$executeRaw(Prisma.sql`
      WITH released AS (
        DELETE FROM token_reservation WHERE issuance_id = ${issuance.id}::char(32)
      )
      INSERT INTO issuance (id, user_id, content_id, purchase_id, drm, offline, decision, reason, rights_type, rights_end_at,
        play_duration_seconds, persistent, expressplay_code, request_id, decided_at, duration_ms)
      VALUES (${issuance.id}, ${issuance.userId}, ${issuance.contentId}, ${purchase?.id ?? null}::uuid, ${issuance.drm}::drm,
        ${issuance.offline}, ${issuance.decision}::issuance_decision, ${issuance.reason}::issuance_reason,
        ${rights?.type ?? null}::purchase_type, ${rights?.endsAt ?? null}, ${rights?.playDurationSeconds ?? null},
        ${rights?.persistent ?? null}, ${issuance.expressPlayCode ?? null}, ${issuance.requestId}, ${issuance.decidedAt},
        ${issuance.durationMs})`);
  }
}
