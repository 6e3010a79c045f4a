import { badFile } from './text-file.ts';

/** A JSON file that dbt wrote: `manifest`, `catalog`, `run-results`, …, with the version of its schema. */
interface Artifact {
  kind: string;
  version: number;
  content: Record<string, unknown>;
}

const SCHEMA = /\/dbt\/([a-z_-]+)\/v(\d+)(?:\.json)?$/;

/**
 * Tells by `metadata.dbt_schema_version` what a JSON file is.
 * @throws AppError `invalid_input` where dbt did not write it
 */
export function artifactOf(content: unknown, shown: string): Artifact {
  if (!isRecord(content))
    throw badFile(shown, `is not a dbt manifest: expected an object, found ${kindOf(content)}`);
  const metadata = content.metadata;
  if (!isRecord(metadata)) {
    throw badFile(
      shown,
      'is not a dbt manifest: metadata is missing (give the target/manifest.json that dbt writes)',
    );
  }
  const schema = metadata.dbt_schema_version;
  if (typeof schema !== 'string') {
    throw badFile(shown, `is not a dbt manifest: metadata.dbt_schema_version is ${kindOf(schema)}`);
  }
  const [, kind, version] = SCHEMA.exec(schema) ?? [];
  if (kind === undefined) {
    throw badFile(shown, `is not a dbt manifest: metadata.dbt_schema_version is "${schema.slice(0, 100)}"`);
  }
  return { kind, version: Number(version), content };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type of a JSON value, for people. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
