import { z } from 'zod';
import type { Column } from '../../../domain/project.ts';
import { artifactOf } from './artifact.ts';
import { parseJson } from './json.ts';
import { badFile, readText } from './text-file.ts';
import { firstProblem } from './yml.ts';

const catalogNode = z.object({
  columns: z
    .record(
      z.string(),
      z.object({ name: z.string(), type: z.string().nullish(), index: z.number().nullish() }),
    )
    .nullish(),
});

/** Columns with their types as the database has them, in its order, by unique id of the object. */
export type Catalog = Map<string, { name: string; type?: string }[]>;

/**
 * Reads a dbt `catalog.json`.
 * @throws AppError `invalid_input` where it is something else (a manifest is called one) or a field has a
 * wrong type
 */
export async function readCatalog(path: string, shown: string): Promise<Catalog> {
  const artifact = artifactOf(parseJson(await readText(path, shown), shown), shown);
  if (artifact.kind !== 'catalog') {
    const swapped = artifact.kind === 'manifest' ? '; were the manifest and the catalog swapped?' : '';
    throw badFile(shown, `is a dbt ${artifact.kind}, not a catalog${swapped}`);
  }
  const catalog: Catalog = new Map();
  for (const part of ['nodes', 'sources'] as const) {
    const nodes = artifact.content[part] ?? {};
    if (typeof nodes !== 'object' || Array.isArray(nodes)) throw badFile(shown, `${part}: expected object`);
    for (const [id, value] of Object.entries(nodes)) {
      const node = catalogNode.safeParse(value);
      if (!node.success) throw badFile(shown, firstProblem(node.error, [part, id]));
      catalog.set(id, catalogColumns(node.data));
    }
  }
  return catalog;
}

function catalogColumns(node: z.infer<typeof catalogNode>): { name: string; type?: string }[] {
  return Object.values(node.columns ?? {})
    .sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
    .map(({ name, type }) => (type ? { name, type } : { name }));
}

/**
 * Columns with the catalog's types, matched without regard to case (databases change it); columns that only
 * the catalog knows follow, as not declared.
 */
export function mergeColumns(columns: Column[], known: { name: string; type?: string }[]): Column[] {
  const byName = new Map(known.map((column) => [column.name.toLowerCase(), column]));
  const merged = columns.map((column) => {
    const type = byName.get(column.name.toLowerCase())?.type;
    return type === undefined ? column : { ...column, type };
  });
  const declared = new Set(columns.map((column) => column.name.toLowerCase()));
  const rest = known.filter((column) => !declared.has(column.name.toLowerCase()));
  return [...merged, ...rest.map((column) => ({ ...column, description: '', tests: [], declared: false }))];
}
