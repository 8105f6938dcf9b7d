// The guided walk: each step shows the request, the decision and what the token carries, and checks that it is as said.
import { withSession } from '@app/platform/database';
import type { Stack } from '../stack/stack.js';
import { Player, type CarriedParameters, type PlayerAnswer, type PlayerRequest } from './player.js';

const SHOWN = [
  'rightsType',
  'generalFlags',
  'rental.periodEndTime',
  'rental.playDuration',
  'rentalDuration',
  'uncompressedDigitalVideoOPL',
  'kid',
  'iv',
  'kek',
  'ek',
  'expirationTime',
  'cookie',
];

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
  const narrator = new Narrator();
  const tour = new Tour(new Player(stack), narrator);

  await tour.owner();
  const bob = await tour.rental();
  await tour.redemption(bob);
  await tour.ownerWhoRents();
  for (const denial of DENIED) await tour.denial(...denial);
  await tour.noFairPlay();
  await tour.anonymous();
  await ledger(stack, narrator);
  return narrator.failures;
}

class Tour {
  constructor(
    private readonly player: Player,
    private readonly narrator: Narrator,
  ) {}

  async owner(): Promise<void> {
    this.narrator.step('alice owns sintel and plays it on a PlayReady device');
    const { carried } = await this.granted({ user: 'alice', contentId: 'sintel', drm: 'playready' });
    this.narrator.expect(
      'the token carries BuyToOwn and no rental parameter',
      carried.rightsType === 'BuyToOwn' && !hasRental(carried),
    );
  }

  async rental(): Promise<PlayerAnswer> {
    this.narrator.step('bob rents sintel: his first token starts the clock of his rental');
    const request = { user: 'bob', contentId: 'sintel', drm: 'playready' } as const;
    const first = await this.granted(request);
    this.narrator.expect(
      'the token carries Rental, a persistent licence, an end, and 172800 seconds to play',
      first.carried.rightsType === 'Rental' &&
        first.carried.generalFlags === '00000001' &&
        typeof first.carried['rental.periodEndTime'] === 'string' &&
        first.carried['rental.playDuration'] === '172800',
    );

    this.narrator.step('bob asks again a moment later: the same end, and what is left');
    const second = await this.granted(request);
    this.narrator.expect(
      'the end is the same',
      second.carried['rental.periodEndTime'] === first.carried['rental.periodEndTime'],
    );
    this.narrator.expect(
      'no fresh play window: fewer seconds are left',
      Number(second.carried['rental.playDuration']) < Number(first.carried['rental.playDuration']),
    );

    this.narrator.step('bob goes on watching on an Apple device, with FairPlay');
    const fairPlay = await this.granted({ ...request, drm: 'fairplay' });
    this.narrator.expect(
      'the token carries a rentalDuration of what is left',
      Number(fairPlay.carried.rentalDuration) > 0 && Number(fairPlay.carried.rentalDuration) < 172_800,
    );
    return first.answer;
  }

  async redemption(bob: PlayerAnswer): Promise<void> {
    this.narrator.step("bob's device redeems its licence URL at the licence server");
    const { status, license } = await this.player.redeem(bob.body.licenseUrl ?? '');
    this.narrator.say('licence', JSON.stringify(license));
    this.narrator.expect('the licence server grants a licence', status === 200);
  }

  async ownerWhoRents(): Promise<void> {
    this.narrator.step('grace both owns and rents sintel: she is served as an owner');
    const { carried } = await this.granted({ user: 'grace', contentId: 'sintel', drm: 'playready' });
    this.narrator.expect('the token carries BuyToOwn', carried.rightsType === 'BuyToOwn' && !hasRental(carried));
  }

  async denial(user: string, contentId: string, why: string, reason: string): Promise<void> {
    this.narrator.step(`${user} asks for ${contentId}: ${why}`);
    const answer = await this.ask({ user, contentId, drm: 'playready' });
    this.narrator.expect(`denied: ${reason}`, answer.status === 403 && answer.body.reason === reason);
  }

  async noFairPlay(): Promise<void> {
    this.narrator.step('alice asks for big-buck-bunny with FairPlay, which has no IV for it');
    const answer = await this.ask({ user: 'alice', contentId: 'big-buck-bunny', drm: 'fairplay' });
    this.narrator.expect(
      'refused: drm-not-available',
      answer.status === 409 && answer.body.code === 'drm-not-available',
    );
  }

  async anonymous(): Promise<void> {
    this.narrator.step('somebody without a bearer token asks');
    const answer = await this.player.askAnonymously({ contentId: 'sintel', drm: 'playready' });
    this.tellDecision(answer);
    this.narrator.expect('refused: unauthenticated', answer.status === 401 && answer.body.code === 'unauthenticated');
  }

  private async granted(request: PlayerRequest): Promise<{ answer: PlayerAnswer; carried: CarriedParameters }> {
    const answer = await this.ask(request);
    const carried = answer.body.token === undefined ? {} : await this.player.carried(answer.body.token);
    const shown = SHOWN.filter((name) => carried[name] !== undefined).map((name) => `${name}=${String(carried[name])}`);
    this.narrator.say('carries', shown.join(' '));
    this.narrator.expect('granted', answer.status === 200);
    return { answer, carried };
  }

  private async ask(request: PlayerRequest): Promise<PlayerAnswer> {
    const { user, ...body } = request;
    this.narrator.say('request', `POST /v1/license-tokens ${JSON.stringify(body)} as ${user}`);
    const answer = await this.player.ask(request);
    this.tellDecision(answer);
    return answer;
  }

  private tellDecision({ status, body: { rights, code, reason } }: PlayerAnswer): void {
    const what = rights === undefined ? [code, reason].filter(Boolean).join(', ') : `granted ${JSON.stringify(rights)}`;
    this.narrator.say('decision', `${status} ${what}`);
  }
}

async function ledger(stack: Stack, narrator: Narrator): Promise<void> {
  narrator.step('the ledger holds a row for every decision');
  const { rows } = await withSession({ url: stack.databaseUrl }, (session) =>
    session.query<{ user: string; decision: string; why: string; drm: string; first: boolean }>(`
      SELECT user_id AS user, decision, coalesce(reason::text, rights_type::text) AS why, drm, first_play AS first
      FROM issuance ORDER BY decided_at DESC LIMIT 12`),
  );
  for (const { user, decision, why, drm, first } of rows.reverse()) {
    narrator.say(user, `${decision.padEnd(8)}${drm.padEnd(10)}${why}${first ? ' (first play)' : ''}`);
  }
  const denied = rows.filter(({ decision }) => decision === 'denied').length;
  narrator.expect(
    '5 granted, one of them a first play, and 7 denied',
    rows.length === 12 && denied === 7 && rows.filter(({ first }) => first).length === 1,
  );
}

function hasRental(carried: CarriedParameters): boolean {
  return Object.keys(carried).some((name) => name.startsWith('rental'));
}

/** Tells the walk in lines that read well in a terminal and in a log, and counts what did not go as said. */
class Narrator {
  #step = 0;
  #failures = 0;

  /** How many expectations were not met. */
  get failures(): number {
    return this.#failures;
  }

  /** Begins a step. */
  step(title: string): void {
    this.#step += 1;
    console.log(`\n${this.#step}. ${title}`);
  }

  /** Says one thing under a label. */
  say(label: string, text: string): void {
    console.log(`   ${label.padEnd(9)} ${text}`);
  }

  /** Says that something is as it should be, or that it is not. */
  expect(what: string, met: boolean): void {
    if (!met) this.#failures += 1;
    console.log(`   ${met ? '✓' : '✗ NOT'} ${what}`);
  }
}
