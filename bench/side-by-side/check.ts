// What CI checks: that a token costs the service no more than bounds that are far from what it costs today, and that only a mistake reaches.
import type { Result } from './report.js';

/** What is measured for it, where nothing else is asked for. */
export const CHECKED = { contestants: 'floor,service', connections: '64', latency: '0', requests: '1000' };

const MOST_TIMES_FLOOR = 2.5;
const MOST_KIB = 250;

/** One line. @throws Error with it when a bound is exceeded */
export function checked(results: readonly Result[]): string {
  const [floor, service] = ['floor', 'service'].map(
    (name) => results.find(({ contestant }) => contestant === name)?.figures,
  );
  if (floor === undefined || service === undefined) throw new Error('--check needs the floor and the service.');
  const times = service.cpuMs / floor.cpuMs;
  const found =
    `A token takes ${times.toFixed(2)} times the floor's CPU (at most ${MOST_TIMES_FLOOR}), ` +
    `${service.allocatedKiB.toFixed(0)} KiB (at most ${MOST_KIB}), ` +
    `and promise hooks are ${service.promiseHooks > 0 ? 'in use' : 'off'} (to be off).`;
  if (times > MOST_TIMES_FLOOR || service.allocatedKiB > MOST_KIB || service.promiseHooks > 0) throw new Error(found);
  return found;
}
