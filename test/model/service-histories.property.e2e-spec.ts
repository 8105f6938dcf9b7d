import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { timesOf } from '../support/soak.js';
import { TestService } from '../support/test-service.js';
import { followOverHttp } from './follow-over-http.js';
import { sequentialHistories } from './history.js';
import { runs } from './replay.js';

const HISTORIES_OF_EACH_RULE = timesOf(15, 75);

describe.each(['either', 'start-by'] as const)('random histories over HTTP, with the end rule %s', (rule) => {
  let service: TestService;
  let beginning: number;
  beforeAll(async () => {
    service = await TestService.start({
      // Histories take place at the same hour one after the other; they are not about spending.
      environment: { RENTAL_END_RULE: rule, TOKEN_LIMIT_PER_USER: '0', TOKEN_LIMIT_PER_TITLE: '0' },
    });
    beginning = Math.floor(service.clock.now().getTime() / 1000) * 1000;
  });
  afterAll(() => service.stop());

  it(`${HISTORIES_OF_EACH_RULE} of them are answered, sent, shown and stored as the reference model says`, async () => {
    const met = { granted: 0, denied: 0 };
    const settings = runs(HISTORIES_OF_EACH_RULE);
    await fc.assert(
      fc.asyncProperty(sequentialHistories(rule), (history) =>
        followOverHttp({ service, beginning }, history, ({ entitled }) => {
          met[entitled ? 'granted' : 'denied'] += 1;
        }),
      ),
      settings,
    );
    // The property says something of an answer only as long as it is met; a few histories need not meet both.
    const isSoak = inject('soak') && settings.path === undefined;
    expect(Math.min(met.granted, met.denied)).toBeGreaterThanOrEqual(isSoak ? 1 : 0);
  }, 180_000);
});
