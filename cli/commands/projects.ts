import { AppError } from '../../domain/errors.ts';
import type { Client, Project } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { withSession } from '../session.ts';
import { localTime, wholeNumber } from '../show/format.ts';
import { tableLines } from '../show/table.ts';

const LOOKING = { temporal: false, command: 'projects' };

/** `bursar projects list` */
export async function listProjects(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const page = await client.projects({ limit: '100' });
    output.result(page);
    if (page.projects.length === 0) {
      output.line('No projects yet. Upload one with: bursar document <manifest or folder>');
      return EXIT.done;
    }
    const columns = [
      { title: 'project' },
      { title: 'name' },
      { title: 'models', align: 'right' as const },
      { title: 'revision', align: 'right' as const },
      { title: 'from' },
      { title: 'updated' },
    ];
    const rows = page.projects.map(({ id, name, modelCount, revision, origin, updatedAt }) => [
      id,
      name,
      wholeNumber(modelCount),
      String(revision),
      origin,
      localTime(updatedAt),
    ]);
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar projects show` */
export async function showProject(context: CommandContext, idOrName: string): Promise<number> {
  const { output } = context;
  return withSession(context, LOOKING, async ({ client }) => {
    const project = await findProject(client, idOrName);
    output.result(project);
    const { id, name, origin, adapterType, revision, modelCount, objectCount, updatedAt, warnings } = project;
    const facts = [
      ['project', id],
      ['name', name],
      ['from', `${origin} (${adapterType})`],
      ['revision', `${revision}, ${localTime(updatedAt)}`],
      ['objects', `${wholeNumber(objectCount)}, of which ${wholeNumber(modelCount)} models`],
    ];
    for (const [title = '', value] of facts) output.line(`${title.padEnd(9)} ${value}`);
    for (const warning of warnings) output.line(`note      ${warning}`);
    return EXIT.done;
  });
}

/** By id, else by name. @throws AppError `not_found` */
export async function findProject(client: Client, idOrName: string): Promise<Project> {
  try {
    return await client.project(idOrName);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    const { projects } = await client.projects({ limit: '100' });
    const named = projects.find(({ name }) => name === idOrName);
    if (named !== undefined) return named;
    throw new AppError('not_found', `there is no project ${idOrName} (bursar projects list shows all)`);
  }
}
