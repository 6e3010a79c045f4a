import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { find } from './find-object.ts';
import { folderWith } from './temporary-folder.ts';

/** The parents of one model among others called a, b and c. */
async function parentsOf(sql: string, more: Record<string, string> = {}): Promise<string[]> {
  const others = { 'models/a.sql': 'select 1', 'models/b.sql': 'select 1', 'models/c.sql': 'select 1' };
  const files = { 'dbt_project.yml': 'name: p', ...others, 'models/under_test.sql': sql, ...more };
  const project = await readProject(await folderWith(files));
  return find(project, 'model.p.under_test').parents.map((id) => id.replace('model.p.', ''));
}

describe('the lineage of a dbt project folder', () => {
  test.each([
    ['both kinds of quotes', `select * from {{ ref('a') }} join {{ ref("b") }}`, ['a', 'b']],
    ['a package', `select * from {{ ref('p', 'a') }}`, ['a']],
    ['spaces and line ends', "select * from {{-\n ref(\n 'a'\n ,  v = 1) -}}", []],
    ['a Jinja comment', "{# {{ ref('a') }} #} select * from {{ ref('b') }}", ['b']],
    ['a line comment with an apostrophe', "-- don't {{ ref('a') }}\nselect * from {{ ref('b') }}", ['b']],
    ['a block comment', "/* {{ ref('a') }}\n*/ select * from {{ ref('b') }}", ['b']],
    ['a comment sign inside a text', "select '--', \"/*\" from {{ ref('a') }}", ['a']],
    ['the comment that dbt reads', "-- depends_on: {{ ref('a') }}\nselect * from {{ ref('b') }}", ['a', 'b']],
    ['a statement', "{% set x = ref('a') %} select * from {{ x }}", ['a']],
    ['a name that only ends in ref', "select * from {{ my_ref('a') }}, {{ ref('b') }}", ['b']],
    ['the same model twice', "select * from {{ ref('a') }} union select * from {{ ref('a') }}", ['a']],
  ])('finds refs: %s', async (_, sql, parents) => {
    expect(await parentsOf(sql)).toEqual(parents);
  });

  test('warns of refs, sources and yml entries that stand for nothing, and goes on', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': 'name: p',
        'models/x.sql':
          "select * from {{ ref('nothing') }}, {{ ref('pkg', 'other') }}, {{ source('s', 't') }}",
        'models/schema.yml': 'models:\n  - name: stray\n',
      }),
    );
    expect(project.warnings).toEqual([
      "models/x.sql: nothing is called ref('nothing').",
      "models/x.sql: nothing is called ref('pkg', 'other').",
      "models/x.sql: no yml file declares source('s', 't').",
      'models/schema.yml describes stray, but no file defines it.',
    ]);
  });

  test('reads versioned models, and a ref without a version means the latest', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': 'name: p',
        'models/dim_v1.sql': 'select 1',
        'models/dim_next.sql': 'select 2',
        'models/latest.sql': "select * from {{ ref('dim') }}",
        'models/first.sql': "select * from {{ ref('dim', v=1) }}",
        'models/dim.yml': 'models:\n  - name: dim\n    versions: [{v: 1}, {v: 2, defined_in: dim_next}]\n',
      }),
    );
    expect(find(project, 'model.p.latest').parents).toEqual(['model.p.dim.v2']);
    expect(find(project, 'model.p.first').parents).toEqual(['model.p.dim.v1']);
    expect(project.warnings).toEqual([]);
  });

  test('keeps circles with a warning, and leaves out a reference to itself', async () => {
    const project = await readProject(
      await folderWith({
        'dbt_project.yml': 'name: p',
        'models/a.sql': "select * from {{ ref('b') }}",
        'models/b.sql': "select * from {{ ref('a') }}",
        'models/own.sql': "select * from {{ ref('own') }}",
      }),
    );
    expect(find(project, 'model.p.a').parents).toEqual(['model.p.b']);
    expect(find(project, 'model.p.own').parents).toEqual([]);
    expect(project.warnings).toEqual([
      'model.p.own refers to itself; the reference is left out.',
      'These objects refer to each other in a circle and are taken together: model.p.a, model.p.b.',
    ]);
  });
});
