// The guided walk: each step shows the request, the decision and what the token carries, and checks that it is as said.
import { withSession } from '@app/platform/database';
import type { Stack } from './stack.js';

interface PlayerRequest {
  /** Without one no bearer token is sent. */
  user?: string;
  contentId: string;
  drm: 'playready' | 'fairplay';
}

/** The parts of an answer the demo looks at. */
interface PlayerAnswer {
  status: number;
  body: { code?: string; reason?: string; token?: string; licenseUrl?: string; rights?: object };
}

/** What the emulator says a token carries. */
type CarriedParameters = Record<string, string | string[] | undefined>;

const SHOWN =
  'rightsType generalFlags rental.periodEndTime rental.playDuration rentalDuration uncompressedDigitalVideoOPL kid iv kek ek ' +
  'expirationTime cookie';

const DENIED: [user: string, contentId: string, why: string, reason: string][] = [
  ['carol', 'sintel', 'rental ended yesterday', 'rental-period-ended'],
  ['dave', 'sintel', 'started 49 hours ago with 48 hours to play', 'play-window-ended'],
  ['erin', 'sintel', 'purchase was refunded', 'purchase-revoked'],
  ['frank', 'sintel', 'bought nothing', 'no-purchase'],
  ['alice', 'cosmos-laundromat', 'pre-ordered it, out in 30 days', 'not-yet-available'],
  ['alice', 'elephants-dream', 'owns it, but it was withdrawn', 'content-withdrawn'],
];

/**
 * Walks through the demo.
 * @returns how many things did not go as said
 */
export async function walk(stack: Stack): Promise<number> {
  const tour = new Tour(stack);
  tour.begin('alice owns sintel and plays it on a PlayReady device');
  const owned = await tour.granted({ user: 'alice', contentId: 'sintel', drm: 'playready' });
  tour.expect('the token carries BuyToOwn and no rental parameter', isOwned(owned.carried));

  tour.begin('bob rents sintel: his first token starts the clock of his rental');
  const request = { user: 'bob', contentId: 'sintel', drm: 'playready' } as const;
  const { carried: first, licenseUrl } = await tour.granted(request);
  tour.expect(
    'the token carries Rental, a persistent licence, an end, and 172800 seconds to play',
    first.rightsType === 'Rental' &&
      first.generalFlags === '00000001' &&
      typeof first['rental.periodEndTime'] === 'string' &&
      first['rental.playDuration'] === '172800',
  );

  tour.begin('bob asks again a moment later: the same end, and what is left');
  const { carried: second } = await tour.granted(request);
  tour.expect('the end is the same', second['rental.periodEndTime'] === first['rental.periodEndTime']);
  const isLess = Number(second['rental.playDuration']) < Number(first['rental.playDuration']);
  tour.expect('no fresh play window: fewer seconds are left', isLess);

  tour.begin('bob goes on watching on an Apple device, with FairPlay');
  const { carried: fairPlay } = await tour.granted({ ...request, drm: 'fairplay' });
  const left = Number(fairPlay.rentalDuration);
  tour.expect('the token carries a rentalDuration of what is left', left > 0 && left < 172_800);

  tour.begin("bob's device redeems its licence URL at the licence server");
  const redeemed = await fetch(licenseUrl, { method: 'POST' });
  tour.print('licence', JSON.stringify(await redeemed.json()));
  tour.expect('the licence server grants a licence', redeemed.status === 200);

  tour.begin('grace both owns and rents sintel: she is served as an owner');
  const both = await tour.granted({ user: 'grace', contentId: 'sintel', drm: 'playready' });
  tour.expect('the token carries BuyToOwn', isOwned(both.carried));

  for (const [user, contentId, why, reason] of DENIED) {
    tour.begin(`${user} asks for ${contentId}: ${why}`);
    const { status, body } = await tour.ask({ user, contentId, drm: 'playready' });
    tour.expect(`denied: ${reason}`, status === 403 && body.reason === reason);
  }

  tour.begin('alice asks for big-buck-bunny with FairPlay, which has no IV for it');
  const lacking = await tour.ask({ user: 'alice', contentId: 'big-buck-bunny', drm: 'fairplay' });
  tour.expect('refused: drm-not-available', lacking.status === 409 && lacking.body.code === 'drm-not-available');

  tour.begin('somebody without a bearer token asks');
  const anonymous = await tour.ask({ contentId: 'sintel', drm: 'playready' });
  tour.expect('refused: unauthenticated', anonymous.status === 401 && anonymous.body.code === 'unauthenticated');

  tour.begin('the ledger holds a row for every decision');
  const { rows } = await withSession({ url: stack.databaseUrl }, (session) =>
    session.query<{ user: string; decision: string; why: string; drm: string; first: boolean }>(`
      SELECT user_id AS user, decision, coalesce(reason::text, rights_type::text) AS why, drm, first_play AS first
      FROM issuance ORDER BY decided_at DESC LIMIT 12`),
  );
  for (const { user, decision, why, drm, first: isFirst } of rows.reverse()) {
    tour.print(user, `${decision.padEnd(8)}${drm.padEnd(10)}${why}${isFirst ? ' (first play)' : ''}`);
  }
  const denied = rows.filter(({ decision }) => decision === 'denied').length;
  tour.expect(
    '5 granted, one of them a first play, and 7 denied',
    rows.length === 12 && denied === 7 && rows.filter(({ first: isFirst }) => isFirst).length === 1,
  );
  return tour.failures;
}

