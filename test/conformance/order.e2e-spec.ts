// The order of the emulator's checks: of two faults in one request the one that is checked first is answered.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderCases } from './cases/order.cases.js';
import { SERVICES } from './documented-codes.js';
import { codeIn, expectRefusal } from './support/answers.js';
import { EmulatorSession, requestOf } from './support/emulator-session.js';

let emulator: EmulatorSession;
beforeAll(async () => {
  emulator = await EmulatorSession.start();
});
afterAll(() => emulator.close());

describe.each(SERVICES)('%s', (service) => {
  const cases = orderCases(service);

  it.each(cases.map((conformanceCase) => [conformanceCase.name, conformanceCase] as const))(
    '%s',
    async (_name, conformanceCase) => {
      const request = requestOf(conformanceCase, 'json');
      const answer = await emulator.post(service, request);
      expectRefusal(answer, Number(conformanceCase.outcome), request['errorFormat'] === 'json' ? 'json' : 'html');
    },
  );
});

it('a wrong URL comes before everything, and has no code', async () => {
  const answer = await emulator.send('/hms/xx/token?errorFormat=xml');
  expect([answer.status, codeIn(answer)]).toEqual([404, undefined]);
});
