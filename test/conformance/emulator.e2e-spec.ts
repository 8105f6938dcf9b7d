// The emulator against the reference's tables, in both error formats; the coverage of documented codes is printed at the end.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases/all.cases.js';
import { SERVICES } from './documented-codes.js';
import { expectOutcome } from './support/answers.js';
import { Coverage } from './support/coverage.js';
import { EmulatorSession, type ErrorFormat, requestOf } from './support/emulator-session.js';

const coverage = new Coverage();
let emulator: EmulatorSession;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
afterEach(() => emulator.clearFaults());
afterAll(async () => {
  await emulator.close();
  process.stdout.write(`\nEvent codes shown by the emulator, both error formats counted:\n${coverage.table()}\n`);
});

describe.each(SERVICES)('%s', (service) => {
  const cases = CASES[service].map(
    (conformanceCase) => [conformanceCase.name, conformanceCase.outcome, conformanceCase] as const,
  );
  for (const errorFormat of ['html', 'json'] satisfies ErrorFormat[]) {
    it.each(cases)(`%s: %s, in ${errorFormat}`, async (_name, outcome, conformanceCase) => {
      if (conformanceCase.fault !== undefined) {
        await emulator.setFault(service, { kind: 'event', code: conformanceCase.fault }, 1);
      }
      const request = requestOf(conformanceCase, errorFormat);
      const answer = await emulator.post(service, request);
      // An error format that is refused is not honoured either: the default is.
      expectOutcome(answer, outcome, service, request['errorFormat'] === 'json' ? 'json' : 'html');
      if (outcome !== 'issued') coverage.add(service, outcome, errorFormat);
    });
  }
});

describe('the documented codes', () => {
  it('are each shown by a case, in both error formats', () => {
    expect(coverage.missing()).toEqual([]);
  });

  it('are all that the services give', () => {
    expect(coverage.undocumented()).toEqual([]);
  });
});
