import { EVENT_CODES, PARAMETERS } from '@app/expressplay';
import { describe, expect, it } from 'vitest';
import { renderEventCodes, unmentionedParameters } from './expressplay-sections.js';

const EMPTY = 'before\n\n<!-- event codes -->\nold\n<!-- /event codes -->\n\nafter\n';

describe('renderEventCodes', () => {
  const lines = renderEventCodes(EMPTY).split('\n');

  it('replaces what is between the markers and nothing else', () => {
    expect(lines).not.toContain('old');
    expect(lines.slice(0, 3)).toEqual(['before', '', '<!-- event codes -->']);
    expect(lines.slice(-4)).toEqual(['<!-- /event codes -->', '', 'after', '']);
  });

  it('has a row for every documented code, and four for the others', () => {
    const codes = lines.filter((line) => line.startsWith('| `-')).map((line) => Number(line.split('`')[1]));
    expect(codes).toEqual(
      Object.keys(EVENT_CODES)
        .map(Number)
        .sort((a, b) => b - a),
    );
    expect(lines.filter((line) => /^\| (?:any other|none) /.test(line))).toHaveLength(4);
  });

  it('says of a code whose it is, what a player gets and what to do', () => {
    const row = lines.find((line) => line.includes('`-2019`'));
    expect(row?.split(' | ').slice(1)).toEqual([
      'x',
      'x',
      'x',
      'insufficient tokens available',
      'balance',
      'The account has used up its tokens.',
      '503 `token-balance-exhausted`',
      'no',
      'error',
      'Buy tokens for the account. Until then every request in this environment is refused. |',
    ]);
  });

  it('does not guess where the table belongs', () => {
    expect(() => renderEventCodes('no markers')).toThrow('<!-- event codes -->');
  });
});

describe('unmentionedParameters', () => {
  it('finds the parameters that a document leaves out', () => {
    const all = [...Object.values(PARAMETERS), 'useHttps'].map((name) => `\`${name}\``).join(' ');
    expect(unmentionedParameters(all)).toEqual([]);
    expect(unmentionedParameters(all.replace('`kek`', 'kek').replace('`iv`', '`iv=`'))).toEqual(['kek']);
  });
});
