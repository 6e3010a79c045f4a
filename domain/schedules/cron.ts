/** Cron expressions of five fields, as people write them and as Temporal takes them. */

interface Field {
  name: string;
  min: number;
  max: number;
  /** Three letters each, the first for `min`. */
  names?: string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: [Field, Field, Field, Field, Field] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of the week', min: 0, max: 7, names: DAYS },
];
/** In a leap year. */
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const EXAMPLE = "five fields are wanted: minute hour day-of-month month day-of-week, e.g. '30 2 * * 1-5'";

/** What is wrong with an expression, in words that go on from its name; undefined where nothing is. */
export function cronProblem(cron: string): string | undefined {
  const fields = fieldsOf(cron);
  if (fields.length !== FIELDS.length)
    return cron.trim().startsWith('@')
      ? `${cron.trim()} is a short form that is not known here; ${EXAMPLE}`
      : `has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}; ${EXAMPLE}`;
  for (const [at, field] of FIELDS.entries()) {
    const values = valuesOf(fields[at] ?? '', field);
    if (typeof values === 'string') return `${field.name}: ${values}`;
  }
  return neverComes(fields)
    ? 'names days that no month has, so that it would never start anything'
    : undefined;
}

/**
 * The expressions whose union is the given one, with numbers alone. Where both days are restricted, cron
 * means either of them; Temporal would mean both.
 * @param cron one without a problem.
 */
export function cronExpressions(cron: string): string[] {
  const fields = fieldsOf(cron);
  const [minute, hour, day, month, weekday] = FIELDS.map((field, at) => {
    const text = fields[at] ?? '*';
    const values = text === '*' ? text : valuesOf(text, field);
    return typeof values === 'string' ? values : values.join(',');
  }) as [string, string, string, string, string];
  const isRestricted = (at: number) => fields[at]?.startsWith('*') === false;
  if (isRestricted(2) && isRestricted(4))
    return [`${minute} ${hour} ${day} ${month} *`, `${minute} ${hour} * ${month} ${weekday}`];
  return [`${minute} ${hour} ${day} ${month} ${weekday}`];
}

/** Whether clocks that show this (as if they were UTC clocks) are meant. @param cron one without a problem */
export function cronMatches(cron: string, wall: Date): boolean {
  return cronExpressions(cron).some((expression) => {
    const fields = fieldsOf(expression);
    const shown = [
      wall.getUTCMinutes(),
      wall.getUTCHours(),
      wall.getUTCDate(),
      wall.getUTCMonth() + 1,
      wall.getUTCDay(),
    ];
    return FIELDS.every((field, at) => valuesOf(fields[at] ?? '*', field).includes(shown[at] as never));
  });
}

function fieldsOf(cron: string): string[] {
  return cron.trim().split(/\s+/).filter(Boolean);
}

/** The values that a field allows, ascending; or what is wrong with it. */
function valuesOf(text: string, field: Field): number[] | string {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const found = partOf(part, field);
    if (typeof found === 'string') return found;
    // Sunday is 0 and 7.
    for (const value of found) values.add(field.max === 7 ? value % 7 : value);
  }
  return [...values].sort((a, b) => a - b);
}

function partOf(part: string, field: Field): number[] | string {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(part) ?? [];
  const { min, max } = field;
  const wanted = `from ${min} to ${max}${field.names ? ` or ${field.names[0]}, ${field.names[1]}, …` : ''}`;
  if (from === '' || (from === '*' && to !== undefined))
    return `'${part}' is none of *, a value ${wanted}, a-b, */n, or several of them parted by commas`;
  const first = from === '*' ? min : valueIn(from, field);
  const last = to !== undefined ? valueIn(to, field) : from === '*' || step !== undefined ? max : first;
  if (first === undefined) return `'${from}' is not ${wanted}`;
  if (last === undefined) return `'${to}' is not ${wanted}`;
  if (last < first) return `'${part}' ends before it begins`;
  const every = step === undefined ? 1 : Number(step);
  if (!Number.isInteger(every) || every < 1 || every > max)
    return `'/${step}' is not a step from 1 to ${max}`;
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, at) => first + at * every);
}

function valueIn(text: string, { min, max, names = [] }: Field): number | undefined {
  const at = names.indexOf(text.toLowerCase());
  if (at !== -1) return min + at;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** Such as 30 February. Where a day of the week is named too, that one comes. */
function neverComes(fields: string[]): boolean {
  const [, , dayText = '*', monthText = '*', weekdayText = '*'] = fields;
  if (!weekdayText.startsWith('*')) return false;
  const days = valuesOf(dayText, FIELDS[2]) as number[];
  const months = valuesOf(monthText, FIELDS[3]) as number[];
  return months.every((month) => days.every((day) => day > (DAYS_IN_MONTH[month - 1] ?? 31)));
}
