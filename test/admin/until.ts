// Asks again and again until something is so.
import { setTimeout as pause } from 'node:timers/promises';

const GIVE_UP_MS = 10_000;

/** @throws Error when it is not so within ten seconds */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('What was waited for did not happen.');
    await pause(5);
  }
}
