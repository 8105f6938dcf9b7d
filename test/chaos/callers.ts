// Who calls the service all the time: players, the store, its imports, and customer support.
import { setTimeout as delay } from 'node:timers/promises';
import { end, type Book, type Order, type OrderContent } from './book.js';
import type { Dice } from './dice.js';
import { exchange } from './exchange.js';
import { codeOf, Machines } from './machines.js';
import type { World } from './world.js';

const PLAYERS = 200;
const OPENING_ORDERS = 150;
const TITLES = ['sintel', 'tears-of-steel', 'big-buck-bunny'];
const DRMS = ['playready', 'fairplay', 'widevine'];
const REASONS = ['refund', 'chargeback', 'fraud', 'store-error'];
const MOST_IN_FLIGHT = 8;
const LOW_LOAD_PAUSE_MS = 200;

export class Callers {
  readonly #machines: Machines;
  readonly #underWay = new Set<Promise<void>>();
  /** What orders are picked from: all but the probe's. */
  readonly #orders: Order[] = [];
  #resets = 0;

  constructor(
    private readonly world: World,
    private readonly book: Book,
    private readonly dice: Dice,
  ) {
    this.#machines = new Machines(world, book, dice);
  }

  /** What was sold before anything goes wrong, and what the probe plays in the end. */
  async open(): Promise<void> {
    const probe = this.book.order('probe');
    const owned: OrderContent = { ...this.#content(), userId: 'probe', contentId: 'sintel' };
    const orders = Array.from({ length: OPENING_ORDERS }, () => [this.book.order(), this.#content()] as const);
    this.#orders.push(...orders.map(([order]) => order));
    await this.#machines.import([[probe, owned], ...orders]);
  }

  /** Calls until it is over, low and high load taking turns, and waits for the last answer. */
  async call(isOver: () => boolean): Promise<void> {
    for (let isHigh = this.dice.is(0.5); !isOver(); isHigh = !isHigh) {
      const turnEndsAt = performance.now() + this.dice.between(500, 4000);
      while (performance.now() < turnEndsAt && !isOver()) {
        if (!isHigh) await delay(LOW_LOAD_PAUSE_MS);
        else if (this.#underWay.size >= MOST_IN_FLIGHT) await Promise.race(this.#underWay);
        this.#start();
      }
    }
    await Promise.all(this.#underWay);
  }

  /** Whether every replica is ready, gives the probe a token, and takes two imports at once, waited for a minute. */
  async probe(): Promise<boolean> {
    for (let second = 0; second < 60; second += 1) {
      const answers = this.world.replicas.map(async (place) => {
        const { name, url } = place;
        const { status } = await exchange(`${url}/health/ready`, { method: 'GET' });
        const isGranted = await this.#ask(name, url, 'probe', 'sintel', 'widevine');
        const line = () => [[this.book.order(), this.#content()]] as const;
        const imports = await Promise.all([this.#machines.import(line(), place), this.#machines.import(line(), place)]);
        return status === 200 && isGranted && imports.every(Boolean);
      });
      if ((await Promise.all(answers)).every(Boolean)) return true;
      await delay(1000);
    }
    return false;
  }

  #start(): void {
    const call = this.#one().finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
  }

  #one(): Promise<void> {
    const chance = this.dice.between(1, 100);
    if (chance <= 68) return this.#play();
    if (chance <= 74) return this.#sell();
    if (chance <= 80) return this.#amend();
    if (chance <= 86) return this.#machines.revoke(this.#any(), this.dice.pick(REASONS));
    if (chance <= 92) return this.#reinstate();
    if (chance <= 98) return this.#reset();
    return this.#import();
  }

  /** One request, or three at once, as players make that ask again too soon. */
  async #play(): Promise<void> {
    const { userId, contentId } = this.#any().latest;
    const title = this.dice.is(0.1) ? this.dice.pick(TITLES) : contentId;
    const times = this.dice.is(0.15) ? 3 : 1;
    const drm = this.dice.pick(DRMS);
    const kinds = Array.from({ length: times }, () => (this.dice.is(0.5) ? drm : this.dice.pick(DRMS)));
    await Promise.all(
      kinds.map((kind) => {
        const { name, url } = this.dice.pick(this.world.places);
        return this.#ask(name, url, userId, title, kind, this.dice.is(0.1));
      }),
    );
  }

  async #ask(name: string, url: string, user: string, title: string, drm: string, offline = false): Promise<boolean> {
    const bearer = await this.world.bearer(user);
    await this.world.countToken();
    const call = this.book.beginToken(name, { user, title, drm });
    const asked = JSON.stringify({ contentId: title, drm, offline });
    const { status, body } = await exchange(`${url}/v1/license-tokens`, { method: 'POST', bearer, body: asked });
    if (status === 200) Object.assign(call, { id: body.id, token: body.token });
    end(call, status, codeOf(body));
    return status === 200;
  }

  /** Of some the store takes back what it has not yet sold, as far as the service knows. */
  async #sell(): Promise<void> {
    const content = this.#content();
    const isTakenBack = this.dice.is(0.2);
    const reason = this.dice.pick(REASONS);
    const isAtOnce = this.dice.is(0.5);
    const order = this.book.order();
    const early = isTakenBack ? this.#machines.revoke(order, reason) : Promise.resolve();
    if (!isAtOnce) await early;
    const sold = this.#machines.put(order, content);
    this.#orders.push(order);
    await Promise.all([early, sold]);
  }

  #amend(): Promise<void> {
    const order = this.#any();
    return this.#machines.put(order, this.#amended(order));
  }

  /** Other terms, and now and then another user. */
  #amended({ latest }: Order): OrderContent {
    const userId = this.dice.is(0.3) ? this.#player() : latest.userId;
    if (latest.type === 'buy-to-own') return { ...latest, userId };
    return { ...latest, userId, playDurationSeconds: this.dice.between(86_400, 604_800) };
  }

  #reinstate(): Promise<void> {
    const revoked = this.#orders.filter(({ isRevoked }) => isRevoked);
    return this.#machines.reinstate(revoked.length === 0 ? this.#any() : this.dice.pick(revoked));
  }

  async #reset(): Promise<void> {
    const order = this.#any();
    if (order.latest.type !== 'rental') return;
    this.#resets += 1;
    await this.#machines.reset(order, `reset-${this.#resets}`);
  }

  async #import(): Promise<void> {
    const sold: Order[] = [];
    const lines = Array.from({ length: this.dice.between(5, 40) }, () => {
      const order = this.dice.is(0.4) ? this.book.order() : this.#any();
      const isSold = order.versions.size === 0;
      if (isSold) sold.push(order);
      return [order, isSold ? this.#content() : this.#amended(order)] as const;
    });
    const imported = this.#machines.import(lines);
    this.#orders.push(...sold);
    await imported;
  }

  /** Half of the time one of those that something has just been done to, so that callers meet. */
  #any(): Order {
    return this.dice.is(0.5) ? this.dice.pick(this.#orders.slice(-12)) : this.dice.pick(this.#orders);
  }

  #content(): OrderContent {
    const sold = { userId: this.#player(), contentId: this.dice.pick(TITLES), purchasedAt: '2026-01-01T00:00:00.000Z' };
    if (this.dice.is(0.4)) return { ...sold, type: 'buy-to-own' };
    return { ...sold, type: 'rental', periodEndsAt: '2099-12-31T23:59:59.000Z', playDurationSeconds: 172_800 };
  }

  #player(): string {
    return `player-${this.dice.between(1, PLAYERS)}`;
  }
}
