import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { ManualClock } from '@app/platform/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  describeEnvironment,
  InvalidValueError,
  LiveValue,
  loadEnvironment,
  Rule,
  type SecretFileEvent,
  SecretVariable,
  Variable,
} from './index.js';
import { MountedSecrets } from './testing.js';

/** Holds bytes, as a secret does that is cleared when it is no longer in force. */
class Key {
  retired = 0;

  constructor(
    readonly text: string,
    readonly source: Buffer,
  ) {}

  retire(): void {
    this.retired += 1;
  }
}

const made: Key[] = [];

function parseKey(secret: Buffer): Key {
  const text = secret.toString();
  if (text.startsWith('boom')) throw new Error(text);
  if (!text.startsWith('key')) throw new InvalidValueError('must begin with key');
  const key = new Key(text, secret);
  made.push(key);
  return key;
}

@Rule<Sample>(({ KEY, KIND }) =>
  KIND === 'short' && (KEY?.current.text.length ?? 0) > 5
    ? [{ variable: 'KEY', problem: 'must be short when KIND is short' }]
    : [],
)
@Rule<Sample>((_, isSet) => (isSet('NEXT') && !isSet('KEY') ? [{ variable: 'NEXT', problem: 'needs KEY' }] : []))
class Sample {
  @SecretVariable({ description: 'The key.', example: 'key-1', parse: parseKey })
  readonly KEY!: LiveValue<Key>;

  @SecretVariable({ description: 'The next key.', optional: true, parse: parseKey })
  readonly NEXT!: LiveValue<Key | undefined>;

  @Variable({ description: 'A kind.', default: 'long' })
  readonly KIND!: string;
}

const clock = new ManualClock(new Date('2026-11-21T10:00:00Z'));
let events: SecretFileEvent[] = [];
let mount: MountedSecrets;

beforeEach(() => {
  events = [];
  made.length = 0;
  mount = new MountedSecrets({ key: 'key-1\n' });
});
afterEach(() => mount.remove());

const load = (env: Record<string, string>): Sample =>
  loadEnvironment(Sample, env, { clock, listener: (event) => events.push(event) });
const fromFiles = (more: Record<string, string> = {}): Sample =>
  load({ KEY_FILE: mount.path('key'), NEXT_FILE: mount.path('next'), ...more });

function problemsOf(env: Record<string, string>): string[] {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a secret at start', () => {
  it('comes from the environment, and stays', () => {
    const { KEY, NEXT } = load({ KEY: 'key-1' });
    clock.advance(2);
    expect([KEY.current.text, KEY.refresh().text, NEXT.current]).toEqual(['key-1', 'key-1', undefined]);
  });

  it('comes from a file, without its last line break; the bytes it was read from are cleared', () => {
    const { KEY } = fromFiles();
    expect(KEY.current.text).toBe('key-1');
    expect(KEY.current.source.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    [{}, 'KEY: is not set, nor is KEY_FILE (The key; for example key-1)'],
    [{ KEY: '' }, 'KEY: is not set, nor is KEY_FILE (The key; for example key-1)'],
    [{ KEY: 'canary' }, 'KEY: must begin with key (The key; for example key-1)'],
    [{ KEY: 'boom canary' }, 'KEY: is malformed (The key; for example key-1)'],
    [{ KEY: 'key', KEY_FILE: '/canary' }, 'KEY: is set together with KEY_FILE; set only one of the two'],
    [{ KEY_FILE: '/canary' }, 'KEY_FILE: names a file that cannot be read; expected one that holds KEY'],
    [{ KEY: 'key-long', KIND: 'short' }, 'KEY: must be short when KIND is short'],
    [{ KEY: 'key', NEXT: 'canary' }, 'NEXT: must begin with key (The next key)'],
    [{ NEXT: 'key' }, 'KEY: is not set, nor is KEY_FILE (The key; for example key-1)\nNEXT: needs KEY'],
  ])('%j is refused without its value', (env, message) => {
    expect(problemsOf(env).join('\n')).toBe(message);
  });

  it.each([
    ['empty', () => mount.swap({ key: '\n' }), 'names an empty file'],
    ['too large', () => mount.swap({ key: 'key'.repeat(65_536) }), 'names a file of more than 65536 bytes'],
    ['a folder', () => mkdirSync(mount.path('other')), 'names a file that cannot be read'],
    [
      'a pipe',
      () => execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', mount.path('other')]),
      'names a file that cannot be read',
    ],
  ])('a file that is %s is refused', (_, make, problem) => {
    make();
    const path = mount.path(_.startsWith('a ') ? 'other' : 'key');
    expect(problemsOf({ KEY_FILE: path })).toEqual([`KEY_FILE: ${problem}; expected one that holds KEY`]);
  });

  it('is not printed', () => {
    const environment = load({ KEY: 'key-canary' });
    for (const value of [environment, environment.KEY, { nested: [environment] }]) {
      for (const printed of [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value)]) {
        expect(printed).not.toContain('canary');
        expect(printed).toContain('[hidden]');
      }
    }
  });

  it('is described as a secret that a file may hold', () => {
    expect(describeEnvironment(Sample).slice(0, 2)).toMatchObject([
      { name: 'KEY', required: true, secret: true, fileVariable: 'KEY_FILE', example: 'key-1' },
      { name: 'NEXT', required: false, secret: true, fileVariable: 'NEXT_FILE' },
    ]);
  });
});

