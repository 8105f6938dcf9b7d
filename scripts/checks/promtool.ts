// Prometheus' own checker. A machine without it skips what only it can tell, but not CI.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Runs promtool. @returns whether it was content; what it says is shown */
export function promtool(...parameters: string[]): boolean {
  const { error, status } = spawnSync('promtool', parameters, { stdio: 'inherit' });
  if (error === undefined) return status === 0;
  const needed = !['', '0', 'false'].includes(process.env.CI ?? '');
  console.error(`promtool ${parameters.join(' ')}: not run, ${error.message} (Debian: apt-get install prometheus)`);
  return !needed;
}

/** Lets promtool parse expressions, each as a rule of a file that is made for it. */
export function checkSyntax(expressions: readonly string[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'promql-'));
  try {
    const rules = expressions.map((expr, index) => ({ record: `checked:${index}`, expr }));
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, stringify({ groups: [{ name: 'checked', rules }] }));
    return promtool('check', 'rules', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
