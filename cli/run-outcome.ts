import type { Client, Run, RunDocument, RunErrors, RunItem } from './client/client.ts';

/** What came out of a run, gathered from its parts. */
export interface RunOutcome {
  items: RunItem[];
  /** Of the run's objects: those written in it, and those that are still fresh from before. */
  documents: RunDocument[];
  columnsDescribed: number;
  drift: { object: string; column?: string; kind: string; message: string }[];
  errors: RunErrors['groups'];
}

export async function collectOutcome(client: Client, run: Run): Promise<RunOutcome> {
  const [items, written, errors] = await Promise.all([
    client.allItems(run.id),
    client.allRunDocuments(run.id),
    run.progress.failed > 0 ? client.runErrors(run.id).then(({ groups }) => groups) : [],
  ]);
  const kept = run.progress.reused > 0 ? await freshDocuments(client, run, items) : [];
  const documents = [...written, ...kept];
  return {
    items,
    documents,
    columnsDescribed: documents.reduce((sum, document) => sum + columnsOf(document), 0),
    drift: documents.flatMap(({ name, drift }) =>
      drift.map((entry) => ({ object: name, ...withoutUndefined(entry) })),
    ),
    errors,
  };
}

export function columnsOf(document: RunDocument): number {
  return Object.keys(document.content.columns ?? {}).length;
}

/** The newest valid document of each object that the run took over as it was. */
async function freshDocuments(client: Client, run: Run, items: RunItem[]): Promise<RunDocument[]> {
  const reused = new Set(items.filter(({ state }) => state === 'reused').map(({ key }) => key));
  const projectId = String(run.input.projectId);
  const [proposed, approved] = await Promise.all([
    client.allDocuments(projectId, 'proposed'),
    client.allDocuments(projectId, 'approved'),
  ]);
  const newest = new Map<string, RunDocument>();
  for (const document of [...approved, ...proposed]) {
    if (!reused.has(document.object)) continue;
    if ((newest.get(document.object)?.version ?? 0) < document.version) newest.set(document.object, document);
  }
  return [...newest.values()];
}

function withoutUndefined<T extends { column?: string | undefined }>({ column, ...rest }: T) {
  return { ...(column === undefined ? {} : { column }), ...rest };
}
