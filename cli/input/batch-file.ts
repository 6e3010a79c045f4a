import { invalidInput } from '../../domain/errors.ts';
import type { NewBatch } from '../client/batches.ts';

/** What the API takes in one request. */
export const BATCH_FILE_BYTES = 8 * 1024 * 1024;

type Fields = Record<string, unknown>;

/** What a file says; the API checks what is in it. */
export type BatchFile = NewBatch;

/**
 * Reads a batch from text: YAML (of which JSON is a part), or lines of JSON with a run each, of which the
 * first may say `defaults`, `variables` and the like for all.
 * @throws AppError `invalid_input` naming the file and the line.
 */
export async function parseBatch(text: string, file: string): Promise<BatchFile> {
  const body = text.replace(/^\uFEFF/, '');
  const batch = /\.(jsonl|ndjson)$/i.test(file) ? fromLines(body, file) : await fromYaml(body, file);
  if (!Array.isArray(batch.runs) || batch.runs.length === 0)
    throw invalidInput(`${file} has no runs: right would be a list \`runs\`, each with an externalId`);
  return batch as BatchFile;
}

async function fromYaml(text: string, file: string): Promise<Fields> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw invalidInput(`${file} is no YAML: ${error.message.split('\n')[0]}`);
  const value: unknown = document.toJS();
  if (isFields(value)) return value;
  throw invalidInput(`${file} is no batch: right would be fields like defaults, variables and runs`);
}

function fromLines(text: string, file: string): Fields {
  const rows = text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [readLine(line, index, file)]));
  const [first] = rows;
  const heads = first !== undefined && !('externalId' in first);
  return heads ? { ...first, runs: rows.slice(1) } : { runs: rows };
}

function readLine(line: string, index: number, file: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalidInput(`${file}, line ${index + 1}: is no JSON`);
  }
  if (isFields(value)) return value;
  throw invalidInput(`${file}, line ${index + 1}: is no run; right would be {"externalId": …}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
