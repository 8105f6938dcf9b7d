import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { oldNodeProblem } from './index.js';

it.each([
  ['18.20.8', true],
  ['20.19.4', true],
  ['20.19.5', false],
  ['20.20.0', false],
  ['21.7.3', true],
  ['22.14.0', true],
  ['22.15.0', false],
  ['23.11.0', true],
  ['24.0.0', false],
  ['25.1.0', false],
])('finds Node %s too old: %s', (version, isOld) => {
  const problem = oldNodeProblem(version);
  expect(problem).toBe(isOld ? `Node ${version} is too old: 20.19.5, 22.15 or 24, or newer, is needed.` : undefined);
});

it('wants the Node that package.json wants, as npm looks at it before it does anything', () => {
  const { engines, devEngines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    engines: { node: string };
    devEngines: { runtime: unknown };
  };
  expect(engines.node).toBe('^20.19.5 || ^22.15.0 || >=24.0.0');
  expect(devEngines.runtime).toEqual({ name: 'node', version: engines.node, onFail: 'error' });
});
