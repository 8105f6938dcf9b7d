import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { processEnvironment, readEnvFile, StartRefusedError } from './index.js';

describe('env files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
    writeFileSync(join(folder, '.env'), '# a comment\nSAMPLE_A=from file\nSAMPLE_B="quoted"\n');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it('reads names and values', () => {
    expect(readEnvFile(join(folder, '.env'))).toEqual({ SAMPLE_A: 'from file', SAMPLE_B: 'quoted' });
  });

  it('reads nothing when there is no file', () => {
    expect(readEnvFile(join(folder, 'none'))).toEqual({});
  });

  it('does not hide that a file is unreadable', () => {
    expect(() => readEnvFile(folder)).toThrow(new StartRefusedError(`The file ${folder} cannot be read (EISDIR).`));
  });

  it('lets the process win over the file', () => {
    vi.stubEnv('SAMPLE_A', 'from process');
    const env = processEnvironment(join(folder, '.env'));
    expect([env['SAMPLE_A'], env['SAMPLE_B']]).toEqual(['from process', 'quoted']);
  });
});
