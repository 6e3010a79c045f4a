import type { DocumentedObject, ProjectObject } from '../../../domain/project.ts';
import { cell, code, escapePipes, firstSentence, formatTime, plain, plural, table } from './markdown-text.ts';
import { fitsFlowchart, flowchart, MAX_NODES } from './mermaid.ts';

/** Per-folder diagrams beyond this number are left out: the page would no longer open. */
const MAX_DIAGRAMS = 60;

interface Overview {
  projectName: string;
  /** ISO 8601. */
  generatedAt: string;
  objects: ProjectObject[];
  documented: DocumentedObject[];
  /** Path of each documented object's page, by unique id. */
  paths: Map<string, string>;
}

/** `index.md`: what is documented, how it hangs together, and where people's text contradicts the code. */
export function indexPage(overview: Overview): string {
  const { projectName, generatedAt, documented, objects } = overview;
  const sections = [
    `# ${plain(projectName) || 'Project'}`,
    `${counts(overview)}\n\nGenerated ${formatTime(generatedAt)}.`,
    documented.length === 0
      ? '## Models\n\nNothing is documented yet.'
      : `## Models\n\n${modelTables(overview)}`,
    ...(objects.length === 0 ? [] : [`## Lineage\n\n${lineage(objects)}`]),
    ...(documented.length === 0 ? [] : [`## Drift\n\n${driftList(overview)}`]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function counts({ objects, documented }: Overview): string {
  const number = (type: string) => objects.filter((object) => object.resourceType === type).length;
  const others = [
    plural(number('source'), 'source'),
    plural(number('seed'), 'seed'),
    plural(number('snapshot'), 'snapshot'),
  ].filter((text) => !text.startsWith('0 '));
  const findings = documented.reduce((sum, each) => sum + each.drift.length, 0);
  const models = documented.filter((each) => each.object.resourceType === 'model').length;
  const parts = [
    `${models.toLocaleString('en-US')} of ${plural(Math.max(number('model'), models), 'model')} documented`,
    ...others,
    plural(findings, 'drift finding'),
  ];
  return parts.join(' · ');
}

function modelTables({ documented, paths }: Overview): string {
  const folders = groupByFolder(documented, (each) => each.object);
  const groups = folders.map(([folder, members]) => {
    const rows = members.map((each) => [
      escapePipes(`[${code(each.object.name)}](${paths.get(each.object.uniqueId)})`),
      cell(firstSentence(each.object.description.trim() || each.content.text.summary || '')),
      each.state,
    ]);
    return `### ${folderTitle(folder)}\n\n${table(['Model', 'Summary', 'State'], rows)}`;
  });
  return groups.join('\n\n');
}

function lineage(objects: ProjectObject[]): string {
  const sorted = [...objects].sort(byName);
  if (fitsFlowchart(sorted)) return flowchart(sorted).markdown;
  const byId = new Map(objects.map((object) => [object.uniqueId, object]));
  const folders = groupByFolder(sorted, (object) => object).filter(([, members]) => members.some(hasLineage));
  const diagrams = folders.slice(0, MAX_DIAGRAMS).map(([folder, members]) => {
    const inside = new Set(members);
    const outside = new Map<string, ProjectObject>();
    for (const parent of members.flatMap((object) => object.parents)) {
      const object = byId.get(parent);
      if (object !== undefined && !inside.has(object)) outside.set(parent, object);
    }
    const { markdown, omitted } = flowchart([...members, ...outside.values()]);
    return `### Lineage of ${folderTitle(folder)}\n\n${markdown}${omission(omitted)}`;
  });
  const left = folders.length - diagrams.length;
  const note =
    `The project has ${plural(objects.length, 'object')}, too many for one diagram (at most ${MAX_NODES}):` +
    ` there is one per folder, with what the folder reads from elsewhere.` +
    (left > 0 ? ` ${plural(left, 'more folder')} had no room; see the pages of the models.` : '');
  return [note, ...diagrams].join('\n\n');
}

function hasLineage(object: ProjectObject): boolean {
  return object.parents.length > 0;
}

function omission(omitted: { nodes: number; edges: number }): string {
  const parts = [
    ...(omitted.nodes > 0 ? [plural(omitted.nodes, 'object')] : []),
    ...(omitted.edges > 0 ? [plural(omitted.edges, 'connection')] : []),
  ];
  return parts.length === 0 ? '' : `\n\nNot drawn, for want of room: ${parts.join(' and ')}.`;
}

function driftList({ documented, paths }: Overview): string {
  const lines = documented.flatMap((each) =>
    each.drift.map((drift) => {
      const link = `[${code(each.object.name)}](${paths.get(each.object.uniqueId)})`;
      const column = drift.column === undefined ? '' : `, column ${code(drift.column)}`;
      return `- ${link}${column}: ${plain(drift.message)}`;
    }),
  );
  return lines.length === 0
    ? 'What people wrote agrees with the code, as far as could be checked.'
    : lines.join('\n');
}

function groupByFolder<T>(values: T[], objectOf: (value: T) => ProjectObject): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const value of [...values].sort((a, b) => byName(objectOf(a), objectOf(b)))) {
    const folder = objectOf(value).path.replaceAll('\\', '/').split('/').slice(0, -1).join('/');
    const group = groups.get(folder);
    if (group === undefined) groups.set(folder, [value]);
    else group.push(value);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function folderTitle(folder: string): string {
  return folder === '' ? 'No folder' : code(folder);
}

function byName(a: ProjectObject, b: ProjectObject): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.uniqueId < b.uniqueId ? -1 : 1;
}
