import { describe, expect, it } from 'vitest';
import { leadsSomewhere, looksLikePath } from './repository.js';

const FILES = [
  'README.md',
  'libs/platform/src/clock/clock.ts',
  'apps/one/src/auth/user.guard.ts',
  'scripts/db-migrate.ts',
];

describe('looksLikePath', () => {
  it.each([
    'libs/platform/src/clock',
    'docs/',
    'app.module.ts',
    '*.repository.ts',
    '.oxlintrc.json',
    '@app/platform/clock',
    'test/',
  ])('takes %s for a path', (code) => {
    expect(looksLikePath(code)).toBe(true);
  });

  it.each(['/v1/license-tokens', '@nestjs/common', 'application/json', 'rental.playDuration', 'npm test', '201722,1a'])(
    'does not take %s for a path',
    (code) => {
      expect(looksLikePath(code)).toBe(false);
    },
  );
});

describe('leadsSomewhere', () => {
  it.each([
    ['README.md', true],
    ['libs/platform/src/clock', true],
    ['libs/platform/src/clock/', true],
    ['@app/platform/clock', true],
    ['clock.ts', true],
    ['*.guard.ts', true],
    ['apps/<app>/src', true],
    ['dist/scripts/db-migrate.js', true],
    ['libs/clo', false],
    ['@app/clocks', false],
    ['lock.ts', false],
    ['apps/*/test', false],
    ['dist/scripts/db-seed.js', false],
  ])('%s: %s', (path, expected) => {
    expect(leadsSomewhere(path, FILES)).toBe(expected);
  });
});
