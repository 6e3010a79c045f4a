import type { ProjectObject } from '../../../domain/project.ts';

/**
 * GitHub draws at most 500 edges and 50,000 characters; beyond this number of nodes nobody can read it
 * anyway.
 */
export const MAX_NODES = 150;
const MAX_EDGES = 400;

interface Flowchart {
  /** The fenced block. */
  markdown: string;
  /** Objects and connections that are not drawn because there are too many. */
  omitted: { nodes: number; edges: number };
}

/**
 * A left-to-right flowchart of the objects and what leads from one to another; the first ones win at the
 * limits.
 */
export function flowchart(objects: ProjectObject[], highlighted?: string): Flowchart {
  const drawn = objects.slice(0, MAX_NODES);
  const ids = new Map(drawn.map((object, index) => [object.uniqueId, `n${index}`]));
  const edges = drawn.flatMap((object) =>
    unique(object.parents).flatMap((parent) =>
      ids.has(parent) ? [[ids.get(parent), ids.get(object.uniqueId)]] : [],
    ),
  );
  const lines = [
    'flowchart LR',
    ...drawn.map((object) => `  ${ids.get(object.uniqueId)}${shape(object)}`),
    ...edges.slice(0, MAX_EDGES).map(([from, to]) => `  ${from} --> ${to}`),
  ];
  const highlight = highlighted === undefined ? undefined : ids.get(highlighted);
  if (highlight !== undefined) lines.push(`  style ${highlight} stroke-width:4px`);
  return {
    markdown: ['```mermaid', ...lines, '```'].join('\n'),
    omitted: { nodes: objects.length - drawn.length, edges: Math.max(0, edges.length - MAX_EDGES) },
  };
}

/** Whether all objects and connections fit into one flowchart. */
export function fitsFlowchart(objects: ProjectObject[]): boolean {
  return (
    objects.length <= MAX_NODES && objects.reduce((sum, { parents }) => sum + parents.length, 0) <= MAX_EDGES
  );
}

/** Sources and seeds hold data: a cylinder. All else is a box. */
function shape(object: ProjectObject): string {
  const text = `"${label(object.name)}"`;
  return object.resourceType === 'source' || object.resourceType === 'seed' ? `[(${text})]` : `[${text}]`;
}

/**
 * All but letters, digits and harmless signs as entity codes: quotes, `%%` and `<` mean something to Mermaid.
 */
function label(name: string): string {
  const characters = [...name.replace(/\s+/g, ' ').trim()];
  const short = characters.length > 60 ? [...characters.slice(0, 59), '…'] : characters;
  const text = short
    .map((each) => (/[\p{L}\p{N} _.…-]/u.test(each) ? each : `#${each.codePointAt(0)};`))
    .join('');
  return text === '' ? '-' : text;
}

function unique(ids: string[]): string[] {
  return [...new Set(ids)];
}
