import type { ProjectObject } from '../../domain/project.ts';
import { criterionMatcher, type Selectable, selectables } from './select-match.ts';
import { nearestNames } from './select-nearest.ts';
import { type Criterion, type Expression, parseSelection, wrong } from './select-parse.ts';

/**
 * The models that a selection in dbt's syntax means, in the order given. Seeds, snapshots and sources take
 * part in the graph (`source:shop+`) but are not returned. Methods: bare name or `fqn:`, `tag:`, `path:`,
 * `file:`, `package:`, `source:`, `config.materialized:`, `config.tags:`, `resource_type:`; wildcards;
 * operators `+a`, `a+`, `2+a+1`, `@a`. Unlike dbt, an expression that matches nothing is an error, in
 * `exclude` too: it is a typing mistake that costs money.
 * @param select nothing = all models
 * @throws AppError `invalid_input` for an expression that matches nothing (with the nearest names), is
 * malformed, or when no model is left
 */
export function selectObjects(
  objects: ProjectObject[],
  select: string[],
  exclude: string[] = [],
): ProjectObject[] {
  const graph = createGraph(selectables(objects));
  const wanted = parseSelection(select, 'select');
  const unwanted = parseSelection(exclude, 'exclude');
  const all = new Set(objects.map((object) => object.uniqueId));
  const selected = wanted.length === 0 ? all : union(wanted, graph, 'select');
  const excluded = union(unwanted, graph, 'exclude');
  const models = objects.filter(
    ({ resourceType, uniqueId }) => resourceType === 'model' && selected.has(uniqueId),
  );
  if (models.length === 0 && wanted.length > 0) {
    const text = wanted.map((expression) => expression.written).join(' ');
    throw wrong(
      'select',
      `"${text}" matches ${selected.size} objects but no model; "${text}+" takes what reads them`,
    );
  }
  const left = models.filter(({ uniqueId }) => !excluded.has(uniqueId));
  if (left.length === 0 && models.length > 0)
    throw wrong('exclude', 'leaves no model of those that were selected');
  return left;
}

interface Graph {
  candidates: Selectable[];
  parentsOf: Map<string, string[]>;
  childrenOf: Map<string, string[]>;
}

function createGraph(candidates: Selectable[]): Graph {
  const parentsOf = new Map(candidates.map(({ object }) => [object.uniqueId, object.parents]));
  const childrenOf = new Map<string, string[]>();
  for (const { object } of candidates) {
    for (const parent of object.parents) {
      const children = childrenOf.get(parent);
      if (children === undefined) childrenOf.set(parent, [object.uniqueId]);
      else children.push(object.uniqueId);
    }
  }
  return { candidates, parentsOf, childrenOf };
}

function union(expressions: Expression[], graph: Graph, field: string): Set<string> {
  const found = new Set<string>();
  for (const expression of expressions) {
    for (const id of idsOf(expression, graph, field)) found.add(id);
  }
  return found;
}

function idsOf(expression: Expression, graph: Graph, field: string): Set<string> {
  const sets = expression.criteria.map((criterion) => reach(criterion, graph, field));
  const [first = new Set<string>(), ...others] = sets;
  const common = new Set([...first].filter((id) => others.every((set) => set.has(id))));
  if (common.size === 0)
    throw wrong(field, `"${expression.written}" matches nothing: no object meets all its parts`);
  return common;
}

/** What a criterion matches, and what its graph operators add. */
function reach(criterion: Criterion, graph: Graph, field: string): Set<string> {
  const matches = criterionMatcher(criterion, field);
  const start = graph.candidates.filter(matches).map(({ object }) => object.uniqueId);
  if (start.length === 0) throw noMatch(criterion, graph, field);
  const found = new Set(start);
  const add = (ids: Iterable<string>) => {
    for (const id of ids) found.add(id);
  };
  if (criterion.withChildrensParents) {
    const below = neighbours(start, graph.childrenOf, Number.POSITIVE_INFINITY);
    add(neighbours(below, graph.parentsOf, Number.POSITIVE_INFINITY));
  }
  if (criterion.parentDepth !== undefined) add(neighbours(start, graph.parentsOf, criterion.parentDepth));
  if (criterion.childDepth !== undefined) add(neighbours(start, graph.childrenOf, criterion.childDepth));
  return found;
}

/**
 * Breadth first, so that each object is met at its least distance; bounded by the objects, circles included.
 */
function neighbours(start: Iterable<string>, next: Map<string, string[]>, depth: number): Set<string> {
  const found = new Set(start);
  let edge = [...found];
  for (let step = 0; step < depth && edge.length > 0; step++) {
    const reached: string[] = [];
    for (const id of edge.flatMap((one) => next.get(one) ?? [])) {
      if (found.has(id)) continue;
      found.add(id);
      reached.push(id);
    }
    edge = reached;
  }
  return found;
}

function noMatch(criterion: Criterion, graph: Graph, field: string) {
  const nearest = nearestNames(criterion.method, criterion.value, graph.candidates);
  const hint = nearest.length === 0 ? '' : `; did you mean ${nearest.join(' or ')}?`;
  return wrong(field, `"${criterion.written}" matches nothing${hint}`);
}
