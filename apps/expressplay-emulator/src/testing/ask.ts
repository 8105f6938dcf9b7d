// Asks a running emulator for tokens over HTTP, and what came of it.
import type { EventCode } from '@app/expressplay';
import { DEMO_ACCOUNTS } from '../accounts/account.js';
import { EventError } from '../protocol/errors.js';
import { type Asked, entriesOf } from './valid-requests.js';

/** The paths of the token services. */
export const TOKEN_PATH = { playready: '/hms/pr/token', fairplay: '/hms/fp/token', widevine: '/hms/wv/token' } as const;

/** The authenticator of a demo account. */
export function authenticatorOf(name: string): string {
  const account = DEMO_ACCOUNTS.find((each) => each.name === name);
  if (account === undefined) throw new Error(`no demo account ${name}`);
  return account.authenticator;
}

/** Posts a token request with the good account's authenticator and JSON errors, unless it says otherwise. */
export function askForToken(emulatorUrl: string, service: keyof typeof TOKEN_PATH, asked: Asked): Promise<Response> {
  const entries = entriesOf({ customerAuthenticator: authenticatorOf('good'), errorFormat: 'json', ...asked });
  return fetch(`${emulatorUrl}${TOKEN_PATH[service]}`, { method: 'POST', body: new URLSearchParams(entries) });
}

/** Status and event code of an answer; the code is undefined for a token. */
export async function outcomeOfAnswer(response: Response): Promise<[status: number, code: number | undefined]> {
  const text = await response.text();
  if (response.ok) return [response.status, undefined];
  return [response.status, (JSON.parse(text) as { errorCode?: number }).errorCode];
}

/** The token of an answer in either of the two shapes. */
export async function tokenOf(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  const token = text.startsWith('{')
    ? (JSON.parse(text) as { token: string }).token
    : text.split('ExpressPlayToken=')[1];
  return token ?? '';
}

/** Sends a JSON body to a control address. */
export function control(emulatorUrl: string, method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${emulatorUrl}/emulator/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers }),
  });
}

/** What a control address shows. */
export async function shown<T>(emulatorUrl: string, path: string): Promise<T> {
  return (await (await control(emulatorUrl, 'GET', path)).json()) as T;
}

/** Runs a check. Errors that are not event errors are thrown on. */
export function outcomeOf(check: () => unknown): 'accepted' | EventCode {
  try {
    check();
    return 'accepted';
  } catch (error) {
    if (error instanceof EventError) return error.code;
    throw error;
  }
}
