// What an answer of the emulator says, checked against the reference's table "Response" on the way.
import { expect } from 'vitest';
import type { Outcome } from '../cases/case.js';
import { type Service, statusOf } from '../documented-codes.js';
import type { Answer, ErrorFormat } from './emulator-session.js';

const TOKEN = /^[A-Za-z0-9_-]+$/;

/** Expects a refusal with a code, its status, and a body in this format. */
export function expectRefusal(answer: Answer, code: number, errorFormat: ErrorFormat): void {
  expect({ code: codeIn(answer), status: answer.status, mediaType: answer.mediaType }).toEqual({
    code,
    status: statusOf(code),
    mediaType: errorFormat === 'json' ? 'application/json' : 'text/html',
  });
}

/** Expects a token in the service's shape of answer, and takes it out. */
export function expectToken(answer: Answer, service: Service): string {
  expect({ code: codeIn(answer), status: answer.status, mediaType: answer.mediaType }).toEqual({
    code: undefined,
    status: 200,
    mediaType: 'text/uri-list',
  });
  const token = service === 'playready' ? tokenInPair(answer.body) : tokenInUrl(answer.body, service);
  expect(token).toMatch(TOKEN);
  return token;
}

/** Expects the one or the other. */
export function expectOutcome(answer: Answer, outcome: Outcome, service: Service, errorFormat: ErrorFormat): void {
  if (outcome === 'issued') expectToken(answer, service);
  else expectRefusal(answer, outcome, errorFormat);
}

/** The event code of an error body, in either format. */
export function codeIn({ mediaType, body, status }: Answer): number | undefined {
  if (status === 200) return undefined;
  if (mediaType === 'application/json') return (JSON.parse(body) as { errorCode?: number }).errorCode;
  const found = /-\d{4}/.exec(body);
  return found === null ? undefined : Number(found[0]);
}

function tokenInPair(body: string): string {
  const pair = JSON.parse(body) as Record<string, string>;
  expect(Object.keys(pair).toSorted()).toEqual(['licenseAcquisitionUrl', 'token']);
  expect(new URL(pair['licenseAcquisitionUrl']!).pathname).toBe('/playready/RightsManager.asmx');
  return pair['token']!;
}

function tokenInUrl(body: string, service: 'fairplay' | 'widevine'): string {
  // One URL, ready to use: nothing around it.
  expect(body).toMatch(/^\S+$/);
  const url = new URL(body);
  if (service === 'fairplay') expect(url.pathname).toBe('/hms/fp/rights/');
  expect([...url.searchParams.keys()]).toEqual(['ExpressPlayToken']);
  return url.searchParams.get('ExpressPlayToken')!;
}
