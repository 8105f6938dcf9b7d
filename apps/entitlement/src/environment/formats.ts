// Formats of environment variables that are more than numbers and words.
import { fileURLToPath } from 'node:url';
import { InvalidValueError } from '@app/platform/configuration';
import { IsInt, Max, Min } from 'class-validator';

/** An http or https URL without credentials, query and fragment. Answers with the text as it is. */
export function httpUrl(text: string): string {
  if (!isPlainUrl(text) || new URL(text).search !== '') {
    throw new InvalidValueError('must be an http or https URL without credentials, query and fragment');
  }
  return text;
}

/** An http or https URL without credentials and fragment, or the URL of a file. Answers with the text as it is. */
export function keySetUrl(text: string): string {
  if (!isPlainUrl(text) && pathOf(text) === undefined) {
    throw new InvalidValueError('must be an http or https URL without credentials and fragment, or a file URL');
  }
  return text;
}

/** The path that a file URL names; undefined for others. */
export function pathOf(url: string): string | undefined {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : undefined;
  } catch {
    return undefined;
  }
}

function isPlainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.hash].every((part) => part === '')
  );
}

/** Whether a URL leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** An integer between two bounds, both included. */
export function IsIntegerBetween(least: number, most: number): PropertyDecorator {
  const message = `must be a whole number from ${least} to ${most}`;
  return (prototype: object, key: string | symbol) => {
    for (const check of [IsInt({ message }), Min(least, { message }), Max(most, { message })]) check(prototype, key);
  };
}
