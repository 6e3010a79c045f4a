/** A JSON schema as far as the API uses it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: (string | null)[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: boolean | Schema;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

/** The request's body: a link where it has a name, else its fields. */
export function bodyLines(type: string, schema: Schema, required: boolean): string[] {
  const name = type === 'application/json' ? 'JSON' : `\`${type}\``;
  const form = required ? name : `${name}, may be left out`;
  if (schema.$ref !== undefined) return [`Body: ${form}, ${schemaLink(schema)}.`, ''];
  return [`Body: ${form}.`, '', ...fieldRows(schema), ''];
}

/** A table of the fields, nested ones with their path. */
export function fieldRows(schema: Schema): string[] {
  const rows = fieldsOf(schema, '').map(({ path, optional, field }) => {
    const { type, notes } = describeField(field);
    return [`\`${path}\`${optional ? '?' : ''}`, type, notes];
  });
  return tableLines(['field', 'type', 'notes'], rows);
}

/** A Markdown table whose columns are padded, as the formatter wants them. */
export function tableLines(titles: string[], rows: string[][]): string[] {
  const widths = titles.map((title, at) =>
    Math.max(3, ...[title, ...rows.map((row) => row[at] ?? '')].map(widthOf)),
  );
  const line = (cells: string[]) =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function widthOf(text: string): number {
  return [...text].length;
}

interface Field {
  path: string;
  optional: boolean;
  field: Schema;
}

/** Depth first; an object's own fields follow it, those of a list's objects as `name[].field`. */
function fieldsOf(schema: Schema, prefix: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const optional = !(schema.required ?? []).includes(name);
    const inner = field.items?.properties === undefined ? field : field.items;
    const below = fieldsOf(inner, field.items === inner ? `${path}[].` : `${path}.`);
    return [{ path, optional, field }, ...below];
  });
}

/** A schema in words: a link to a named one, `list of …`, or what its fields are. */
export function schemaLink(schema: Schema): string {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  if (schema.properties === undefined) return describeField(schema).type;
  const fields = Object.entries(schema.properties).map(([field, value]) => {
    const of = value.items?.$ref ?? value.$ref;
    const many = value.items === undefined ? '' : 'list of ';
    return of === undefined ? `\`${field}\`` : `\`${field}\` (${many}${schemaLink({ $ref: of })})`;
  });
  return `{ ${fields.join(', ')} }`;
}

/** Type and limits of a field, as two cells of a table. */
export function describeField(schema: Schema): { type: string; notes: string } {
  return { type: typeOf(schema), notes: notesOf(schema).join('; ') };
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schemaLink(schema);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  const types = [schema.type ?? 'any'].flat().filter((type) => type !== 'null');
  const names = types.map((type) => (schema.format === 'date-time' ? 'time' : type));
  const type = schema.format === 'binary' ? 'file' : names.join(' or ');
  return isNullable(schema) ? `${type} or null` : type;
}

/** Values of a query are texts that are turned into numbers: never null, whatever the schema says. */
function isNullable({ type, minimum }: Schema): boolean {
  return [type].flat().includes('null') && minimum === undefined;
}

function notesOf(schema: Schema): string[] {
  const values = (schema.items ?? schema).enum?.filter((value) => value !== null) ?? [];
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const simple = ['string', 'number', 'boolean'].includes(typeof schema.default);
  return [
    ...(values.length === 0 ? [] : [values.map((value) => `\`${value}\``).join(' ')]),
    ...range('', minimum, isBound(maximum)),
    ...range('characters', minLength, maxLength),
    ...range('entries', minItems, maxItems),
    ...(simple ? [`default \`${schema.default}\``] : []),
  ];
}

/** The largest safe integer stands for "no limit". */
function isBound(value: number | undefined): number | undefined {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}

function range(unit: string, least: number | undefined, most: number | undefined): string[] {
  const bound = isBound(least);
  const text =
    bound !== undefined && most !== undefined
      ? `${bound} to ${most}`
      : most !== undefined
        ? `at most ${most}`
        : bound !== undefined
          ? `${bound} or more`
          : '';
  return text === '' ? [] : [`${text} ${unit}`.trim()];
}
