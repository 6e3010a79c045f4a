import { AppError } from '../../../../domain/errors.ts';
import { readProject } from '../../../../kinds/documentation/read/project.ts';

export const schema = (kind: string, version: number) =>
  `https://schemas.getdbt.com/dbt/${kind}/v${version}.json`;
export const metadata = { dbt_schema_version: schema('manifest', 12) };
export const model = {
  unique_id: 'model.p.a',
  name: 'a',
  resource_type: 'model',
  package_name: 'p',
  original_file_path: 'models/a.sql',
};
export const manifest = (nodes: unknown, more: object = {}) =>
  JSON.stringify({ metadata, nodes, sources: {}, ...more });
export const withModel = (change: object) => manifest({ 'model.p.a': { ...model, ...change } });

/** The error that reading gives, as people see it. */
export async function problemOf(path: string, catalogPath?: string): Promise<AppError> {
  const error = await readProject(path, catalogPath === undefined ? {} : { catalogPath }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${error}`);
}
