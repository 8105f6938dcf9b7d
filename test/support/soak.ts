// The project `soak` of vitest.config.ts does at length what the project `e2e` does every day.
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    soak: boolean;
  }
}

/** How often something is tried every day, and how often in the soak. */
export function timesOf(everyday: number, soak: number): number {
  return inject('soak') ? soak : everyday;
}
