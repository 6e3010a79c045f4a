import type { Column, DocumentedObject, Layer, ProjectObject } from '../../../domain/project.ts';
import { LAYERS } from '../../../domain/project.ts';
import { cell, code, escapePipes, formatTime, plain, plural, prose, quote, table } from './markdown-text.ts';
import { flowchart } from './mermaid.ts';

/** What a page says about the objects around its own. */
interface Neighbours {
  parents: ProjectObject[];
  children: ProjectObject[];
  /** Unique ids that it reads and that the project does not hold. */
  unknownParents: string[];
  /** Path of each documented object's page, by unique id. */
  paths: Map<string, string>;
}

const TITLES: Record<Layer, string> = {
  summary: 'Summary',
  business: 'Business meaning',
  technical: 'Technical notes',
  columns: 'Columns',
  lineage: 'Lineage',
  limitations: 'Limitations',
};

/** In a diagram of the neighbourhood; the lists beside it name all. */
const MAX_DRAWN_NEIGHBOURS = 30;

/** The page of one documented object. */
export function modelPage(documented: DocumentedObject, neighbours: Neighbours): string {
  const { object, content, drift } = documented;
  const sections = [`# ${plain(object.name) || 'Unnamed'}${versionTitle(object)}`, facts(documented)];
  if (object.description.trim() !== '')
    sections.push(`## Description\n\n${humanDescription(object.description)}`);
  for (const layer of LAYERS) {
    const text = layer === 'columns' ? undefined : content.text[layer]?.trim();
    if (layer === 'columns') sections.push(`## ${TITLES.columns}\n\n${columns(documented)}`);
    else if (layer === 'lineage')
      sections.push(`## ${TITLES.lineage}\n\n${lineage(object, text, neighbours)}`);
    else if (text) sections.push(`## ${TITLES[layer]}\n\n${prose(text)}`);
  }
  if (drift.length > 0) sections.push(`## Drift\n\n${driftBlock(documented)}`);
  sections.push(`---\n\n${footer(documented)}`);
  return `${sections.join('\n\n')}\n`;
}

function versionTitle(object: ProjectObject): string {
  const [name, version] = object.uniqueId.split('.').slice(-2);
  return name === object.name && /^v\d+$/.test(version ?? '') && object.uniqueId.split('.').length > 3
    ? ` (${version})`
    : '';
}

function facts({ object, drift }: DocumentedObject): string {
  const parts = [
    object.resourceType === 'model' ? '' : object.resourceType,
    object.materialized === undefined ? '' : `Materialized as ${code(object.materialized)}`,
    code(object.path),
    object.tags.length === 0
      ? ''
      : `${object.tags.length === 1 ? 'tag' : 'tags'} ${object.tags.map(code).join(', ')}`,
    object.relation === undefined ? '' : `relation ${code(object.relation)}`,
    object.tests.length === 0
      ? ''
      : `${object.tests.length === 1 ? 'test' : 'tests'} ${object.tests.map(code).join(', ')}`,
    drift.length === 0 ? '' : `[${plural(drift.length, 'drift finding')}](#drift)`,
  ];
  return [...parts.filter((part) => part !== ''), '[index](../index.md)'].join(' · ');
}

function humanDescription(description: string): string {
  return `*Written by people:*\n\n${quote(prose(description))}`;
}

function columns({ object, content }: DocumentedObject): string {
  const proposed = content.columns ?? {};
  const known = new Set(object.columns.map((column) => column.name));
  const extra = Object.keys(proposed).filter((name) => !known.has(name));
  const all: Column[] = [
    ...object.columns,
    ...extra.map((name) => ({ name, description: '', tests: [], declared: false })),
  ];
  if (all.length === 0) return 'No columns are known.';
  const isMixed = all.some((column) => column.description.trim() !== '');
  const rows = all.map((column) => [
    escapePipes(code(column.name)),
    escapePipes(column.type === undefined ? '' : code(column.type)),
    escapePipes(column.tests.map(code).join(', ')),
    description(
      column.description,
      Object.hasOwn(proposed, column.name) ? proposed[column.name] : undefined,
      isMixed,
    ),
  ]);
  const grid = table(['Column', 'Type', 'Tests', 'Description'], rows);
  return isMixed ? `Descriptions are written by people unless marked **Proposed**.\n\n${grid}` : grid;
}

/** What people wrote, then the proposal where it says something else. */
function description(human: string, proposed: string | undefined, isMixed: boolean): string {
  const [written, suggestion] = [cell(human), cell(proposed ?? '')];
  if (suggestion === '' || suggestion === written) return written;
  if (written === '') return isMixed ? `**Proposed:** ${suggestion}` : suggestion;
  return `${written}<br>**Proposed:** ${suggestion}`;
}

function lineage(object: ProjectObject, text: string | undefined, neighbours: Neighbours): string {
  const { parents, children, unknownParents, paths } = neighbours;
  const link = (each: ProjectObject) => {
    const path = paths.get(each.uniqueId);
    const name =
      path === undefined ? code(each.name) : `[${code(each.name)}](${path.replace(/^models\//, '')})`;
    return each.resourceType === 'model' ? name : `${name} (${each.resourceType})`;
  };
  const read = [...parents.map(link), ...unknownParents.map((id) => `${code(id)} (not in the project)`)];
  const lists = [
    read.length === 0 ? 'Reads nothing else of the project.' : `Reads ${read.join(', ')}.`,
    children.length === 0
      ? 'Nothing else of the project reads it.'
      : `Read by ${children.map(link).join(', ')}.`,
  ];
  const drawn = [
    ...parents.slice(0, MAX_DRAWN_NEIGHBOURS),
    object,
    ...children.slice(0, MAX_DRAWN_NEIGHBOURS),
  ];
  const omitted = parents.length + children.length + 1 - drawn.length;
  return [
    ...(text ? [prose(text)] : []),
    lists.join('\n\n'),
    ...(drawn.length > 1 ? [flowchart(direct(drawn, object), object.uniqueId).markdown] : []),
    ...(omitted > 0 ? [`${plural(omitted, 'object')} not drawn, for want of room.`] : []),
  ].join('\n\n');
}

/** The neighbourhood only: connections among the neighbours would hide what the page is about. */
function direct(drawn: ProjectObject[], object: ProjectObject): ProjectObject[] {
  const edges = (each: ProjectObject) =>
    each === object ? each.parents : each.parents.filter((parent) => parent === object.uniqueId);
  return drawn.map((each) => ({ ...each, parents: edges(each) }));
}

function driftBlock({ drift }: DocumentedObject): string {
  const lines = drift.map((each) => {
    const column = each.column === undefined ? '' : `${code(each.column)}: `;
    return `> - ${column}${withCode(each.message)}`;
  });
  return ['> [!WARNING]', '> What people wrote and what the code does disagree:', '>', ...lines].join('\n');
}

/** Our own sentences name things between backticks; what lies outside of them is escaped as other text. */
function withCode(sentence: string): string {
  const parts = sentence.split('`');
  // Without its partner a backtick names nothing.
  if (parts.length % 2 === 0) return plain(sentence);
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : plain(part))).join('');
}

function footer({ state, version, model, createdAt }: DocumentedObject): string {
  const name = state.charAt(0).toUpperCase() + state.slice(1);
  return `${name} · version ${version} · written by ${code(model)} · ${formatTime(createdAt)}`;
}
