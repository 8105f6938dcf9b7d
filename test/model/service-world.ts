// The whole service as a world that histories happen in: purchases written by SQL, tokens asked for over HTTP.
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import type { DenialReason } from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import type { TestService } from '../support/test-service.js';
import type { Answer, RentalTerms, Shown, Step } from './steps.js';

/** What the database says of the viewer's purchases. */
export interface StoredPurchase {
  firstPlay: number | null;
  /** How many tokens in the ledger say that they started its clock. */
  starts: number;
}

/** The parameter that carries a rental's duration. */
const DURATION_OF_DRM: Record<Drm, string> = {
  playready: 'rental.playDuration',
  fairplay: 'rentalDuration',
  widevine: 'licenseDuration',
};

let count = 0;

export class ServiceWorld {
  #orders = 0;
  readonly #viewer: string;
  readonly #title: string;

  private constructor(
    private readonly service: TestService,
    number: number,
  ) {
    this.#viewer = `viewer-${number}`;
    this.#title = `title-${number}`;
  }

  /** A viewer and a title of their own. */
  static async create(service: TestService, offlineAllowed: boolean, now: number): Promise<ServiceWorld> {
    count += 1;
    const world = new ServiceWorld(service, count);
    service.clock.set(new Date(now));
    await service.database.query(`INSERT INTO content (id, title, output_policy_name) SELECT $1, 'A title', $2`, [
      world.#title,
      offlineAllowed ? 'hd' : 'strict',
    ]);
    await service.database.query(
      `INSERT INTO content_key (content_id, kid, iv, source, kek_id, ek)
       SELECT $1, md5($1), md5('iv'), source, kek_id, ek FROM content_key WHERE content_id = 'sintel'`,
      [world.#title],
    );
    return world;
  }

  /** Takes a step; one that asks for a token is answered. */
  async take(step: Step): Promise<Answer | undefined> {
    switch (step.step) {
      case 'sell':
        await this.#sell(step.terms);
        return undefined;
      case 'amend':
        await this.#update(step.order, 'period_ends_at = $2, play_duration_seconds = $3, version = version + 1', [
          new Date(step.terms.periodEndsAt),
          step.terms.playDurationSeconds,
        ]);
        return undefined;
      case 'revoke':
        await this.#update(step.order, `revoked_at = $2, revocation_reason = 'refund'`, [this.service.clock.now()]);
        return undefined;
      case 'reinstate':
        await this.#update(step.order, 'revoked_at = NULL, revocation_reason = NULL', []);
        return undefined;
      case 'reset':
        await this.#update(step.order, 'first_play_at = NULL, first_play_reset_id = gen_random_uuid()::text', []);
        return undefined;
      case 'availability':
        await this.service.database.query('UPDATE content SET available_from = $2, withdrawn_at = $3 WHERE id = $1', [
          this.#title,
          moment(step.availableFrom),
          moment(step.withdrawnAt),
        ]);
        return undefined;
      case 'time':
        this.service.clock.set(new Date(step.now));
        return undefined;
      case 'ask':
        return this.#ask(step.drm, step.offline);
      case 'issue':
        // The service has done this within the request.
        return undefined;
      case 'fail':
        throw new Error('ExpressPlay does not fail here');
    }
  }

  /**
   * What the viewer is shown of the title, moments in whole seconds.
   * @throws Error when the list says something else than the title alone
   */
  async shown(): Promise<Shown> {
    const bearer = await this.service.issuer.token(this.#viewer);
    const get = (path: string) => this.service.http().get(path).set('Authorization', `Bearer ${bearer}`);
    const { body: title } = await get(`/v1/entitlements/${this.#title}`);
    const { body: list } = await get('/v1/entitlements');
    const listed: unknown[] = list.entitlements.map(({ rights }: { rights: unknown }) => rights);
    if (JSON.stringify(listed) !== JSON.stringify(title.entitled === true ? [title.rights] : [])) {
      throw new Error(`the list has ${JSON.stringify(listed)}, the title ${JSON.stringify(title)}`);
    }
    if (title.entitled !== true) return { entitled: false, reason: title.reason as DenialReason };
    const { endsAt, playDurationSeconds: seconds, firstPlayAt = null } = title.rights;
    return { entitled: true, endsAt: parsed(endsAt), seconds, firstPlay: parsed(firstPlayAt) };
  }

  /** The purchases, in the order they were made. */
  async purchases(): Promise<StoredPurchase[]> {
    const rows = await this.service.database.query<{ first_play_at: Date | null; starts: number }>(
      `SELECT first_play_at, (SELECT count(*)::int FROM issuance WHERE purchase_id = purchase.id AND first_play) AS starts
       FROM purchase WHERE user_id = $1 ORDER BY external_id`,
      [this.#viewer],
    );
    return rows.map(({ first_play_at: at, starts }) => ({ firstPlay: at?.getTime() ?? null, starts }));
  }

  async #sell(terms: RentalTerms | null): Promise<void> {
    const number = this.#orders;
    this.#orders += 1;
    await this.service.database.query(
      `INSERT INTO purchase (id, external_id, user_id, content_id, type, purchased_at, period_ends_at, play_duration_seconds)
       VALUES (lpad(to_hex($1::int), 32, '0')::uuid, $2, $3, $4, $5::purchase_type, $6, $7, $8)`,
      [
        // Of equal purchases the first counts: made in one moment, they are told apart by their ids.
        count * 1000 + number,
        this.#order(number),
        this.#viewer,
        this.#title,
        terms === null ? 'buy-to-own' : 'rental',
        this.service.clock.now(),
        moment(terms?.periodEndsAt ?? null),
        terms?.playDurationSeconds ?? null,
      ],
    );
  }

  async #update(order: number, changes: string, values: unknown[]): Promise<void> {
    await this.service.database.query(`UPDATE purchase SET ${changes} WHERE external_id = $1`, [
      this.#order(order),
      ...values,
    ]);
  }

  async #ask(drm: Drm, offline: boolean): Promise<Answer> {
    const { status, body } = await this.service.ask(this.#viewer, { contentId: this.#title, drm, offline });
    if (status === 403) return { entitled: false, reason: body.reason as DenialReason };
    if (status !== 200) throw new Error(`the service answered ${status} ${String(body.code)}`);
    const [row] = await this.service.database.query<{
      order: string;
      endsAt: Date | null;
      seconds: number | null;
      tokenEndsAt: Date;
    }>(
      `SELECT external_id AS "order", rights_end_at AS "endsAt", issuance.play_duration_seconds AS seconds,
         token_expires_at AS "tokenEndsAt"
       FROM issuance JOIN purchase ON purchase.id = purchase_id WHERE issuance.id = $1`,
      [body.id],
    );
    if (row === undefined) throw new Error(`the ledger does not know the token ${String(body.id)}`);
    const { playDurationSeconds: seconds, persistent, endsAt } = body.rights;
    const carried = await this.service.carried(body.token);
    const { expirationTime } = carried;
    const duration = carried[DURATION_OF_DRM[drm]] as string | undefined;
    const told = { seconds: String(duration ?? null), endsAt: endsAt as string | null, expirationTime };
    const tokenEndsAt = row.tokenEndsAt.getTime();
    const meant = {
      seconds: String(row.seconds),
      endsAt: wholeSeconds(row.endsAt),
      expirationTime: body.tokenExpiresAt as string,
    };
    if (JSON.stringify(told) !== JSON.stringify(meant)) {
      throw new Error(`the token and the answer say ${JSON.stringify(told)}, the ledger ${JSON.stringify(meant)}`);
    }
    const order = Number(row.order.split('-').at(-1));
    return { entitled: true, order, endsAt: row.endsAt?.getTime() ?? null, seconds, persistent, tokenEndsAt };
  }

  #order(number: number): string {
    return `order-${this.#viewer}-${String(number).padStart(3, '0')}`;
  }
}

function moment(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

function parsed(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}

function wholeSeconds(at: Date | null): string | null {
  return at === null ? null : `${at.toISOString().slice(0, 19)}Z`;
}
