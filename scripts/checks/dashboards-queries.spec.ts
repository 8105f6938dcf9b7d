import { describe, expect, it } from 'vitest';
import { entitlementDashboard } from '../dashboards/entitlement.js';
import { readRules, type Alert } from './alerts-files.js';
import { findingsOfDashboard, labelsShown, queriesOf, type Dashboard } from './dashboards-queries.js';

const source = { uid: '${datasource}' };
const dashboard = (panel: object, ...others: object[]) =>
  ({
    uid: 'x',
    panels: [{ id: 1, type: 'stat', title: 'Why?', description: 'Because.', datasource: source, ...panel }, ...others],
    templating: { list: [{ name: 'job', definition: 'label_values(age{job="$job"}, job)' }] },
  }) as Dashboard;

describe('queriesOf', () => {
  it('fills in what Grafana would, in panels and variables', () => {
    const targets = [{ refId: 'A', expr: 'rate(age{job="$job"}[$__rate_interval])', legendFormat: '{{job}}' }];
    expect(queriesOf(dashboard({ targets }))).toEqual([
      { place: 'Why?', expr: 'rate(age{job="entitlement"}[1m])', legend: '{{job}}' },
      { place: 'variable job', expr: 'group by (job) (age{job="entitlement"})', legend: '' },
    ]);
  });

  it('does not pass over a variable that it does not know', () => {
    const targets = [{ refId: 'A', expr: 'age{user="$user"}', legendFormat: '' }];
    expect(() => queriesOf(dashboard({ targets }))).toThrow('$user');
  });
});

it('labelsShown finds them in legends and in annotations', () => {
  expect(labelsShown('{{drm}}, {{ code }}, {{ $labels.instance }} and {{ $value }}')).toEqual([
    'drm',
    'code',
    'instance',
  ]);
});

describe('findingsOfDashboard', () => {
  const alerts = [{ alert: 'EntitlementOld' } as Alert];

  it.each([
    [{}, []],
    [{ title: 'Requests' }, ['Requests: is not a question']],
    [{ description: '' }, ['Why?: no description']],
    [{ datasource: { uid: 'my-own' } }, ['Why?: does not ask the data source that is picked']],
    [{ links: [{ url: '${runbooks}docs/runbook.md#entitlementold' }] }, []],
    [
      { links: [{ url: '${runbooks}docs/runbook.md#old' }] },
      ['Why?: link to ${runbooks}docs/runbook.md#old, which no alert has'],
    ],
  ])('%j', (panel, findings) => {
    expect(findingsOfDashboard(dashboard(panel), alerts)).toEqual(findings);
  });

  it('finds an id and a title that are there twice', () => {
    const twice = dashboard({}, { id: 1, type: 'row', title: 'Why?' });
    expect(findingsOfDashboard(twice, alerts)).toEqual(['id 1 twice', 'title Why? twice']);
  });
});

describe("the service's dashboard", () => {
  const panels = (entitlementDashboard() as { panels: { gridPos: { x: number; y: number; w: number; h: number } }[] })
    .panels;

  it('has nothing that is missing or there twice', () => {
    expect(findingsOfDashboard(entitlementDashboard() as Dashboard, readRules().alerts)).toEqual([]);
  });

  it('has no panel over another one, or beyond the edge', () => {
    const taken = new Set<string>();
    for (const { x, y, w, h } of panels.map(({ gridPos }) => gridPos)) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect(taken.has(`${column},${line}`)).toBe(false);
          taken.add(`${column},${line}`);
        }
      }
    }
  });
});
