// What the callers asked for and what each was answered: all that the world outside knows of the service.

/** What is asked of the service. */
export type CallKind = 'token' | 'put' | 'import line' | 'revocation' | 'reinstatement' | 'reset';

/** One request, or one line of an import. */
export interface Call {
  readonly kind: CallKind;
  /** The process it was sent to. */
  readonly replica: string;
  /** By this process's monotonic clock, in milliseconds. */
  readonly sentAt: number;
  /** The same moment by the machine's clock, which the services have too. */
  readonly sentOn: number;
  /** When the answer was there, or the connection broke; infinite until then. */
  answeredAt: number;
  answeredOn: number;
  /** Null when the connection broke first. */
  status: number | null;
  /** The outcome, the reason or the problem's code. */
  said: string;
}

export interface TokenCall extends Call {
  readonly user: string;
  readonly title: string;
  readonly drm: string;
  /** Of a token that was delivered. */
  id?: string;
  token?: string;
}

/** What a version of an order says. */
export interface OrderContent {
  userId: string;
  contentId: string;
  type: 'buy-to-own' | 'rental';
  purchasedAt: string;
  periodEndsAt?: string;
  playDurationSeconds?: number;
}

/** One event of the store, with every attempt to tell it. */
export interface StoreEvent<T> {
  readonly said: T;
  readonly attempts: Call[];
}

/** One purchase, by all that the store and support ever said of it. */
export class Order {
  readonly versions = new Map<number, StoreEvent<OrderContent>>();
  /** What was said is the reason; null where the purchase was given back. */
  readonly revocations = new Map<number, StoreEvent<string | null>>();
  /** By the id that support gave the reset. */
  readonly resets = new Map<string, StoreEvent<null>>();

  constructor(readonly externalId: string) {}

  /** What the store said last, unless that was refused. */
  get latest(): OrderContent {
    const said = [...this.versions.values()].reverse();
    return (said.find(({ attempts }) => attempts.length === 0 || !attempts.every(isRefused)) ?? said.at(-1)!).said;
  }

  /** The next version of the order. */
  amend(content: OrderContent): number {
    const version = this.versions.size + 1;
    this.versions.set(version, { said: content, attempts: [] });
    return version;
  }

  /** The next version of its revocation or, with null, of its undoing. */
  revoke(reason: string | null): number {
    const version = this.revocations.size + 1;
    this.revocations.set(version, { said: reason, attempts: [] });
    return version;
  }

  /** Whether the last that the store said is that it took the purchase back. */
  get isRevoked(): boolean {
    return (this.revocations.get(this.revocations.size)?.said ?? null) !== null;
  }
}

/** What happened to the service, by this process's monotonic clock. */
export interface Happening {
  readonly kind: string;
  readonly detail: string;
  /** How many were disturbed by it: bytes that were held, connections that broke, processes that went, requests that failed or waited. */
  readonly met: number;
  readonly from: number;
  readonly until: number;
}

export class Book {
  readonly calls: Call[] = [];
  readonly tokens: TokenCall[] = [];
  readonly orders: Order[] = [];
  readonly happenings: Happening[] = [];

  order(externalId = `order-${this.orders.length}`): Order {
    const order = new Order(externalId);
    this.orders.push(order);
    return order;
  }

  /** Enters a call that is being sent. */
  begin(kind: CallKind, replica: string): Call {
    const call: Call = {
      kind,
      replica,
      sentAt: performance.now(),
      sentOn: Date.now(),
      answeredAt: Infinity,
      answeredOn: Infinity,
      status: null,
      said: '',
    };
    this.calls.push(call);
    return call;
  }

  beginToken(replica: string, asked: Pick<TokenCall, 'user' | 'title' | 'drm'>): TokenCall {
    const call: TokenCall = Object.assign(this.begin('token', replica), asked);
    this.tokens.push(call);
    return call;
  }
}

/** Enters what came of a call. */
export function end(call: Call, status: number | null, said: string): void {
  Object.assign(call, { status, said, answeredAt: performance.now(), answeredOn: Date.now() });
}

export function isTaken({ status }: Call): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Answered in a way that promises that nothing was changed. */
export function isRefused({ status }: Call): boolean {
  return status !== null && status >= 400 && status < 500;
}

/** No answer, or one that says that the service could not. */
export function isOpen({ status }: Call): boolean {
  return status === null || status >= 500;
}
