import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Answered, Answers } from './answers.js';
import { Log, logOptions, REDACTED, REDACTED_PATHS } from './log.js';

/** The last name of each path, such as `contentKey` of `*["contentKey"]`. */
const NAMES = [...new Set(REDACTED_PATHS.map((path) => /\["([^"]+)"\]$/.exec(path)?.[1] ?? ''))];
const HEX = '1ad8eed133edf43cbcc185f0236828ae';

function logger(): { log: pino.Logger; lines: string[] } {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return { log: pino(logOptions('info'), stream), lines };
}

describe('redaction', () => {
  it('covers the secrets of this service', () => {
    expect(NAMES).toEqual(
      expect.arrayContaining([
        'customerAuthenticator',
        'kek',
        'ek',
        'contentKey',
        'authorization',
        'token',
        'licenseUrl',
      ]),
    );
  });

  it.each(NAMES)('hides %s wherever it stands', (name) => {
    const { log, lines } = logger();
    log.info({ [name]: 'canary' }, 'top');
    log.info({ upstream: { [name]: 'canary' } }, 'one deep');
    log.info({ upstream: { request: { [name]: 'canary' } } }, 'two deep');
    log.info({ [name]: { deep: 'canary' } }, 'an object');
    log.child({ [name]: 'canary' }).info('child');
    log.child({ upstream: { [name]: 'canary' } }).info('child, one deep');
    const bound = log.child({});
    bound.setBindings({ [name]: 'canary' });
    bound.info('bound');
    expect(lines).toHaveLength(7);
    for (const line of lines) {
      expect(line).toContain(REDACTED);
      expect(line).not.toContain('canary');
    }
  });

  it('leaves what is no secret', () => {
    const { log, lines } = logger();
    log.info({ kid: HEX, issuanceId: HEX, kekId: 'demo', upstream: { code: -2018 } }, 'fine');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      kid: HEX,
      issuanceId: HEX,
      kekId: 'demo',
      upstream: { code: -2018 },
    });
  });

  it('scrubs messages and their arguments', () => {
    const { log, lines } = logger();
    log.info(`sent customerAuthenticator=201722,${HEX}`);
    log.info('sent %s', `contentKey=${HEX}`);
    log.info({ kid: 1 }, `Bearer ${HEX}`);
    expect(lines.join('')).not.toContain(HEX);
    expect(lines.join('').match(/\[scrubbed\]/g)).toHaveLength(3);
  });

  it('scrubs errors and leaves out what hangs on them', () => {
    const { log, lines } = logger();
    const error = Object.assign(new Error(`key ${HEX}`), { config: { data: 'canary' } });
    log.error(error);
    log.error({ err: error });
    log.error({ err: error, msg: 'failed' });
    log.error(error, 'failed with %s', HEX);
    const logged = lines.map((line) => JSON.parse(line) as { msg: string; err: { type: string; message: string } });
    expect(logged.map(({ msg }) => msg)).toEqual([
      'key [scrubbed]',
      'key [scrubbed]',
      'failed',
      'failed with [scrubbed]',
    ]);
    for (const { err } of logged) expect(err).toMatchObject({ type: 'Error', message: 'key [scrubbed]' });
    expect(lines.join('')).not.toMatch(new RegExp(`canary|${HEX}`));
  });
});

describe('refusals for overload', () => {
  afterEach(() => vi.useRealTimers());

  it('are one line a second with their number, and none of their own', () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    let report = (_answered: Answered) => {};
    const answers = Object.assign(new Answers(), {
      subscribe: (listener: typeof report) => {
        report = listener;
        return () => true;
      },
    });
    new Log({ level: 'debug' }, { write: (line) => void lines.push(line) }).watch(answers);
    const refused = { outcome: 'overloaded', request: {}, response: {} } as Answered;
    const counts = () => lines.splice(0).map((line) => (JSON.parse(line) as { count: number }).count);

    for (let count = 0; count < 3; count += 1) report(refused);
    expect(counts()).toEqual([]);
    vi.advanceTimersByTime(5000);
    expect(counts()).toEqual([3]);
    report(refused);
    vi.advanceTimersByTime(5000);
    expect(counts()).toEqual([1]);
  });
});
