// Reads a PromQL expression against the metrics that exist: which names, labels and values it speaks of that nothing has.
import { parser } from '@prometheus-io/lezer-promql';

type Node = ReturnType<typeof parser.parse>['topNode'];

/** Labels that Prometheus adds to whatever it scrapes. */
export const SCRAPE_LABELS = ['job', 'instance', 'namespace', 'pod'] as const;

/** The metrics that exist: names of series (`_bucket`, `_sum` and `_count` of their own), labels, and each label's values. */
export type Catalogue = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** What an expression is about. */
export interface Reading {
  /** What it speaks of that does not exist, in sentences. */
  findings: string[];
  /** The names of the series it selects. */
  metrics: Set<string>;
  /** The labels of its result; undefined when that is a number. */
  labels: ReadonlySet<string> | undefined;
}

/** A vector's labels; undefined for a scalar. */
type Labels = ReadonlySet<string> | undefined;

const SET_OPERATORS = new Set(['And', 'Or', 'Unless']);
/** Aggregations that answer with the series they were given. */
const SELECTING = new Set(['Topk', 'Bottomk', 'LimitK', 'LimitRatio']);

/** Reads an expression. One that cannot be parsed has that as its only finding. */
export function readExpression(expression: string, catalogue: Catalogue): Reading {
  return new Reader(expression, catalogue).read();
}

class Reader {
  readonly #findings: string[] = [];
  readonly #metrics = new Set<string>();

  constructor(
    private readonly expression: string,
    private readonly catalogue: Catalogue,
  ) {}

  read(): Reading {
    const tree = parser.parse(this.expression);
    let broken: number | undefined;
    tree.iterate({
      enter: (node) => {
        if (node.type.isError) broken ??= node.from;
      },
    });
    if (broken !== undefined) {
      const findings = [`cannot be parsed, from ${JSON.stringify(this.expression.slice(broken, broken + 30))} on`];
      return { findings, metrics: this.#metrics, labels: undefined };
    }
    const labels = this.#inside(tree.topNode);
    return { findings: [...new Set(this.#findings)], metrics: this.#metrics, labels };
  }

  #labelsOf(node: Node): Labels {
    if (node.name === 'VectorSelector') return this.#selected(node);
    if (node.name === 'AggregateExpr') return this.#aggregated(node);
    if (node.name === 'FunctionCall') return this.#called(node);
    if (node.name === 'BinaryExpr') return this.#combined(node);
    return this.#inside(node);
  }

  /** Parentheses, offsets, ranges and the like have the labels of what they hold. */
  #inside(node: Node): Labels {
    const held = childrenOf(node).map((child) => this.#labelsOf(child));
    return union(held);
  }

  #selected(node: Node): Labels {
    const metric = this.#text(node.getChild('Identifier'));
    this.#metrics.add(metric);
    const known = this.catalogue.get(metric);
    if (known === undefined) {
      this.#findings.push(metric === '' ? 'selects by no metric name' : `there is no metric ${metric}`);
      return undefined;
    }
    for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
      const label = this.#text(matcher.getChild('LabelName'));
      const wanted = JSON.parse(this.#text(matcher.getChild('StringLiteral'))) as string;
      const isPattern = this.#text(matcher.getChild('MatchOp')).endsWith('~');
      if (isScrapeLabel(label)) continue;
      const values = known.get(label);
      if (values === undefined) this.#findings.push(`${metric} has no label ${label}`);
      else
        for (const value of impossible(wanted, isPattern, values))
          this.#findings.push(`${metric} never has ${label} ${value}`);
    }
    return new Set([...known.keys(), ...SCRAPE_LABELS]);
  }

  #aggregated(node: Node): Labels {
    const inner = this.#inside(node.getChild('FunctionCallBody')!) ?? new Set<string>();
    const modifier = node.getChild('AggregateModifier');
    if (modifier === null)
      return SELECTING.has(node.getChild('AggregateOp')?.firstChild?.name ?? '') ? inner : new Set();
    const named = this.#names(modifier.getChild('GroupingLabels'));
    for (const label of named)
      if (!inner.has(label)) this.#findings.push(`groups by ${label}, which nothing there has`);
    return modifier.getChild('Without') === null ? new Set(named) : without(inner, named);
  }

  #called(node: Node): Labels {
    const name = this.#text(node.getChild('FunctionIdentifier'));
    const held = this.#inside(node.getChild('FunctionCallBody')!);
    if (name === 'time' || name === 'scalar') return undefined;
    if (name === 'vector') return new Set();
    if (name === 'absent' || name === 'absent_over_time') return new Set(SCRAPE_LABELS);
    if (name !== 'histogram_quantile') return held;
    if (held?.has('le') !== true) this.#findings.push('histogram_quantile needs the label le');
    return without(held ?? new Set(), ['le']);
  }

