import { readFileSync } from 'node:fs';
import { EVENT_CODES, eventCodesOf } from '@app/expressplay';
import { describe, expect, it } from 'vitest';
import { DEMO_ACCOUNTS, parseAccounts } from './accounts/account.js';
import { FAULT_KINDS } from './faults/faults.js';

const text = readFileSync(new URL('../../../docs/emulator.md', import.meta.url), 'utf8');
/** The cells of a table's rows, by the first one. */
const rows = new Map(
  text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, first = '', ...others]) => [first, others.slice(0, -1)] as const),
);

describe('docs/emulator.md', () => {
  it('says for every documented code of a service how it is got, and for no other', () => {
    const documented = (['playready', 'fairplay', 'widevine'] as const).map(
      (service) => new Set<number>(eventCodesOf(service)),
    );
    const codes = Object.keys(EVENT_CODES).map(Number);
    const expected = codes.map((code) => [code, ...documented.map((set) => set.has(code))]);
    const told = codes.map((code) => [code, ...(rows.get(String(code)) ?? []).map((way) => way !== '—')]);
    expect(told).toEqual(expected);
    expect([...rows.keys()].filter((first) => /^-\d{4}$/.test(first))).toHaveLength(codes.length);
  });

  it('lists every demo account', () => {
    for (const { name, authenticator } of DEMO_ACCOUNTS)
      expect(rows.get(`\`${name}\``)?.[0]).toBe(`\`${authenticator}\``);
  });

  it('lists every kind of fault', () => {
    expect(FAULT_KINDS.filter((kind) => !rows.has(`\`${kind}\``))).toEqual([]);
  });

  it('shows a file of accounts that can be used', () => {
    const example = /```json\n([^`]+)```/.exec(text)?.[1] ?? '';
    const [account] = JSON.parse(example) as [Record<string, unknown>];
    const { name, authenticator, environment } = account;
    // What can be left out is shown with the value that it then has.
    const parse = (json: string) => parseAccounts(Buffer.from(json));
    expect(parse(example)).toEqual(parse(JSON.stringify([{ name, authenticator, environment }])));
  });
});
