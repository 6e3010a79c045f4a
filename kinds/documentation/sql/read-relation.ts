import { CLAUSES, JOIN_WORDS, NOT_A_TABLE_ALIAS } from './keywords.ts';
import { readExpression } from './read-expression.ts';
import { next, peek, type Reader, sees, seesName, seesWordOf, skipTo, take, textOf } from './reader.ts';
import type { JoinType, Relation } from './syntax.ts';

/** Reads the relations of a from clause with their joins; ends at the next clause. */
export function readFrom(reader: Reader): Relation[] {
  const relations: Relation[] = [];
  let join: JoinType | undefined = 'from';
  while (join !== undefined) {
    relations.push(...readRelation(reader, join));
    join = readJoin(reader);
    if (join === undefined) {
      skipTo(
        reader,
        (inner) => seesWordOf(inner, JOIN_WORDS) || seesWordOf(inner, CLAUSES) || sees(inner, ','),
      );
      join = readJoin(reader);
    }
  }
  return relations;
}

/** The words before a joined relation; undefined where no join follows. */
function readJoin(reader: Reader): JoinType | undefined {
  if (take(reader, ',')) return 'cross';
  const start = reader.at;
  let type: JoinType = 'inner';
  while (seesWordOf(reader, JOIN_WORDS)) {
    const word = next(reader).value;
    if (word === 'join' || word === 'straight_join') return type;
    if (word === 'left' || word === 'right' || word === 'full' || word === 'cross') type = word;
    if (word === 'semi' || word === 'anti') type = word;
    // `cross apply f(x)` and `outer apply f(x)`.
    if (take(reader, 'apply')) return word === 'outer' ? 'left' : 'cross';
  }
  reader.at = start;
  return undefined;
}

function readRelation(reader: Reader, join: JoinType): Relation[] {
  take(reader, 'only');
  if (take(reader, 'lateral')) return [finish(reader, { ...readLateral(reader), join })];
  if (sees(reader, '(')) return readBracketed(reader, join);
  const path: string[] = [];
  if (seesName(reader) || peek(reader).kind === 'string') path.push(...nextParts(reader));
  while (take(reader, '.') || take(reader, ':')) path.push(...nextParts(reader));
  const name = path.at(-1) || '(unnamed)';
  if (sees(reader, '(')) {
    skipBrackets(reader);
    return [finish(reader, { ...computed(name), join })];
  }
  return [finish(reader, { join, name, alias: name, computed: false, using: [] })];
}

/** A quoted name may hold the whole path, as in BigQuery's `` `project.schema.table` ``. */
function nextParts(reader: Reader): string[] {
  const token = next(reader);
  if (token.kind !== 'quoted' && token.kind !== 'string') return [token.text];
  const parts = token.value.split('.');
  return parts.every((part) => part !== '') ? parts : [token.value];
}

function computed(name: string): Relation {
  return { join: 'from', name, alias: name, computed: true, using: [] };
}

function skipBrackets(reader: Reader): void {
  next(reader);
  skipTo(reader, () => false);
  take(reader, ')');
}

function readLateral(reader: Reader): Relation {
  // Hive writes `lateral view explode(x) alias as column`.
  if (take(reader, 'view')) take(reader, 'outer');
  if (sees(reader, '(')) {
    skipBrackets(reader);
    return computed('lateral subquery');
  }
  const name = seesName(reader) ? next(reader).text : '';
  if (sees(reader, '(')) skipBrackets(reader);
  return computed(name);
}

function readBracketed(reader: Reader, join: JoinType): Relation[] {
  let ahead = 1;
  while (peek(reader, ahead).value === '(') ahead += 1;
  const first = peek(reader, ahead).value;
  next(reader);
  if (first === 'select' || first === 'with') {
    const query = reader.readQuery(reader);
    skipTo(reader, () => false);
    take(reader, ')');
    return [finish(reader, { join, name: 'subquery', alias: 'subquery', query, computed: false, using: [] })];
  }
  if (first === 'values') {
    skipTo(reader, () => false);
    take(reader, ')');
    return [finish(reader, { ...computed('values'), join })];
  }
  // Joins in brackets: `(a join b on …)`.
  const relations = readFrom(reader);
  take(reader, ')');
  if (relations[0] !== undefined) relations[0].join = join;
  const last = relations[0];
  if (last !== undefined && relations.length === 1) finish(reader, last);
  return relations;
}

function finish(reader: Reader, relation: Relation): Relation {
  skipSample(reader);
  const explicit = take(reader, 'as');
  const token = peek(reader);
  const isAlias = token.kind === 'quoted' || (token.kind === 'word' && !NOT_A_TABLE_ALIAS.has(token.value));
  if (isAlias || (explicit && token.kind !== 'end')) {
    next(reader);
    relation.alias = token.kind === 'quoted' ? token.value : token.text;
    if (sees(reader, '(')) skipBrackets(reader);
  }
  skipSample(reader);
  if (take(reader, 'on')) relation.on = readExpression(reader);
  else if (take(reader, 'using', '(')) {
    const names = skipTo(reader, () => false).filter((name) => name.value !== ',');
    relation.using = names.map((name) => (name.kind === 'quoted' ? name.value : textOf([name])));
    take(reader, ')');
  }
  return relation;
}

function skipSample(reader: Reader): void {
  if (!take(reader, 'tablesample') && !take(reader, 'sample') && !take(reader, 'for', 'system_time')) return;
  skipTo(
    reader,
    (inner) =>
      seesWordOf(inner, JOIN_WORDS) || seesWordOf(inner, CLAUSES) || sees(inner, ',') || sees(inner, 'on'),
  );
}
