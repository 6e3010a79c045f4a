import { isMap, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { badFile } from './text-file.ts';

/** People write `name: 2024` and `description: yes`; both are meant as text. */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const optionalText = text.nullish().transform((value) => value ?? '');
const tags = z.union([text.transform((tag) => [tag]), z.array(text)]).nullish();
const tests = z.array(z.union([z.string(), z.record(z.string(), z.unknown())])).nullish();
const config = z
  .object({ materialized: z.string().nullish(), tags, enabled: z.union([z.boolean(), z.string()]).nullish() })
  .nullish();

const column = z.object({
  name: text,
  description: optionalText,
  data_type: text.nullish(),
  tests,
  data_tests: tests,
});

const version = z.object({ v: text, defined_in: text.nullish(), columns: z.array(z.unknown()).nullish() });

const node = z.object({
  name: text,
  description: optionalText,
  columns: z.array(column).nullish(),
  tests,
  data_tests: tests,
  config,
  tags,
  versions: z.array(version).nullish(),
  latest_version: text.nullish(),
  relation: z.string().nullish(),
});

const table = node.extend({ identifier: text.nullish() });

const source = z.object({
  name: text,
  database: text.nullish(),
  schema: text.nullish(),
  tags,
  config,
  tables: z.array(table).nullish(),
});

const file = z.object({
  models: z.array(node).nullish(),
  seeds: z.array(node).nullish(),
  snapshots: z.array(node).nullish(),
  sources: z.array(source).nullish(),
});

export type YmlColumn = z.infer<typeof column>;
export type YmlNode = z.infer<typeof node>;
export type YmlSource = z.infer<typeof source>;

/** A yml file that describes objects; empty lists where a part is missing. */
export interface YmlFile {
  path: string;
  models: YmlNode[];
  seeds: YmlNode[];
  snapshots: YmlNode[];
  sources: YmlSource[];
}

/**
 * What a yml file says of models, seeds, snapshots and sources; undefined where it says nothing of them.
 * @throws AppError `invalid_input` with file and line where it is not yml, or a field has the wrong type
 */
export function parseYmlFile(content: string, path: string): YmlFile | undefined {
  const { data, lineOf } = parseYml(content, path);
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const parsed = file.safeParse(data);
  if (!parsed.success) {
    const line = lineOf(parsed.error.issues[0]?.path ?? []);
    throw badFile(path, `line ${line}: ${firstProblem(parsed.error)}`);
  }
  const { models, seeds, snapshots, sources } = parsed.data;
  if (!models && !seeds && !snapshots && !sources) return undefined;
  return {
    path,
    models: models ?? [],
    seeds: seeds ?? [],
    snapshots: snapshots ?? [],
    sources: sources ?? [],
  };
}

/**
 * Any yml document as plain data, and the line (from 1) of a path in it.
 * @throws AppError `invalid_input` with file and line where it is not yml: tabs, duplicate keys, several
 * documents
 */
export function parseYml(content: string, path: string) {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const fault = document.errors[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    throw badFile(path, `line ${line}, column ${col}: is not valid yml: ${sentence(fault.message)}`);
  }
  const lineOf = (route: PropertyKey[]): number => {
    let current: unknown = document.contents;
    let offset = 0;
    for (const step of route) {
      if (!isMap(current) && !isSeq(current)) break;
      current = current.get(step as string, true);
      const range = (current as { range?: [number, number, number] } | undefined)?.range;
      if (range !== undefined) offset = range[0];
    }
    return lines.linePos(offset).line;
  };
  try {
    return { data: document.toJS() as unknown, lineOf };
  } catch (error) {
    // The library's guard against aliases that multiply ("billion laughs").
    throw badFile(path, `is not valid yml: ${sentence((error as Error).message)}`);
  }
}

/**
 * The first problem that zod found, in words, with the path of the field: `models.0.columns: expected array,
 * …`.
 */
export function firstProblem(error: z.ZodError, at: string[] = []): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is not valid';
  const found = issue.code === 'invalid_union' ? issue.errors[0]?.[0]?.message : undefined;
  const problem = (found ?? issue.message).replace(/^Invalid input: /, '').replace('received', 'found');
  const field = [...at, ...issue.path.map(String)].join('.');
  return field === '' ? problem : `${field}: ${problem}`;
}

function sentence(message: string): string {
  const first = message.split('\n')[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1);
}
