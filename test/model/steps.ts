// What an event means at the moment it happens: steps with absolute moments, the same for every system that takes them.
import type { Drm } from '../../apps/entitlement/src/catalog/content.js';
import type { DenialReason } from '../../apps/entitlement/src/entitlements/entitlement.rules.js';
import type { Event, Terms } from './history.js';

/** Something that happens to the world. Moments are milliseconds since 1970; orders and requests are numbered from 0. */
export type Step =
  | { step: 'sell'; terms: RentalTerms | null }
  | { step: 'amend'; order: number; terms: RentalTerms }
  | { step: 'revoke' | 'reinstate' | 'reset'; order: number }
  | { step: 'availability'; availableFrom: number | null; withdrawnAt: number | null }
  | { step: 'time'; now: number }
  | { step: 'ask'; drm: Drm; offline: boolean }
  | { step: 'issue' | 'fail'; request: number };

/** Terms of a rental. */
export interface RentalTerms {
  periodEndsAt: number;
  playDurationSeconds: number;
}

/** What is answered to a request for a token. */
export type Answer =
  | {
      entitled: true;
      order: number;
      endsAt: number | null;
      seconds: number | null;
      persistent: boolean;
      /** The end of the token. */
      tokenEndsAt: number;
    }
  | { entitled: false; reason: DenialReason };

/** What a viewer is shown of a title before playing it, in milliseconds and seconds. */
export type Shown =
  | { entitled: true; endsAt: number | null; seconds: number | null; firstPlay: number | null }
  | { entitled: false; reason: DenialReason };

/** What the meaning of an event depends on. */
export interface Situation {
  now: number;
  orders: readonly { terms: RentalTerms | null }[];
  requests: readonly { settled: boolean }[];
  /** Moments that something hinges on, the earliest first. */
  edges: readonly number[];
}

/** @returns no step where the event is about something that is not there */
export function stepsOf(event: Event, { now, orders, requests, edges }: Situation): Step[] {
  switch (event.event) {
    case 'buy':
      return [{ step: 'sell', terms: null }];
    case 'rent':
      return [{ step: 'sell', terms: termsAt(now, event) }];
    case 'amend': {
      const order = pick(numbers(orders), event.purchase);
      if (order === undefined || orders[order]?.terms === null) return [];
      return [{ step: 'amend', order, terms: termsAt(now, event) }];
    }
    case 'revoke':
    case 'reinstate':
    case 'reset': {
      const order = pick(numbers(orders), event.purchase);
      return order === undefined ? [] : [{ step: event.event, order }];
    }
    case 'play':
      return [
        { step: 'ask', drm: event.drm, offline: event.offline },
        { step: 'issue', request: requests.length },
      ];
    case 'ask':
      return [{ step: 'ask', drm: event.drm, offline: event.offline }];
    case 'issue':
    case 'fail': {
      const pending = numbers(requests).filter((request) => requests[request]?.settled === false);
      const request = pick(pending, event.pending);
      return request === undefined ? [] : [{ step: event.event, request }];
    }
    case 'availability': {
      const from = (ms: number | null) => (ms === null ? null : now + ms);
      return [
        { step: 'availability', availableFrom: from(event.availableFromMs), withdrawnAt: from(event.withdrawnMs) },
      ];
    }
    case 'wait':
      return [{ step: 'time', now: now + event.ms }];
    case 'wait-for-edge': {
      const moments = edges.map((edge) => edge + event.offsetMs).filter((moment) => moment > now);
      const moment = pick(moments, event.edge);
      return moment === undefined ? [] : [{ step: 'time', now: moment }];
    }
    case 'clock-behind':
      return [{ step: 'time', now: now - event.ms }];
  }
}

function termsAt(now: number, { periodMs, playDurationSeconds }: Terms): RentalTerms {
  return { periodEndsAt: now + periodMs, playDurationSeconds };
}

function numbers(list: readonly unknown[]): number[] {
  return [...list.keys()];
}

function pick(from: readonly number[], number: number): number | undefined {
  return from[number % from.length];
}