describe('a file that is swapped', () => {
  it('is taken up at the next use a second later, and at once when asked for', () => {
    const { KEY } = fromFiles();
    const first = KEY.current;
    mount.swap({ key: 'key-2' });
    clock.advance(0.999);
    expect(KEY.current).toBe(first);
    clock.advance(0.001);
    expect(KEY.current.text).toBe('key-2');
    mount.swap({ key: 'key-3' });
    expect(KEY.current.text).toBe('key-2');
    expect(KEY.refresh().text).toBe('key-3');
    expect(events).toEqual([
      { variable: 'KEY_FILE', outcome: 'taken-up' },
      { variable: 'KEY_FILE', outcome: 'taken-up' },
    ]);
  });

  it('is taken up by a clock that was set back too', () => {
    const { KEY } = fromFiles();
    mount.swap({ key: 'key-2' });
    clock.advance(-3600);
    expect(KEY.current.text).toBe('key-2');
  });

  it('retires the value before, once; a swap for the same content changes nothing', () => {
    const { KEY } = fromFiles();
    const first = KEY.current;
    mount.swap({ key: 'key-1' });
    expect(KEY.refresh()).toBe(first);
    mount.swap({ key: 'key-2' });
    KEY.refresh();
    KEY.refresh();
    expect([first.retired, KEY.current.retired, events.length]).toEqual([1, 0, 1]);
  });

  it('is noticed although it was rewritten in place, in the same moment and with the same length', () => {
    const path = mount.path('plain');
    writeFileSync(path, 'key-1');
    const { KEY } = load({ KEY_FILE: path });
    for (const digit of '23456789') {
      writeFileSync(path, `key-${digit}`);
      expect(KEY.refresh().text).toBe(`key-${digit}`);
    }
  });

  it.each([
    ['malformed', 'canary', 'must begin with key'],
    ['malformed in a way that nobody foresaw', 'boom canary', 'is malformed'],
    ['against a rule', 'key-canary', 'must be short when KIND is short'],
    ['empty', '', 'names an empty file'],
    ['gone', undefined, 'names a file that cannot be read'],
  ])('but is %s leaves the value before in force, and says so once', (_, content, problem) => {
    const { KEY } = fromFiles({ KIND: 'short' });
    const first = KEY.current;
    mount.swap({ key: content });
    expect([KEY.refresh(), KEY.refresh()]).toEqual([first, first]);
    expect(events).toEqual([{ variable: 'KEY_FILE', outcome: 'refused', problem }]);
    expect(first.retired).toBe(0);
    expect(made.filter((key) => key !== first).map(({ retired }) => retired)).toEqual(made.length > 1 ? [1] : []);
    mount.swap({ key: 'key-2' });
    expect(KEY.refresh().text).toBe('key-2');
    expect(events.slice(1)).toEqual([{ variable: 'KEY_FILE', outcome: 'taken-up' }]);
  });

  it('for something that is no file leaves the value before in force', () => {
    const path = mount.path('plain');
    writeFileSync(path, 'key-1');
    const { KEY } = load({ KEY_FILE: path });
    rmSync(path);
    mkdirSync(path);
    expect(KEY.refresh().text).toBe('key-1');
    expect(events).toMatchObject([{ outcome: 'refused', problem: 'names a file that cannot be read' }]);
  });
});

describe('the file of an optional secret', () => {
  it('may come later, be emptied, and go', () => {
    const { NEXT } = fromFiles();
    expect(NEXT.current).toBeUndefined();
    mount.swap({ next: 'key-2' });
    const second = NEXT.refresh();
    expect(second?.text).toBe('key-2');
    mount.swap({ next: '' });
    expect([NEXT.refresh(), second?.retired]).toEqual([undefined, 1]);
    mount.swap({ next: 'key-3' });
    expect(NEXT.refresh()?.text).toBe('key-3');
    mount.swap({ next: undefined });
    expect(NEXT.refresh()).toBeUndefined();
    expect(events.map(({ outcome }) => outcome)).toEqual(['taken-up', 'unset', 'taken-up', 'unset']);
  });
});

describe('a look at a file', () => {
  it('is made once a second at most, however often the value is used', () => {
    let looks = 0;
    const source = { look: () => ((looks += 1), undefined), now: () => clock.now().getTime() };
    const value = new LiveValue('x', source);
    for (let use = 0; use < 1000; use += 1) {
      expect(value.current).toBe('x');
      clock.advance(0.01);
    }
    expect(looks).toBe(9);
  });
});
