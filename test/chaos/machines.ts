// The store's and customer support's machines: each tells of an event, again if it is not answered, and enters it in the book.
import { ndjson, reportLines } from '../admin/purchase-client.js';
import { end, isOpen, type Book, type Call, type CallKind, type Order, type OrderContent } from './book.js';
import type { Dice } from './dice.js';
import { exchange } from './exchange.js';
import type { Place, World } from './world.js';

const MOST_ATTEMPTS = 3;

export class Machines {
  constructor(
    private readonly world: World,
    private readonly book: Book,
    private readonly dice: Dice,
  ) {}

  put(order: Order, content: OrderContent): Promise<void> {
    const version = order.amend(content);
    const { attempts } = order.versions.get(version)!;
    return this.#tell('put', attempts, 'PUT', order.externalId, { ...content, version });
  }

  revoke(order: Order, reason: string): Promise<void> {
    const version = order.revoke(reason);
    const { attempts } = order.revocations.get(version)!;
    return this.#tell('revocation', attempts, 'POST', `${order.externalId}/revocation`, { version, reason });
  }

  reinstate(order: Order): Promise<void> {
    const version = order.revoke(null);
    const { attempts } = order.revocations.get(version)!;
    return this.#tell('reinstatement', attempts, 'POST', `${order.externalId}/reinstatement`, { version });
  }

  /** The reset's id is its reason too, which the ledger shows. */
  reset(order: Order, id: string): Promise<void> {
    const attempts: Call[] = [];
    order.resets.set(id, { said: null, attempts });
    return this.#tell('reset', attempts, 'POST', `${order.externalId}/first-play-reset`, { id, reason: id });
  }

  /**
   * Tells of many at once; a line that is not reported is not told again.
   * @returns whether the import was let in
   */
  async import(
    orders: readonly (readonly [Order, OrderContent])[],
    place = this.dice.pick(this.world.places),
  ): Promise<boolean> {
    const lines = orders.map(([order, content]) => ({ order, content, version: order.amend(content) }));
    const bearer = await this.#bearer();
    const calls = lines.map(({ order, version }) => this.#begin('import line', place, order, version));
    let text = '';
    let reported = 0;
    const hear = (piece: string) => {
      text += piece;
      for (const { line, outcome = '' } of reportLines(text).slice(reported)) {
        reported += 1;
        const call = line === undefined ? undefined : calls[line - 1];
        if (call !== undefined) end(call, outcome === 'error' ? 409 : 200, outcome);
      }
    };
    const body = ndjson(
      lines.map(({ order, content, version }) => ({ externalId: order.externalId, ...content, version })),
    );
    const type = 'application/x-ndjson';
    const answer = await exchange(`${place.url}/v1/admin/purchases/batch`, {
      method: 'POST',
      bearer,
      body,
      type,
      hear,
    });
    const unreported = calls.filter(({ answeredAt }) => answeredAt === Infinity);
    for (const call of unreported) end(call, answer.status === 200 ? null : answer.status, codeOf(answer.body));
    return answer.status === 200;
  }

  #begin(kind: CallKind, place: Place, order: Order, version: number): Call {
    const call = this.book.begin(kind, place.name);
    order.versions.get(version)!.attempts.push(call);
    return call;
  }

  async #tell(kind: CallKind, attempts: Call[], method: 'PUT' | 'POST', path: string, said: object): Promise<void> {
    const bearer = await this.#bearer();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const place = this.dice.pick(this.world.places);
      const call = this.book.begin(kind, place.name);
      attempts.push(call);
      const url = `${place.url}/v1/admin/purchases/${path}`;
      const { status, body } = await exchange(url, { method, bearer, body: JSON.stringify(said) });
      end(call, status, codeOf(body));
      if (!isOpen(call) || this.dice.is(0.4)) return;
    }
  }

  #bearer(): Promise<string> {
    return this.world.bearer('store', 'purchases:write');
  }
}

/** The outcome, or the problem's reason where it has one, or its code. */
export function codeOf({ outcome, reason, code }: Record<string, unknown>): string {
  return [outcome, reason, code].find((word) => typeof word === 'string') ?? '';
}
