// The guided walk: each step shows the request, the decision and what the token carries, and checks that it is as said.
import { withSession } from '@app/platform/database';
import type { Stack } from '../stack/stack.js';
import { Player, type CarriedParameters, type PlayerAnswer, type PlayerRequest } from './player.js';

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
  const tour = new Tour(new Player(stack));
  await tour.owner();
  const licenseUrl = await tour.rental();
  await tour.redemption(licenseUrl);
  await tour.ownerWhoRents();
  for (const denial of DENIED) await tour.denial(...denial);
  await tour.noFairPlay();
  await tour.anonymous();
  await tour.ledger(stack.databaseUrl);
  return tour.failures;
}

/** Prints the walk in lines that read well in a terminal and in a log, and counts what did not go as said. */
class Tour {
  #step = 0;
  failures = 0;

  constructor(private readonly player: Player) {}

  async owner(): Promise<void> {
    this.#begin('alice owns sintel and plays it on a PlayReady device');
    const { carried } = await this.#granted({ user: 'alice', contentId: 'sintel', drm: 'playready' });
    this.#expect('the token carries BuyToOwn and no rental parameter', isOwned(carried));
  }

  async rental(): Promise<string> {
    this.#begin('bob rents sintel: his first token starts the clock of his rental');
    const request = { user: 'bob', contentId: 'sintel', drm: 'playready' } as const;
    const { carried: first, licenseUrl } = await this.#granted(request);
    this.#expect(
      'the token carries Rental, a persistent licence, an end, and 172800 seconds to play',
      first.rightsType === 'Rental' &&
        first.generalFlags === '00000001' &&
        typeof first['rental.periodEndTime'] === 'string' &&
        first['rental.playDuration'] === '172800',
    );

    this.#begin('bob asks again a moment later: the same end, and what is left');
    const { carried: second } = await this.#granted(request);
    this.#expect('the end is the same', second['rental.periodEndTime'] === first['rental.periodEndTime']);
    const isLess = Number(second['rental.playDuration']) < Number(first['rental.playDuration']);
    this.#expect('no fresh play window: fewer seconds are left', isLess);

    this.#begin('bob goes on watching on an Apple device, with FairPlay');
    const { carried: fairPlay } = await this.#granted({ ...request, drm: 'fairplay' });
    const left = Number(fairPlay.rentalDuration);
    this.#expect('the token carries a rentalDuration of what is left', left > 0 && left < 172_800);
    return licenseUrl;
  }

  async redemption(licenseUrl: string): Promise<void> {
    this.#begin("bob's device redeems its licence URL at the licence server");
    const { status, license } = await this.player.redeem(licenseUrl);
    this.#print('licence', JSON.stringify(license));
    this.#expect('the licence server grants a licence', status === 200);
  }

  async ownerWhoRents(): Promise<void> {
    this.#begin('grace both owns and rents sintel: she is served as an owner');
    const { carried } = await this.#granted({ user: 'grace', contentId: 'sintel', drm: 'playready' });
    this.#expect('the token carries BuyToOwn', isOwned(carried));
  }

  async denial(user: string, contentId: string, why: string, reason: string): Promise<void> {
    this.#begin(`${user} asks for ${contentId}: ${why}`);
    const { status, body } = await this.#ask({ user, contentId, drm: 'playready' });
    this.#expect(`denied: ${reason}`, status === 403 && body.reason === reason);
  }

  async noFairPlay(): Promise<void> {
    this.#begin('alice asks for big-buck-bunny with FairPlay, which has no IV for it');
    const { status, body } = await this.#ask({ user: 'alice', contentId: 'big-buck-bunny', drm: 'fairplay' });
    this.#expect('refused: drm-not-available', status === 409 && body.code === 'drm-not-available');
  }

  async anonymous(): Promise<void> {
    this.#begin('somebody without a bearer token asks');
    const { status, body } = await this.#ask({ contentId: 'sintel', drm: 'playready' });
    this.#expect('refused: unauthenticated', status === 401 && body.code === 'unauthenticated');
  }

  async ledger(databaseUrl: string): Promise<void> {
    this.#begin('the ledger holds a row for every decision');
    const { rows } = await withSession({ url: databaseUrl }, (session) =>
      session.query<{ user: string; decision: string; why: string; drm: string; first: boolean }>(`
      SELECT user_id AS user, decision, coalesce(reason::text, rights_type::text) AS why, drm, first_play AS first
      FROM issuance ORDER BY decided_at DESC LIMIT 12`),
    );
    for (const { user, decision, why, drm, first } of rows.reverse()) {
      this.#print(user, `${decision.padEnd(8)}${drm.padEnd(10)}${why}${first ? ' (first play)' : ''}`);
    }
    const denied = rows.filter(({ decision }) => decision === 'denied').length;
    this.#expect(
      '5 granted, one of them a first play, and 7 denied',
      rows.length === 12 && denied === 7 && rows.filter(({ first }) => first).length === 1,
    );
  }

  async #granted(request: PlayerRequest): Promise<{ licenseUrl: string; carried: CarriedParameters }> {
    const { status, body } = await this.#ask(request);
    const carried = body.token === undefined ? {} : await this.player.carried(body.token);
    const shown = SHOWN.split(' ').filter((name) => carried[name] !== undefined);
    this.#print('carries', shown.map((name) => `${name}=${String(carried[name])}`).join(' '));
    this.#expect('granted', status === 200);
    return { licenseUrl: body.licenseUrl ?? '', carried };
  }

  async #ask(request: PlayerRequest): Promise<PlayerAnswer> {
    const { user, ...asked } = request;
    if (user !== undefined) this.#print('request', `POST /v1/license-tokens ${JSON.stringify(asked)} as ${user}`);
    const answer = await this.player.ask(request);
    const { rights, code, reason } = answer.body;
    const what = rights === undefined ? [code, reason].filter(Boolean).join(', ') : `granted ${JSON.stringify(rights)}`;
    this.#print('decision', `${answer.status} ${what}`);
    return answer;
  }

  #begin(title: string): void {
    this.#step += 1;
    console.log(`\n${this.#step}. ${title}`);
  }

  #print(label: string, text: string): void {
    console.log(`   ${label.padEnd(9)} ${text}`);
  }

  #expect(what: string, met: boolean): void {
    if (!met) this.failures += 1;
    console.log(`   ${met ? '✓' : '✗ NOT'} ${what}`);
  }
}

function isOwned(carried: CarriedParameters): boolean {
  return carried.rightsType === 'BuyToOwn' && !Object.keys(carried).some((name) => name.startsWith('rental'));
}
