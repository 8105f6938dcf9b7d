// The few kinds of Grafana panel that a dashboard here is made of, and their place on it. Written for Grafana 11 and later.

/** A line, a number or a table column: one query. */
export interface Query {
  expr: string;
  /** Its name; `{{label}}` stands for a label's value. */
  legend?: string;
}

/** From this value on, a colour; the first has no value and holds from the bottom. */
export interface Threshold {
  from: number | null;
  color: 'green' | 'orange' | 'red' | 'transparent';
}

/** One panel: a question, and the queries that answer it. */
export interface Panel {
  kind: 'number' | 'lines' | 'stack' | 'table';
  /** The question. */
  title: string;
  /** What a good answer looks like, and what to do about another. */
  description: string;
  queries: readonly Query[];
  /** Grafana's id of the unit: `percentunit`, `s`, `reqps`, `short`, `bytes`, `d`. */
  unit: string;
  /** In twenty-fourths of the dashboard. */
  width: number;
  thresholds?: readonly Threshold[];
  /** Alerts that are about the same question, for links to the runbook. */
  alerts?: readonly string[];
  /** Smallest and largest value of the axis. */
  min?: number;
  max?: number;
  /** Table columns that say nothing. */
  hidden?: readonly string[];
}

/** A headline and what stands under it, from left to right, wrapping at the dashboard's width. */
export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** One value that the viewer picks or types. */
export type Variable = Record<string, unknown> & { name: string };

const WIDTH = 24;
const HEIGHT = 8;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Grafana's JSON for the rows' panels, numbered and placed. @throws Error when a panel is wider than the dashboard */
export function placePanels(rows: readonly Row[]): object[] {
  const placed: object[] = [];
  let [x, y] = [0, 0];
  const nextId = () => placed.length + 1;
  for (const row of rows) {
    placed.push({
      id: nextId(),
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
      panels: [],
    });
    y += 1;
    x = 0;
    for (const panel of row.panels) {
      if (panel.width > WIDTH) throw new Error(`${panel.title} is wider than the dashboard`);
      if (x + panel.width > WIDTH) {
        x = 0;
        y += HEIGHT;
      }
      placed.push({ id: nextId(), ...panelJson(panel), gridPos: { x, y, w: panel.width, h: HEIGHT } });
      x += panel.width;
    }
    y += HEIGHT;
  }
  return placed;
}

function panelJson(panel: Panel): object {
  const { title, description, alerts = [], thresholds = [{ from: null, color: 'green' }], unit, min, max } = panel;
  return {
    type: { number: 'stat', lines: 'timeseries', stack: 'timeseries', table: 'table' }[panel.kind],
    title,
    description,
    datasource: DATASOURCE,
    links: alerts.map((alert) => ({
      title: `Runbook: ${alert}`,
      url: `\${runbooks}docs/runbook.md#${alert.toLowerCase()}`,
      targetBlank: true,
    })),
    targets: panel.queries.map((query, index) => targetJson(query, index, panel.kind)),
    fieldConfig: {
      defaults: {
        unit,
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        noValue: panel.kind === 'number' ? 'none' : undefined,
        color: { mode: panel.kind === 'number' ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps: thresholds.map(({ from, color }) => ({ value: from, color })) },
        custom: customJson(panel),
      },
      overrides: [],
    },
    options: optionsJson(panel.kind),
    transformations: panel.kind === 'table' ? tableJson(panel.hidden ?? []) : undefined,
  };
}

function targetJson({ expr, legend }: Query, index: number, kind: Panel['kind']): object {
  const once = kind === 'table';
  return {
    refId: String.fromCodePoint('A'.codePointAt(0)! + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend ?? '__auto',
    ...(once ? { instant: true, format: 'table' } : { range: true }),
  };
}

function customJson({ kind, thresholds }: Panel): object | undefined {
  if (kind === 'number' || kind === 'table') return undefined;
  const stacked = kind === 'stack';
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 0,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
  };
}

function optionsJson(kind: Panel['kind']): object {
  if (kind === 'number') {
    const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
    return { colorMode: 'background', graphMode: 'area', textMode: 'auto', justifyMode: 'auto', reduceOptions };
  }
  if (kind === 'table') return { showHeader: true, cellHeight: 'sm' };
  return {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'], showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

function tableJson(hidden: readonly string[]): object[] {
  const excludeByName = Object.fromEntries(['Time', '__name__', ...hidden].map((name) => [name, true]));
  return [{ id: 'organize', options: { excludeByName, indexByName: {}, renameByName: {} } }];
}
