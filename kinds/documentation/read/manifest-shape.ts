import { z } from 'zod';
import { kindOf } from './artifact.ts';
import { badFile } from './text-file.ts';
import { firstProblem } from './yml.ts';

const text = z.string().nullish();
const tags = z.union([z.string().transform((tag) => [tag]), z.array(z.string())]).nullish();
const dependsOn = z.object({ nodes: z.array(z.string()).nullish() }).nullish();

const node = z.object({
  unique_id: z.string(),
  name: z.string().min(1),
  resource_type: z.string(),
  package_name: z.string(),
  path: text,
  original_file_path: text,
  patch_path: text,
  database: text,
  schema: text,
  alias: text,
  identifier: text,
  description: text,
  columns: z.record(z.string(), z.object({ name: z.string(), description: text, data_type: text })).nullish(),
  config: z.object({ materialized: text, tags }).nullish(),
  tags,
  // `…_sql` up to schema v6, `…_code` from v7.
  raw_sql: text,
  raw_code: text,
  compiled_sql: text,
  compiled_code: text,
  depends_on: dependsOn,
  source_name: text,
});

const test = z.object({
  unique_id: z.string(),
  name: z.string(),
  column_name: text,
  // From schema v9; before that the tested object is found over `test_metadata` and `file_key_name`.
  attached_node: text,
  file_key_name: text,
  test_metadata: z
    .object({ name: z.string(), namespace: text, kwargs: z.record(z.string(), z.unknown()).nullish() })
    .nullish(),
  depends_on: dependsOn,
});

export type ManifestNode = z.infer<typeof node>;
export type ManifestTest = z.infer<typeof test>;

/** The nodes that Bursar works with, in the manifest's order. */
interface ManifestNodes {
  /** Models, seeds, snapshots and sources. */
  objects: ManifestNode[];
  tests: ManifestTest[];
}

const OBJECT_TYPES = new Set(['model', 'seed', 'snapshot', 'source']);

/**
 * Checks the types of every field that is used, and of no other: dbt adds fields in each release.
 * @throws AppError `invalid_input` with the path of the first field that is wrong
 */
export function parseNodes(content: Record<string, unknown>, shown: string): ManifestNodes {
  const result: ManifestNodes = { objects: [], tests: [] };
  for (const [id, value] of [
    ...entriesOf(content, 'nodes', shown),
    ...entriesOf(content, 'sources', shown),
  ]) {
    const type = (value as { resource_type?: unknown } | null)?.resource_type;
    if (typeof type !== 'string')
      throw badFile(shown, `${id}.resource_type: expected string, found ${kindOf(type)}`);
    if (type === 'test') result.tests.push(check(test, value, id, shown));
    else if (OBJECT_TYPES.has(type)) result.objects.push(check(node, value, id, shown));
  }
  return result;
}

function entriesOf(content: Record<string, unknown>, part: 'nodes' | 'sources', shown: string) {
  const nodes = content[part];
  // Schema v1 has `sources` too, but a project without any may lack it; without `nodes` there is nothing to
  // do.
  if (nodes === undefined && part === 'sources') return [];
  if (typeof nodes !== 'object' || nodes === null || Array.isArray(nodes)) {
    throw badFile(shown, `${part}: expected an object keyed by unique id, found ${kindOf(nodes)}`);
  }
  return Object.entries(nodes).map(([id, value]) => [`${part}.${id}`, value] as const);
}

function check<T>(schema: z.ZodType<T>, value: unknown, id: string, shown: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badFile(shown, firstProblem(parsed.error, [id]));
}
