import type { Column } from '../../../domain/project.ts';
import type { Describe } from './doc-blocks.ts';
import { testNameOfEntry } from './test-names.ts';
import type { YmlColumn, YmlNode } from './yml.ts';

/** The columns that a yml entry declares; as in dbt, the last counts where one is listed twice. */
export function declaredColumns(entry: YmlNode | undefined, describe: Describe): Column[] {
  const columns = new Map<string, Column>();
  for (const column of entry?.columns ?? []) {
    const key = column.name.toLowerCase();
    const earlier = columns.get(key)?.tests ?? [];
    columns.set(key, {
      name: column.name,
      ...(column.data_type ? { type: column.data_type } : {}),
      description: describe(column.description),
      tests: [...new Set([...earlier, ...testsOf(column)])],
      declared: true,
    });
  }
  return [...columns.values()];
}

/** The tests of an entry or column, under `tests:` or, from dbt 1.8, `data_tests:`. */
export function testsOf(entry: Pick<YmlColumn, 'tests' | 'data_tests'> | undefined): string[] {
  const written = [...(entry?.tests ?? []), ...(entry?.data_tests ?? [])];
  return [...new Set(written.map(testNameOfEntry).filter((name) => name !== undefined))];
}
