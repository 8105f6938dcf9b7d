import { describe, expect, it } from 'vitest';
import { snippetsOf } from './snippets.js';

const PAGE = [
  '# Page',
  '```sh',
  'npm ci',
  '```',
  '## Steps',
  '1. First:',
  '',
  '   ```js ask.js',
  '   if (a) {',
  '     b();',
  '   }',
  '   ```',
  '~~~',
  '```',
  '# no heading',
  '~~~',
].join('\n');

describe('snippetsOf', () => {
  it('finds each block, with its language, name, heading and line', () => {
    expect(snippetsOf(PAGE)).toEqual([
      { language: 'sh', name: '', text: 'npm ci\n', heading: 'Page', line: 2 },
      { language: 'js', name: 'ask.js', text: 'if (a) {\n  b();\n}\n', heading: 'Steps', line: 8 },
      { language: '', name: '', text: '```\n# no heading\n', heading: 'Steps', line: 13 },
    ]);
  });

  it('tells of a block without an end', () => {
    expect(() => snippetsOf('a\n```sh\nnpm ci\n')).toThrow('line 2');
  });
});
