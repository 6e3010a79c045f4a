import fc from 'fast-check';

/** How a description stands in a generated file. Those in EMPTY and `none` are to be filled. */
const EMPTY = { bare: '', double: ' ""', single: " ''", tilde: ' ~', word: ' null' } as const;
const HUMAN = {
  plain: " a b's",
  quoted: ' "x: \\"y\\" # z"',
  doc: ` '{{ doc("x") }}'`,
  literal: ' |\n>>one\n\n>>two # no comment',
  folded: ' >-\n>>one\n>>two',
  continued: ' one\n>>two',
} as const;

type Kind = 'none' | keyof typeof EMPTY | keyof typeof HUMAN;

interface Part {
  kind: Kind;
  quotes: '' | '"' | "'";
  testsFirst: boolean;
  hasTests: boolean;
}

interface Model extends Part {
  columns: Part[];
  columnStyle: 'block' | 'spaced' | 'flowItems' | 'flow' | 'null' | 'emptyFlow' | 'none';
  columnsFirst: boolean;
  isFlow: boolean;
}

export interface GeneratedYml {
  text: string;
  /** What stands where, by model and column name: the form of a description that is missing, or undefined. */
  missing: Map<string, Map<string, string>>;
  /** The values after the patch, with `textOf(model, column)` for every description that was missing. */
  expected: (textOf: (model: string, column: string) => string, added: string[]) => unknown;
}

const part = {
  kind: fc.constantFrom<Kind>(
    'none',
    'none',
    'bare',
    'double',
    'single',
    'tilde',
    'word',
    ...(Object.keys(HUMAN) as Kind[]),
  ),
  quotes: fc.constantFrom<Part['quotes']>('', '"', "'"),
  testsFirst: fc.boolean(),
  hasTests: fc.boolean(),
};

const model: fc.Arbitrary<Model> = fc.record({
  ...part,
  columns: fc.array(fc.record(part), { maxLength: 3 }),
  columnStyle: fc.constantFrom('block', 'block', 'spaced', 'flowItems', 'flow', 'null', 'emptyFlow', 'none'),
  columnsFirst: fc.boolean(),
  isFlow: fc.integer({ max: 5, min: 0 }).map((number) => number === 0),
});

/** A file of models in one style out of many; comments between lines come from `comments`. */
export const generatedYml: fc.Arbitrary<GeneratedYml> = fc
  .record({
    models: fc.array(model, { minLength: 1, maxLength: 4 }),
    eol: fc.constantFrom('\n', '\r\n'),
    listOffset: fc.constantFrom(0, 2, 4),
    gap: fc.constantFrom(2, 4),
    comments: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 40 }),
    endsWithNewline: fc.boolean(),
    hasByteOrderMark: fc.boolean(),
    tail: fc.boolean(),
  })
  .map(({ models, ...style }) => {
    const file = new Writer(style.listOffset, style.gap, style.comments);
    file.line(0, 'version: 2');
    file.line(0, 'models:');
    const missing = new Map<string, Map<string, string>>();
    models.forEach((each, index) => {
      missing.set(`m${index}`, writeModel(file, `m${index}`, each));
    });
    if (style.tail) file.line(0, 'exposures: [{name: m0, description: ""}]');
    const text = file.lines.join('\n') + (style.endsWithNewline || endsInBlock(file) ? '\n' : '');
    return {
      text: (style.hasByteOrderMark ? '\ufeff' : '') + text.replaceAll('\n', style.eol),
      missing,
      expected: (textOf, added) => expectedTree(models, style.tail, textOf, added),
    };
  });

class Writer {
  readonly lines: string[] = [];
  private readonly comments: number[];
  readonly offset: number;
  readonly gap: number;

  constructor(offset: number, gap: number, comments: number[]) {
    this.offset = offset;
    this.gap = gap;
    this.comments = comments;
  }

  /** A line at a column, perhaps with a comment above it or behind it. */
  line(column: number, text: string, mayHaveComment = true): void {
    const choice = this.comments[this.lines.length % this.comments.length] ?? 9;
    if (choice === 0) this.lines.push(`${' '.repeat(column)}# note: "of" {{ people }}`);
    if (choice === 1) this.lines.push('# far left', '');
    const isOneLine = !text.includes('\n') && mayHaveComment;
    const full = `${' '.repeat(column)}${text.replaceAll('>>', ' '.repeat(column + 6))}`;
    this.lines.push(choice === 2 && isOneLine ? `${full}  # behind` : full);
  }
}

/** Behind a literal block without a line end nothing can be added without adding one to the text. */
function endsInBlock(file: Writer): boolean {
  return file.lines.at(-1)?.endsWith('# no comment') ?? false;
}

