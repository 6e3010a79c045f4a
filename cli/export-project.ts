import { join } from 'node:path';
import type { Client } from './client/client.ts';
import { readLines } from './client/events.ts';
import { type OutFile, writeOutFolder } from './out-folder.ts';

export interface ExportSummary {
  pages: number;
  patches: number;
  /** Descriptions added to yml files, and those of people that were kept. */
  added: number;
  kept: number;
  skipped: { object: string; column?: string; reason: string }[];
}

interface PatchSummary {
  added: number;
  kept: number;
  skipped: ExportSummary['skipped'];
}

/** Where the patched yml files go below the pages: never into the project itself. */
const PATCH_FOLDER = 'schema-patch';

/** Writes a project's documents as Markdown pages, and its yml files with the missing descriptions added. */
export async function exportProject(
  client: Client,
  projectId: string,
  folder: string,
  state: 'latest' | 'approved',
): Promise<ExportSummary> {
  const [pages, patches] = await Promise.all([
    readExport(client, projectId, 'markdown', state),
    readExport(client, projectId, 'schema-yml', state),
  ]);
  const patched = patches.files.map(({ path, text }) => ({ path: join(PATCH_FOLDER, path), text }));
  writeOutFolder(folder, [...pages.files, ...patched]);
  const { added = 0, kept = 0, skipped = [] } = patches.summary ?? {};
  return { pages: pages.files.length, patches: patched.length, added, kept, skipped };
}

async function readExport(
  client: Client,
  projectId: string,
  format: 'markdown' | 'schema-yml',
  state: 'latest' | 'approved',
): Promise<{ files: OutFile[]; summary?: PatchSummary }> {
  const files: OutFile[] = [];
  let summary: PatchSummary | undefined;
  for await (const line of readLines(await client.exportFiles(projectId, format, state))) {
    if (line === '') continue;
    const parsed = JSON.parse(line) as OutFile | { summary: PatchSummary };
    if ('summary' in parsed) summary = parsed.summary;
    else files.push(parsed);
  }
  return { files, ...(summary === undefined ? {} : { summary }) };
}
