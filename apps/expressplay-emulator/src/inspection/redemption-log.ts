// How often tokens were redeemed, by the cookie that they carry.
import type { TokenService } from '@app/expressplay';
import { Injectable } from '@nestjs/common';

/** The redemptions of the tokens with one cookie. */
export interface Redemptions {
  readonly service: TokenService;
  /** The tokens' cookie; null for all that have none. */
  readonly cookie: string | null;
  readonly count: number;
  /** When the last one was, RFC 3339. */
  readonly lastAt: string;
}

/** The cookies that were redeemed longest ago are forgotten beyond this number. */
const MOST_COOKIES = 10_000;

@Injectable()
export class RedemptionLog {
  readonly #byCookie = new Map<string, Redemptions>();

  /** Counts one redemption. */
  add(service: TokenService, cookie: string | null, at: Date): void {
    const key = JSON.stringify([service, cookie]);
    const count = (this.#byCookie.get(key)?.count ?? 0) + 1;
    // Taken out first, so that the order is that of the last redemption.
    this.#byCookie.delete(key);
    this.#byCookie.set(key, { service, cookie, count, lastAt: at.toISOString() });
    const [oldest] = this.#byCookie.keys();
    if (this.#byCookie.size > MOST_COOKIES && oldest !== undefined) this.#byCookie.delete(oldest);
  }

  /** All counts, the one redeemed longest ago first. */
  list(): readonly Redemptions[] {
    return [...this.#byCookie.values()];
  }

  clear(): void {
    this.#byCookie.clear();
  }
}