function writeModel(file: Writer, name: string, each: Model): Map<string, string> {
  const dash = file.offset;
  const keys = dash + file.gap;
  const missing = new Map<string, string>();
  note(missing, '', each.kind, each.isFlow);
  const columns = hasColumns(each) ? each.columns : [];
  const inFlow = each.isFlow || each.columnStyle === 'flow';
  columns.forEach((column, index) => {
    note(missing, `c${index}`, column.kind, inFlow || each.columnStyle === 'flowItems');
  });
  if (each.isFlow) {
    const list = each.columnStyle === 'none' ? '' : `, columns: ${flowList(columns)}`;
    file.line(dash, `-${' '.repeat(file.gap - 1)}{${flowPart(name, each)}${list}}`, false);
    return missing;
  }
  file.line(dash, `-${' '.repeat(file.gap - 1)}name: ${each.quotes}${name}${each.quotes}`);
  if (each.columnsFirst) writeColumns(file, keys, each);
  writeRest(file, keys, each);
  if (!each.columnsFirst) writeColumns(file, keys, each);
  return missing;
}

function writeRest(file: Writer, column: number, each: Part): void {
  if (each.hasTests && each.testsFirst) file.line(column, 'tests: [unique]');
  if (each.kind !== 'none') file.line(column, `description:${blockText(each.kind)}`);
  if (each.hasTests && !each.testsFirst) {
    file.line(column, 'tests:');
    file.line(column + 2, '- not_null');
  }
}

function writeColumns(file: Writer, keys: number, each: Model): void {
  if (each.columnStyle === 'none') return;
  const isBlock =
    each.columnStyle === 'block' || each.columnStyle === 'spaced' || each.columnStyle === 'flowItems';
  if (!isBlock || each.columns.length === 0) {
    const list = each.columnStyle === 'flow' ? each.columns : [];
    file.line(keys, each.columnStyle === 'null' ? 'columns: ' : `columns: ${flowList(list)}`);
    return;
  }
  file.line(keys, 'columns:');
  const dash = keys + file.offset;
  for (const [index, column] of each.columns.entries()) {
    const start = `-${' '.repeat(file.gap - 1)}`;
    if (index > 0 && each.columnStyle === 'spaced') file.lines.push('');
    if (each.columnStyle === 'flowItems') file.line(dash, start + flowColumn(column, index), false);
    else {
      file.line(dash, `${start}name: ${column.quotes}c${index}${column.quotes}`);
      writeRest(file, dash + file.gap, column);
    }
  }
}

function hasColumns(each: Model): boolean {
  return (
    ['block', 'spaced', 'flowItems', 'flow'].includes(each.columnStyle) ||
    (each.isFlow && each.columnStyle !== 'none')
  );
}

/** An empty one holds a space, so that a test can tell it from a list that was added. */
function flowList(columns: Part[]): string {
  return columns.length === 0 ? '[ ]' : `[${columns.map(flowColumn).join(', ')}]`;
}

function flowColumn(column: Part, index: number): string {
  return `{${flowPart(`c${index}`, column)}}`;
}

function flowPart(name: string, { kind, quotes, hasTests }: Part): string {
  const text =
    kind === 'none' ? '' : `, description:${kind in EMPTY ? EMPTY[kind as keyof typeof EMPTY] : ' "human"'}`;
  return `name: ${quotes}${name}${quotes}${text}${hasTests ? ', tests: [unique]' : ''}`;
}

function blockText(kind: Exclude<Kind, 'none'>): string {
  return kind in EMPTY ? EMPTY[kind as keyof typeof EMPTY] : HUMAN[kind as keyof typeof HUMAN];
}

function note(missing: Map<string, string>, name: string, kind: Kind, isFlow: boolean): void {
  if (kind === 'none') missing.set(name, isFlow ? 'flowNone' : 'none');
  else if (kind in EMPTY) missing.set(name, kind);
}

const READ: Record<keyof typeof HUMAN, string> = {
  plain: "a b's",
  quoted: 'x: "y" # z',
  doc: '{{ doc("x") }}',
  literal: 'one\n\ntwo # no comment\n',
  folded: 'one two',
  continued: 'one two',
};

function expectedTree(
  models: Model[],
  tail: boolean,
  textOf: (model: string, column: string) => string,
  added: string[],
): unknown {
  const entry = (name: string, each: Part, inFlow: boolean, text: string) => ({
    name,
    description: isMissing(each.kind) ? text : inFlow ? 'human' : READ[each.kind as keyof typeof HUMAN],
    ...(each.hasTests ? { tests: [inFlow || each.testsFirst ? 'unique' : 'not_null'] } : {}),
  });
  return {
    version: 2,
    models: models.map((each, index) => {
      const name = `m${index}`;
      const inFlow = each.isFlow || ['flow', 'flowItems'].includes(each.columnStyle);
      const columns = hasColumns(each) ? each.columns : [];
      return {
        ...entry(name, each, each.isFlow, textOf(name, '')),
        columns: [
          ...columns.map((column, at) => entry(`c${at}`, column, inFlow, textOf(name, `c${at}`))),
          ...added.map((column) => ({ name: column, description: textOf(name, column) })),
        ],
      };
    }),
    ...(tail ? { exposures: [{ name: 'm0', description: '' }] } : {}),
  };
}

function isMissing(kind: Kind): boolean {
  return kind === 'none' || kind in EMPTY;
}

/** What stood in the place of a description, by its form. */
export function originalForm(form: string): string {
  return form in EMPTY ? EMPTY[form as keyof typeof EMPTY] : '';
}
