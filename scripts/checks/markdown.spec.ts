import { describe, expect, it } from 'vitest';
import { anchorsOf, referencesOf, variablesIn } from './markdown.js';

describe('referencesOf', () => {
  it.each([
    ['a [map](docs/README.md) of it', [{ kind: 'link', text: 'docs/README.md', line: 1 }]],
    ['[map]: docs/README.md', [{ kind: 'link', text: 'docs/README.md', line: 1 }]],
    ['see `libs/platform/src/clock`', [{ kind: 'code', text: 'libs/platform/src/clock', line: 1 }]],
    ['```sh\nnpm run -s token -- bob\n```', [{ kind: 'npm-script', text: 'token', line: 2 }]],
    ['```sh\nnpm test\n```', [{ kind: 'npm-script', text: 'test', line: 2 }]],
    ['```ts\nconst x = `libs/none`; // [x](y)\n```', []],
    ['`map[key](value)` is code', [{ kind: 'code', text: 'map[key](value)', line: 1 }]],
  ])('%j', (markdown, expected) => {
    expect(referencesOf(markdown)).toEqual(expected);
  });

  it('finds scripts in prose as well as the span they stand in', () => {
    expect(referencesOf('run `npm run db:migrate`')).toEqual([
      { kind: 'npm-script', text: 'db:migrate', line: 1 },
      { kind: 'code', text: 'npm run db:migrate', line: 1 },
    ]);
  });
});

describe('anchorsOf', () => {
  it('makes anchors as code hosts do, and numbers the repeated ones', () => {
    expect([...anchorsOf('# Who may play?\n\n## `POST /v1/x`\n\n## Errors\n\n## Errors\n')]).toEqual([
      'who-may-play',
      'post-v1x',
      'errors',
      'errors-1',
    ]);
  });
});

describe('variablesIn', () => {
  it.each([
    ['DATABASE_URL', ['DATABASE_URL']],
    ['PORT=3001 EMULATOR_PORT=3101 npm run demo', ['PORT', 'EMULATOR_PORT']],
    ['PORT', []],
    ['Content-Type', []],
  ])('%s', (code, expected) => {
    expect(variablesIn(code)).toEqual(expected);
  });
});
