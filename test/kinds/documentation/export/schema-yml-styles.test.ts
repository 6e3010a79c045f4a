import fc from 'fast-check';
import { parse } from 'yaml';
import { patchSchemaYml } from '../../../../kinds/documentation/export/schema-yml.ts';
import { type GeneratedYml, generatedYml, originalForm } from './generated-yml.ts';
import { documented, projectObject } from './objects.ts';

const ADDED = ['zz_one', 'zz_two'];

test('in any style of writing, what was there stays to the byte and what was missing is added', () => {
  fc.assert(
    fc.property(generatedYml, fc.boolean(), (yml, hasLines) => {
      const textOf = textsOf(yml, hasLines);
      const result = patch(yml, yml.text, textOf);
      expect(result.skipped).toEqual([]);
      expect(parse(result.text)).toEqual(yml.expected(textOf, ADDED));
      expect(withoutAdditions(result.text)).toBe(yml.text);
      const again = patch(yml, result.text, textOf);
      expect(again.text).toBe(result.text);
      expect(again.added).toBe(0);
    }),
    { numRuns: 300 },
  );
});

/** Texts that say which form they replaced, so that the test can take them out again. Of models: one line. */
function textsOf(yml: GeneratedYml, hasLines: boolean): (model: string, column: string) => string {
  return (model, column) => {
    const form = yml.missing.get(model)?.get(column) ?? 'column';
    return hasLines && column !== '' ? `<${form}\n\nlast>` : `<${form}>`;
  };
}

function patch(yml: GeneratedYml, text: string, textOf: (model: string, column: string) => string) {
  const documents = [...yml.missing].map(([name, columns]) => {
    const names = [...columns.keys(), ...ADDED].filter((column) => column !== '');
    const texts = Object.fromEntries(names.map((column) => [column, textOf(name, column)]));
    return documented(projectObject(name), textOf(name, ''), texts);
  });
  const { files, skipped } = patchSchemaYml(
    [{ path: 'a.yml', text }],
    documents,
    documents.map((each) => each.object),
  );
  expect(files).toHaveLength(1);
  return { text: files[0]?.text ?? '', added: files[0]?.added, skipped };
}

const BREAK = '\\r?\\n';
const scalar = (form: string) =>
  `(?:"<(?:${form})(?:\\\\n\\\\nlast)?>"|\\|-${BREAK} +<(?:${form})${BREAK}${BREAK} +last>)`;
const one = (form: string) => new RegExp(form, 'g');

/** The generated files end an empty `columns: ` with a space, so that one without it is an addition. */
function withoutAdditions(text: string): string {
  const added = `name: zz_\\w+`;
  const flowItem = `\\{${added}, description: ${scalar('column')}\\}`;
  const blockItem = ` *- +${added}${BREAK} +description: ${scalar('column')}`;
  return text
    .replace(one(`, columns: \\[${flowItem}, ${flowItem}\\]`), '')
    .replace(one(`${BREAK} *columns: \\[${flowItem}, ${flowItem}\\]`), '')
    .replace(one(`, ${flowItem}`), '')
    .replace(one(flowItem), '')
    .replace(one(`${BREAK} *columns:(?=${BREAK}${blockItem})`), '')
    .replace(one(`(?:${BREAK})?${BREAK}${blockItem}`), '')
    .replace(one(`, description: ${scalar('flowNone')}`), '')
    .replace(one(`${BREAK} *description: ${scalar('none')}`), '')
    .replace(one(` ${scalar('bare|double|single|tilde|word')}`), (whole) =>
      originalForm(/<(\w+)/.exec(whole)?.[1] ?? ''),
    );
}
