import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { oldNodeProblem } from './index.js';

it.each([
  ['18.20.8', true],
  ['20.18.3', true],
  ['20.19.0', false],
  ['21.0.0', false],
  ['24.21.0', false],
])('finds Node %s too old: %s', (version, isOld) => {
  const problem = oldNodeProblem(version);
  expect(problem).toBe(isOld ? `Node ${version} is too old: 20.19 or newer is needed.` : undefined);
});

it('wants the Node that package.json wants, as npm looks at it before it does anything', () => {
  const { engines, devEngines } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    engines: { node: string };
    devEngines: { runtime: unknown };
  };
  expect(oldNodeProblem('0.0.0')).toContain(`${engines.node.replace('>=', '')} or newer`);
  expect(devEngines.runtime).toEqual({ name: 'node', version: engines.node, onFail: 'error' });
});