  #combined(node: Node): Labels {
    const operands = childrenOf(node).filter(({ name }) => name.endsWith('Expr') || OPERANDS.has(name));
    const [left, right] = operands.map((operand) => this.#labelsOf(operand));
    if (left === undefined || right === undefined) return left ?? right;
    const operator = childrenOf(node).find(({ name }) => SET_OPERATORS.has(name))?.name;
    const clause = node.getChild('MatchingModifierClause');
    const [matching = [], carried = []] = (clause?.getChildren('GroupingLabels') ?? []).map((names) =>
      this.#names(names),
    );
    const on = clause !== null && clause.getChild('On') !== null;
    const ignoring = clause !== null && !on ? matching : [];
    if (on) {
      for (const label of matching) {
        if (!left.has(label) || !right.has(label)) this.#findings.push(`matches on ${label}, which one side lacks`);
      }
    } else if (operator !== 'Or' && !sameSet(without(left, ignoring), without(right, ignoring)) && !isGrouped(clause)) {
      this.#findings.push(`combines ${listed(left)} with ${listed(right)}, which never match`);
    }
    for (const label of carried) {
      if (!left.has(label) && !right.has(label)) this.#findings.push(`carries over ${label}, which neither side has`);
    }
    if (operator === 'Or') return union([left, right]);
    if (operator !== undefined) return left;
    if (isGrouped(clause)) return new Set([...(clause?.getChild('GroupRight') ? right : left), ...carried]);
    return on ? new Set(matching) : without(left, ignoring);
  }

  #names(grouping: Node | null): string[] {
    return (grouping?.getChildren('LabelName') ?? []).map((name) => this.#text(name));
  }

  #text(node: Node | null): string {
    return node === null ? '' : this.expression.slice(node.from, node.to);
  }
}

const OPERANDS = new Set([
  'VectorSelector',
  'MatrixSelector',
  'FunctionCall',
  'NumberDurationLiteral',
  'StringLiteral',
]);

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}

function isGrouped(clause: Node | null): boolean {
  return clause !== null && (clause.getChild('GroupLeft') !== null || clause.getChild('GroupRight') !== null);
}

function isScrapeLabel(label: string): boolean {
  return SCRAPE_LABELS.some((known) => known === label);
}

/** What a matcher asks for that none of the values is. Of a pattern of alternatives, each has to be met. */
function impossible(wanted: string, isPattern: boolean, values: ReadonlySet<string>): string[] {
  if (!isPattern) return values.has(wanted) ? [] : [JSON.stringify(wanted)];
  return wanted
    .split('|')
    .filter((alternative) => ![...values].some((value) => new RegExp(`^(?:${alternative})$`).test(value)))
    .map((alternative) => `like ${JSON.stringify(alternative)}`);
}

function union(sets: readonly Labels[]): Labels {
  const vectors = sets.filter((labels) => labels !== undefined);
  return vectors.length === 0 ? undefined : new Set(vectors.flatMap((labels) => [...labels]));
}

function without(labels: ReadonlySet<string>, taken: readonly string[]): Set<string> {
  return new Set([...labels].filter((label) => !taken.includes(label)));
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((label) => other.has(label));
}

function listed(labels: ReadonlySet<string>): string {
  return `(${[...labels].toSorted().join(', ')})`;
}
