// Many viewers of one title, for tests of what happens when they come at once.
import type { TestService } from './test-service.js';

/** Every second one rents, and has not played. */
export const VIEWERS = Array.from({ length: 40 }, (_, index) => `viewer-${index}`);

/** Sells `sintel` to viewers. @param rents of which; by default every second one of `VIEWERS` */
export async function sellTo(
  service: TestService,
  viewers: readonly string[],
  rents: (index: number) => boolean = (index) => index % 2 === 1,
): Promise<void> {
  await service.database.query(
    `INSERT INTO purchase (external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
     SELECT viewer, viewer, 'sintel', CASE WHEN rents THEN 'rental' ELSE 'buy-to-own' END::purchase_type, $3::timestamptz,
            CASE WHEN rents THEN $3::timestamptz + interval '10 days' END, CASE WHEN rents THEN 3600 END
     FROM unnest($1::text[], $2::boolean[]) AS v(viewer, rents)`,
    [viewers, viewers.map((_, index) => rents(index)), service.clock.now()],
  );
}
