import { type JinjaValue, lookUpValue } from './jinja-values.ts';

/** `{{ … }}` as SQL; `unfilled` where only dbt knows what comes of it. */
export interface FilledExpression {
  sql: string;
  unfilled?: string;
}

/** The name that `ref('x')`, `ref('package', 'x')` or `source('s', 't')` means. */
export function refName(text: string): string | undefined {
  const found = /^\s*(ref|source)\s*\(([^)]*)\)/.exec(text);
  if (found?.[2] === undefined) return undefined;
  const names = [...found[2].matchAll(/(?:(\w+)\s*=\s*)?(['"])(.*?)\2/g)].filter(
    (name) => !isVersion(name[1]),
  );
  return names.at(-1)?.[3];
}

const isVersion = (argument: string | undefined): boolean => argument === 'v' || argument === 'version';

const CALL = /^([\w.]+)\s*\(([\s\S]*)\)\s*(\|[\s\S]*)?$/;

/** The SQL for what stands between `{{` and `}}`. */
export function jinjaExpression(text: string, scope: ReadonlyMap<string, JinjaValue>): FilledExpression {
  const name = refName(text);
  if (name !== undefined) return { sql: /^[\w$]+$/.test(name) ? name : `"${name}"` };
  if (/^config\s*\(/.test(text)) return { sql: '' };
  if (text === 'this') return { sql: 'this' };
  const call = CALL.exec(text);
  if (call?.[1] === undefined) return { sql: placeholder(text), unfilled: `\`${text.slice(0, 80)}\`` };
  const macro = call[1].split('.').at(-1) ?? call[1];
  if (macro === 'star') return { sql: '*', unfilled: `the columns of \`${macro}\`` };
  if (macro === 'return' || macro === 'log' || macro === 'print') return { sql: '' };
  const values = (call[2] ?? '').trim();
  if (macro === 'var' || macro === 'env_var') {
    return {
      sql: placeholder(/['"](.*?)['"]/.exec(values)?.[1] ?? macro),
      unfilled: `the variable ${values}`,
    };
  }
  if (writesQuery(macro)) {
    return { sql: `select * from ${macro}()`, unfilled: `the query that the macro \`${macro}\` writes` };
  }
  return { sql: `${macro}(${argumentsAsSql(values, scope)})`, unfilled: `the macro \`${macro}\`` };
}

function writesQuery(macro: string): boolean {
  return /^(date_spine|union_relations|deduplicate|pivot_query|unpivot|get_.*relation.*)$/.test(macro);
}

/** The first name in it: what it mostly stands for, as in `'status' if … else 'state'`. */
function placeholder(text: string): string {
  return /[A-Za-z_]\w*/.exec(text)?.[0] ?? 'template_value';
}

/** Texts that are names or simple SQL become columns; lists are flattened; the rest stays text. */
function argumentsAsSql(values: string, scope: ReadonlyMap<string, JinjaValue>): string {
  return splitArguments(values)
    .map((value) => value.replace(/^\w+\s*=(?!=)\s*/, ''))
    .flatMap((value) => flatten(lookUpValue(value, scope) ?? refName(value) ?? placeholder(value)))
    .map((value) =>
      /^[A-Za-z_][\w.]*$|\(.*\)/.test(value) || /^-?[\d.]+$/.test(value) ? value : `'${value}'`,
    )
    .join(', ');
}

function flatten(value: JinjaValue): string[] {
  if (typeof value === 'string') return [value.replaceAll("'", '')];
  return Object.values(value).flatMap((one: JinjaValue) => flatten(one));
}

function splitArguments(values: string): string[] {
  const parts: string[] = [];
  let [depth, quote, part] = [0, '', ''];
  for (const letter of values) {
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if ('([{'.includes(letter)) depth += 1;
    else if (')]}'.includes(letter)) depth -= 1;
    if (letter === ',' && depth === 0 && quote === '') {
      parts.push(part.trim());
      part = '';
    } else part += letter;
  }
  return part.trim() === '' ? parts : [...parts, part.trim()];
}
