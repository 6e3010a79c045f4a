import type { DocumentationFacts } from '../../../domain/project.ts';
import { isAggregate } from '../sql/render.ts';
import { type OutputColumn, same } from '../sql/scope.ts';
import { contains, type Expression } from '../sql/syntax.ts';
import type { Grain } from './grain.ts';
import { entityOf } from './words.ts';

export type Role =
  | 'key'
  | 'key part'
  | 'foreign key'
  | 'measure'
  | 'date'
  | 'flag'
  | 'category'
  | 'loading'
  | 'attribute';

interface Candidate {
  name: string;
  type?: string;
  tests: string[];
  made?: OutputColumn;
}

/** Names with one of the words among their parts. */
const partOf = (words: string): RegExp => new RegExp(`(^|_)(${words.split(/\s+/).join('|')})(_|$)`, 'i');
/** Names that end in one of the words. */
const endOf = (words: string): RegExp => new RegExp(`(^|_)(${words.split(/\s+/).join('|')})$`, 'i');

const LOADING =
  /^(_fivetran|_dbt|_airbyte|_sdc|_loaded|_etl|_dlt|dbt_(valid|updated|scd)|_ingested|source_relation$)/i;
const DATE_TYPE = /^(date|time|timestamp)/i;
const DATE_NAME = endOf('date datetime timestamp day week month quarter year at on dt ts start end');
const EVENT_NAME = /^(first|last|most_recent)_(order|sale|purchase|seen|login)$/i;
const NUMBER_TYPE =
  /^(big|small|tiny|u?)int|^(integer|int\d*|numeric|decimal|number|float|double|real|money|hugeint|ubigint)/i;
const MEASURE_NAME = partOf(
  `amount total sum count number_of num price cost revenue value balance fee fees net gross quantity
  qty rate percent pct avg average spend tax score sales discount subtotal mrr arr days margin profit`,
);
const CATEGORY_NAME = endOf(
  `status state type category segment tier class kind group method currency country brand channel level
  reason code region language`,
);

/** What a column is for: by tests and the SQL first, then by type, then by name. */
export function roleOf(column: Candidate, facts: DocumentationFacts, grain: Grain): Role {
  const { name, tests, type } = column;
  const inKey = grain.keys.some((key) => same(key, name));
  if (inKey && !(grain.keys.length > 1 && LOADING.test(name)))
    return grain.keys.length === 1 ? 'key' : 'key part';
  if (LOADING.test(name)) return 'loading';
  if (tests.includes('unique')) return 'key';
  if (tests.some((test) => test.startsWith('relationships('))) return 'foreign key';
  if (isIdentifier(name)) return isOwnKey(name, facts) || isHash(column.made) ? 'key' : 'foreign key';
  const shape = column.made === undefined ? undefined : shapeOf(column.made.expression, column.made);
  if (type !== undefined && /^bool/i.test(type)) return 'flag';
  if (shape === 'flag' || /^(is|has|was|can|does|did|should)_/i.test(name)) return 'flag';
  if (
    DATE_TYPE.test(type ?? '') ||
    (!NUMBER_TYPE.test(type ?? '') && (DATE_NAME.test(name) || EVENT_NAME.test(name)))
  )
    return 'date';
  if (shape === 'category' || CATEGORY_NAME.test(name)) return 'category';
  if (tests.some((test) => test.startsWith('accepted_values('))) return 'category';
  if (shape === 'measure') return 'measure';
  if (MEASURE_NAME.test(name) && (type === undefined || NUMBER_TYPE.test(type))) return 'measure';
  return 'attribute';
}

function isIdentifier(name: string): boolean {
  return /(^|_)(id|key|uuid|guid|sk|pk|fk)$/i.test(name);
}

/** A surrogate key made of several columns identifies the row itself. */
function isHash(made: OutputColumn | undefined): boolean {
  const expression = made?.expression.kind === 'cast' ? made.expression.value : made?.expression;
  return expression?.kind === 'call' && /(^|\.)(md5|sha256|(generate_)?surrogate_key)$/.test(expression.name);
}

/** `customer_id` in `dim_customers`, or plain `id`. */
function isOwnKey(name: string, facts: DocumentationFacts): boolean {
  const entity = entityOf(facts.object.name).replaceAll(' ', '_');
  return /^(id|pk|sk|key)$/i.test(name) || same(name, `${entity}_id`) || same(name, `${entity}_key`);
}

/** What the outermost operation of an expression says about it. */
function shapeOf(expression: Expression, column: OutputColumn): Role | undefined {
  if (expression.kind === 'cast') return shapeOf(expression.value, column);
  if (expression.kind === 'column') {
    const input = column.inputs.find((one) => same(one.name, expression.name));
    return input === undefined ? undefined : shapeOf(input.expression, input);
  }
  if (expression.kind === 'operation') {
    if (/^(=|==|<>|!=|<|>|<=|>=|in|not in|and|or|not|like|between|is .*)$/.test(expression.operator))
      return 'flag';
    return /^[-+*/%]$/.test(expression.operator) && contains(expression, isAggregate) ? 'measure' : undefined;
  }
  if (expression.kind === 'case') return caseShape(expression);
  if (expression.kind !== 'call') return undefined;
  if (isAggregate(expression))
    return /^(sum|count|avg|median|count_if|countif)$/.test(expression.name) ? 'measure' : undefined;
  if (/^(coalesce|ifnull|nvl|round|abs)$/.test(expression.name)) {
    const [first] = expression.arguments;
    return first === undefined ? undefined : shapeOf(first, column);
  }
  if (expression.over !== undefined) return /^(sum|count|avg)$/.test(expression.name) ? 'measure' : undefined;
  return undefined;
}

function caseShape(expression: Extract<Expression, { kind: 'case' }>): Role | undefined {
  const results = [...expression.branches.map((branch) => branch.then), expression.otherwise].filter(
    (result) => result !== undefined && !(result.kind === 'literal' && result.type === 'null'),
  );
  const literals = results.filter((result) => result?.kind === 'literal');
  if (literals.length !== results.length || literals.length === 0) return undefined;
  if (literals.every((literal) => literal?.type === 'boolean')) return 'flag';
  return literals.every((literal) => literal?.type === 'string') ? 'category' : undefined;
}
