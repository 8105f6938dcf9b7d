import { describe, expect, it } from 'vitest';
import { MigrationHistoryError, pendingMigrations } from './migration-history.js';

const file = (name: string, checksum = 'sum') => ({ name, checksum, sql: '' });
const row = (name: string, more = {}) => ({ name, checksum: 'sum', finished: true, rolledBack: false, ...more });

describe('pendingMigrations', () => {
  it.each([
    ['nothing applied', [file('1'), file('2')], [], ['1', '2']],
    ['one applied', [file('1'), file('2')], [row('1')], ['2']],
    ['all applied', [file('1')], [row('1')], []],
    ['a failed one that was rolled back', [file('1')], [row('1', { finished: false, rolledBack: true })], ['1']],
  ])('%s', (_name, files, applied, pending) => {
    expect(pendingMigrations(files, applied).map(({ name }) => name)).toEqual(pending);
  });

  it('names every changed, failed and unknown migration', () => {
    const applied = [row('1', { checksum: 'other' }), row('2', { finished: false }), row('3')];
    expect(() => pendingMigrations([file('1'), file('2')], applied)).toThrow(MigrationHistoryError);
    expect(() => pendingMigrations([file('1'), file('2')], applied)).toThrow(
      /1 was changed after it was applied; 2 failed half way; 3 is applied but not among the files/,
    );
  });
});