/** Asks as players do, prints in lines that read well in a terminal and in a log, and counts what did not go as said. */
class Tour {
  #step = 0;
  failures = 0;

  constructor(private readonly stack: Stack) {}

  begin(title: string): void {
    this.#step += 1;
    console.log(`\n${this.#step}. ${title}`);
  }

  print(label: string, text: string): void {
    console.log(`   ${label.padEnd(9)} ${text}`);
  }

  expect(what: string, met: boolean): void {
    if (!met) this.failures += 1;
    console.log(`   ${met ? '✓' : '✗ NOT'} ${what}`);
  }

  async ask({ user, ...asked }: PlayerRequest): Promise<PlayerAnswer> {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (user !== undefined) {
      this.print('request', `POST /v1/license-tokens ${JSON.stringify(asked)} as ${user}`);
      const token = await this.stack.issuer.token({ user, scope: 'playback', expiresInSeconds: 60 });
      headers.set('authorization', `Bearer ${token}`);
    }
    const body = JSON.stringify(asked);
    const answer = await fetch(`${this.stack.serviceUrl}/v1/license-tokens`, { method: 'POST', headers, body });
    const said = (await answer.json()) as PlayerAnswer['body'];
    const { rights, code, reason } = said;
    const what = rights === undefined ? [code, reason].filter(Boolean).join(', ') : `granted ${JSON.stringify(rights)}`;
    this.print('decision', `${answer.status} ${what}`);
    return { status: answer.status, body: said };
  }

  /** Asks, and has the emulator say what the token carries. */
  async granted(request: PlayerRequest): Promise<{ licenseUrl: string; carried: CarriedParameters }> {
    const { status, body } = await this.ask(request);
    const carried = body.token === undefined ? {} : await this.#carriedBy(body.token);
    const shown = SHOWN.split(' ').filter((name) => carried[name] !== undefined);
    this.print('carries', shown.map((name) => `${name}=${String(carried[name])}`).join(' '));
    this.expect('granted', status === 200);
    return { licenseUrl: body.licenseUrl ?? '', carried };
  }

  async #carriedBy(token: string): Promise<CarriedParameters> {
    const answer = await fetch(`${this.stack.emulatorUrl}/emulator/tokens/${token}`);
    if (!answer.ok) throw new Error(`The emulator does not know the token (HTTP ${answer.status}).`);
    return ((await answer.json()) as { parameters: CarriedParameters }).parameters;
  }
}

function isOwned(carried: CarriedParameters): boolean {
  return carried.rightsType === 'BuyToOwn' && !Object.keys(carried).some((name) => name.startsWith('rental'));
}
