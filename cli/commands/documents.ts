import { resolve } from 'node:path';
import { invalidInput } from '../../domain/errors.ts';
import type { DocumentState } from '../../domain/project.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { exportProject } from '../export-project.ts';
import { checkOutFolder } from '../out-folder.ts';
import { columnsOf } from '../run-outcome.ts';
import { withSession } from '../session.ts';
import { localTime, plural } from '../show/format.ts';
import { exportLines } from '../show/run-summary.ts';
import { tableLines } from '../show/table.ts';
import { findProject } from './projects.ts';

const NEEDS = { temporal: false, command: 'documents' };

/** `bursar documents list` */
export async function listDocuments(
  context: CommandContext,
  options: { project: string; state?: DocumentState },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const project = await findProject(client, options.project);
    const documents = await client.allDocuments(project.id, options.state);
    output.result({ documents });
    if (documents.length === 0) {
      const which = options.state === undefined ? '' : `${options.state} `;
      output.line(
        `No ${which}documents of ${project.name}. Write some with: bursar document <manifest or folder>`,
      );
      return EXIT.done;
    }
    const columns = [
      { title: 'document' },
      { title: 'object' },
      { title: 'version', align: 'right' as const },
      { title: 'state' },
      { title: 'columns', align: 'right' as const },
      { title: 'drift', align: 'right' as const },
      { title: 'written' },
    ];
    const rows = documents.map((document) => [
      document.id,
      document.name,
      String(document.version),
      document.state,
      String(columnsOf(document)),
      String(document.drift.length),
      localTime(document.createdAt),
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar documents approve|reject` */
export async function decideDocuments(
  context: CommandContext,
  decision: 'approve' | 'reject',
  id: string | undefined,
  options: { all?: boolean; project?: string; run?: string },
): Promise<number> {
  const { output } = context;
  const done = decision === 'approve' ? 'approved' : 'rejected';
  if (id === undefined && !(options.all && options.project !== undefined))
    throw invalidInput(`name a document to ${decision}, or all proposals of a project: --all --project ID`);
  if (id !== undefined && options.all) throw invalidInput('name either a document or --all, not both');
  return withSession(context, NEEDS, async ({ client }) => {
    if (id !== undefined) {
      const document = await client.decideDocument(id, decision);
      output.result(document);
      output.line(`${document.name} version ${document.version} is ${document.state}.`);
      return EXIT.done;
    }
    const project = await findProject(client, options.project ?? '');
    const of = options.run === undefined ? {} : { run: options.run };
    const { decided } = await client.decideDocuments(project.id, decision, of);
    output.result({ decided });
    output.line(`${plural(decided, 'proposal')} of ${project.name} ${done}.`);
    return EXIT.done;
  });
}

/** `bursar documents export` */
export async function exportDocuments(
  context: CommandContext,
  options: { project: string; out: string; state: 'latest' | 'approved' },
): Promise<number> {
  const { output, directory } = context;
  const folder = resolve(directory, options.out);
  checkOutFolder(folder);
  return withSession(context, NEEDS, async ({ client }) => {
    const project = await findProject(client, options.project);
    const summary = await exportProject(client, project.id, folder, options.state);
    output.result({ projectId: project.id, out: folder, ...summary });
    for (const line of exportLines(options.out, summary)) output.line(line);
    return EXIT.done;
  });
}
