// What a bench found, as Markdown and as a picture.
import { execFileSync } from 'node:child_process';
import { cpus, release, type } from 'node:os';
import type { Timing } from '../support/timing.js';
import { floorOf } from './contestants.js';
import type { Usage } from './probe.js';

/** Under what they were measured. */
export interface Cell {
  connections: number;
  latencyMs: number;
}

/** What one round of a contestant found, or the medians of all. CPU time, in milliseconds, and allocations are a token's. */
export interface Figures extends Timing, Usage {
  tokensPerSecond: number;
}

export interface Result {
  contestant: string;
  cell: Cell;
  figures: Figures;
}

/** The machine, the versions and the commit. */
export function circumstances(postgres: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`;
  const cores = cpus();
  const machine = `${cores.length} cores of ${cores[0]?.model.trim()}, ${type()} ${release()}`;
  const versions = `Node ${process.versions.node}, PostgreSQL ${postgres}`;
  return `${new Date().toISOString().slice(0, 16)}Z, commit ${commit}; ${versions}; ${machine}`;
}

/** The median of each figure. @param rounds at least one */
export function medians(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {}) as (keyof Figures)[];
  const middle = (name: keyof Figures) => {
    const sorted = rounds.map((round) => round[name]).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  return Object.fromEntries(names.map((name) => [name, middle(name)])) as unknown as Figures;
}

/** Each contestant as so many times its floor, where that was measured too. */
export function ratioTable(results: readonly Result[]): string {
  const rows = results.flatMap((result) => {
    const { contestant, cell } = result;
    const floor = results.find((other) => other.contestant === floorOf(contestant) && other.cell === cell);
    if (floor === undefined || floor === result) return [];
    const times = (name: keyof Figures) => (result.figures[name] / floor.figures[name]).toFixed(2);
    const ratios = (['cpuMs', 'tokensPerSecond', 'p50', 'p99', 'rssMiB'] as const).map(times);
    return [[nameOf(cell), contestant, floor.contestant, ...ratios]];
  });
  const head = ['', 'times', 'its floor', 'CPU a token', 'tokens a second', 'p50', 'p99', 'RSS'];
  return table(head, rows);
}

export function figureTable(results: readonly Result[]): string {
  const rows = results.map(({ contestant, cell, figures }) => {
    const { tokensPerSecond, p50, p99, p999, cpuMs, allocatedKiB, rssMiB, loopDelayMs } = figures;
    const times = [p50, p99, p999].map((time) => time.toFixed(1)).join(' / ');
    const [rate, allocated, memory] = [tokensPerSecond, allocatedKiB, rssMiB].map((figure) => figure.toFixed(0));
    return [nameOf(cell), contestant, rate, times, cpuMs.toFixed(2), allocated, memory, loopDelayMs.toFixed(1)];
  });
  const used = ['CPU ms a token', 'KiB allocated a token', 'RSS MiB', 'event loop late, p99 ms'];
  return table(['', '', 'tokens/s', 'p50 / p99 / p99.9 ms', ...used], rows);
}

function nameOf({ connections, latencyMs }: Cell): string {
  return `${connections} connections, ${latencyMs} ms upstream`;
}

/** What stands in the first column is said once. */
function table(head: readonly unknown[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]) => `| ${cells.join(' | ')} |\n`;
  const said = rows.map(([cell, ...rest], n) => line([cell === rows[n - 1]?.[0] ? '' : cell, ...rest]));
  return line(head) + line(head.map(() => '---')) + said.join('');
}

const [LINE, NAMES, BAR] = [16, 130, 240];

/** Bars of two figures, a line for each contestant, each cell to its own scale. */
export function picture(title: string, results: readonly Result[]): string {
  let y = 0;
  const text = (x: number, content: string) => `<text x="${x}" y="${y + 11}">${content}</text>`;
  const lines = title.split('; ').map((part) => {
    y += LINE;
    return text(0, part);
  });
  const bar = (x: number, value: number, most: number, colour: string, digits: number) => {
    const width = Math.max(1, (value / most) * (BAR - 50)).toFixed(1);
    const shape = `<rect x="${x}" y="${y + 2}" width="${width}" height="${LINE - 4}" fill="${colour}"/>`;
    return shape + text(x + Number(width) + 4, value.toFixed(digits));
  };
  for (const cell of new Set(results.map((result) => result.cell))) {
    const group = results.filter((result) => result.cell === cell);
    y += 2 * LINE;
    lines.push(text(0, nameOf(cell)));
    y += LINE;
    lines.push(text(NAMES, 'CPU ms a token'), text(NAMES + BAR, 'tokens a second'));
    const most = (name: keyof Figures) => Math.max(...group.map(({ figures }) => figures[name]));
    for (const { contestant, figures } of group) {
      y += LINE;
      const cpu = bar(NAMES, figures.cpuMs, most('cpuMs'), '#c2593f', 2);
      const rate = bar(NAMES + BAR, figures.tokensPerSecond, most('tokensPerSecond'), '#3f7fc2', 0);
      lines.push(text(0, contestant) + cpu + rate);
    }
  }
  const size = `width="${NAMES + 2 * BAR}" height="${y + 2 * LINE}"`;
  const style = 'font-family="sans-serif" font-size="11"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>\n<rect width="100%" height="100%" fill="white"/>\n${lines.join('\n')}\n</svg>\n`;
}
