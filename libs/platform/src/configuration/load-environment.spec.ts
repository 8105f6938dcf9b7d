import { inspect } from 'node:util';
import { IsIn, IsInt, IsUrl, Max, Min } from 'class-validator';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  describeEnvironment,
  InvalidValueError,
  loadEnvironment,
  Rule,
  Variable,
} from './index.js';

@Rule<Sample>(({ COLOUR, MODE }) =>
  COLOUR === 'red' && MODE === 'slow' ? [{ variable: 'MODE', problem: 'must be fast when COLOUR is red' }] : [],
)
@Rule<Sample>((_, isSet) => (isSet('HOME_URL') ? [] : [{ variable: 'HOME_URL', problem: 'must be set by rule' }]))
class Sample {
  @Variable({ description: 'The port.', default: '3000' })
  @IsInt()
  @Min(1)
  @Max(65_535)
  PORT!: number;

  @Variable({ description: 'A colour.', example: 'red' })
  @IsIn(['red', 'blue'])
  COLOUR!: string;

  @Variable({ description: 'The pace.', default: 'fast' })
  MODE!: string;

  @Variable({ description: 'Where home is.', optional: true })
  @IsUrl({ require_tld: false })
  HOME_URL?: string;

  @Variable({ description: 'Names.', default: 'a, b' })
  NAMES!: string[];

  @Variable({ description: 'The password.', secret: true })
  PASSWORD!: string;

  @Variable({ description: 'Pairs.', optional: true, secret: true, parse: parsePairs })
  PAIRS?: Map<string, Uint8Array>;
}

function parsePairs(text: string): Map<string, Uint8Array> {
  if (text.startsWith('boom')) throw new Error(text);
  const [key, hex] = text.split('=');
  if (!key || !hex) throw new InvalidValueError('must be key=hex');
  return new Map([[key, Buffer.from(hex, 'hex')]]);
}

const good = { COLOUR: 'blue', HOME_URL: 'http://home:1', PASSWORD: 'pw' };

function messageFor(env: Record<string, string | undefined>): string {
  try {
    loadEnvironment(Sample, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).message;
  }
  return '';
}

describe('loadEnvironment', () => {
  it('converts by the type of the property and applies defaults', () => {
    const environment = loadEnvironment(Sample, { ...good, PORT: '81', NAMES: 'x,, y ,' });
    expect(environment).toBeInstanceOf(Sample);
    expect(environment).toMatchObject({ PORT: 81, NAMES: ['x', 'y'], COLOUR: 'blue', MODE: 'fast' });
    expect(loadEnvironment(Sample, good)).toMatchObject({ PORT: 3000, NAMES: ['a', 'b'] });
  });

  it('takes what parse returns as it is', () => {
    const pairs = loadEnvironment(Sample, { ...good, PAIRS: 'k=00ff' }).PAIRS;
    expect(pairs?.get('k')).toEqual(Buffer.from([0, 255]));
    expect(loadEnvironment(Sample, good).PAIRS).toBeUndefined();
  });

  it('takes an empty text as unset', () => {
    expect(loadEnvironment(Sample, { ...good, PORT: '' }).PORT).toBe(3000);
    expect(messageFor({ ...good, COLOUR: '' })).toBe('COLOUR: is not set (A colour; for example red)');
  });

  it.each([
    ['PORT', '1e3', 'must be a number (The port)'],
    ['PORT', '0x50', 'must be a number (The port)'],
    ['PORT', '12.5', 'must be an integer number (The port)'],
    ['PORT', '0', 'must not be less than 1 (The port)'],
    ['PORT', '65536', 'must not be greater than 65535 (The port)'],
    ['COLOUR', 'pink', 'must be one of the following values: red, blue (A colour; for example red)'],
    ['PAIRS', 'k', 'must be key=hex (Pairs)'],
  ])('refuses %s=%j', (name, text, problem) => {
    expect(messageFor({ ...good, [name]: text })).toBe(`${name}: ${problem}`);
  });

  it('reports all problems at once, in the order of declaration, and rules like the others', () => {
    expect(messageFor({ PORT: 'x1', PAIRS: 'x2' }).split('\n').map(variableOf)).toEqual([
      'PORT',
      'COLOUR',
      'HOME_URL',
      'PASSWORD',
      'PAIRS',
    ]);
    expect(messageFor({ ...good, COLOUR: 'red', MODE: 'slow' })).toBe('MODE: must be fast when COLOUR is red');
  });

  it('tells a rule that a malformed variable is set', () => {
    expect(messageFor({ ...good, HOME_URL: 'no url' })).toBe('HOME_URL: must be a URL address (Where home is)');
  });

  it('never says a value', () => {
    const canaries = { PORT: 'canary1', COLOUR: 'canary2', HOME_URL: 'canary 3', PAIRS: 'boom canary4' };
    const message = messageFor({ ...canaries, PASSWORD: '' });
    expect(message.split('\n').map(variableOf)).toEqual(['PORT', 'COLOUR', 'HOME_URL', 'PASSWORD', 'PAIRS']);
    expect(message).not.toMatch(/canary/);
  });

  it('prints no secret', () => {
    const environment = loadEnvironment(Sample, { ...good, PASSWORD: 'canary' });
    for (const printed of [inspect(environment), JSON.stringify({ environment })]) {
      expect(printed).not.toContain('canary');
      expect(printed).toContain('[hidden]');
      expect(printed).toContain('blue');
    }
  });
});

describe('describeEnvironment', () => {
  it('lists the schema', () => {
    const described = describeEnvironment(Sample);
    expect(described.map(({ name, required }) => [name, required])).toEqual([
      ['PORT', false],
      ['COLOUR', true],
      ['MODE', false],
      ['HOME_URL', false],
      ['NAMES', false],
      ['PASSWORD', true],
      ['PAIRS', false],
    ]);
    expect(described[5]).toMatchObject({ secret: true });
    expect(described[1]).toEqual({
      name: 'COLOUR',
      required: true,
      secret: false,
      description: 'A colour.',
      example: 'red',
    });
  });
});

function variableOf(line: string): string {
  return line.slice(0, line.indexOf(':'));
}
