import { basename } from 'node:path';
import type { ProjectSource } from '../../../domain/project.ts';
import { createDescriptions } from './doc-blocks.ts';
import { codeObjects, type FolderContext } from './folder-objects.ts';
import { createLinks } from './links.ts';
import { type CatalogFile, finishProject } from './project-source.ts';
import { badFile, readText } from './text-file.ts';
import { createWarnings } from './warnings.ts';

/** Reads one `.sql` file as a project of one model; what it reads is not part of the project. */
export async function readSqlFile(
  path: string,
  folderName: string,
  catalog: CatalogFile | undefined,
): Promise<ProjectSource> {
  const shown = basename(path);
  const text = await readText(path, shown);
  if (text.trim() === '') throw badFile(shown, 'is empty');
  const warnings = createWarnings();
  const packageName = folderName.replace(/\W+/g, '_') || 'project';
  const context: FolderContext = {
    packageName,
    adapterType: 'unknown',
    project: undefined,
    describe: createDescriptions(new Map(), warnings),
    warnings,
  };
  const code = [{ path: shown, route: [], text, resource: 'models' as const }];
  const objects = codeObjects({ code, seeds: [], yml: [], ymlTexts: [], docBlocks: new Map() }, context);
  const links = createLinks(objects, warnings);
  for (const { draft, facts } of objects) draft.parents = links.parentsOf(draft, facts);
  const drafts = objects.map((object) => object.draft);
  const source = {
    name: packageName,
    adapterType: 'unknown',
    origin: 'sql file',
    objects: drafts,
    ymlFiles: [],
  };
  return finishProject(source, catalog, warnings);
}
