/** One `ref()` of a model. */
export interface Ref {
  name: string;
  package?: string;
  version?: string;
}

/** What the Jinja of a file says, without running it. */
export interface JinjaFacts {
  refs: Ref[];
  sources: { source: string; table: string }[];
  /** From `config(…)`, literal values only: an expression cannot be known without dbt. */
  config: { materialized?: string; tags: string[]; enabled?: boolean };
  /** Whether there is any Jinja outside comments. */
  hasJinja: boolean;
}

/**
 * One token of a file of SQL and Jinja. Order matters: Jinja comments before SQL comments (they may hold
 * each other), comments before quotes (a comment may hold an apostrophe). A quoted text counts as plain:
 * Jinja inside it is looked for again.
 */
const TOKENS = new RegExp(
  [
    String.raw`(?<jinjaComment>\{#[\s\S]*?(?:#\}|$))`,
    String.raw`(?<jinja>\{\{[\s\S]*?(?:\}\}|$)|\{%[\s\S]*?(?:%\}|$))`,
    String.raw`(?<lineComment>--[^\n]*)`,
    String.raw`(?<blockComment>/\*[\s\S]*?(?:\*/|$))`,
    `(?<quoted>'[^'{]*'|"[^"{]*")`,
  ].join('|'),
  'g',
);

/** dbt's documented way to name a parent that only shows up at run time: `-- depends_on: {{ ref('x') }}`. */
const DEPENDS_ON = /^--\s*depends_on:/i;

/**
 * Reads refs, sources and configuration; comments, of Jinja and of SQL, are skipped but for `--
 * depends_on:`.
 */
export function readJinja(code: string): JinjaFacts {
  const expressions = jinjaExpressions(code).join('\n');
  return {
    refs: findRefs(expressions),
    sources: findSources(expressions),
    config: findConfig(expressions),
    hasJinja: expressions !== '',
  };
}

/** The code with comments and Jinja blanked out, so that what is left can be read as SQL. */
export function stripJinja(code: string): string {
  return code.replace(TOKENS, (token, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    return groups.quoted === undefined ? ' ' : token;
  });
}

function jinjaExpressions(code: string): string[] {
  const found: string[] = [];
  for (const { groups } of code.matchAll(TOKENS)) {
    if (groups?.jinja !== undefined) found.push(groups.jinja);
    const comment = groups?.lineComment;
    if (comment !== undefined && DEPENDS_ON.test(comment)) found.push(comment.replace(DEPENDS_ON, ''));
  }
  return found;
}

const TEXT = (name: string) => `(?:'(?<${name}1>[^']+)'|"(?<${name}2>[^"]+)")`;
const REF = new RegExp(
  String.raw`\bref\s*\(\s*${TEXT('first')}\s*(?:,\s*${TEXT('second')}\s*)?` +
    String.raw`(?:,\s*(?:v|version)\s*=\s*['"]?(?<version>[\w.-]+)['"]?\s*)?,?\s*\)`,
  'g',
);
const SOURCE = new RegExp(
  String.raw`\bsource\s*\(\s*${TEXT('source')}\s*,\s*${TEXT('table')}\s*,?\s*\)`,
  'g',
);

/** The refs of an expression, e.g. `ref('orders')`, `ref('shop', 'orders', v=2)`. */
export function findRefs(expression: string): Ref[] {
  return [...expression.matchAll(REF)].map(({ groups }) => {
    const first = groups?.first1 ?? groups?.first2 ?? '';
    const second = groups?.second1 ?? groups?.second2;
    const version = groups?.version;
    return {
      name: second ?? first,
      ...(second === undefined ? {} : { package: first }),
      ...(version === undefined ? {} : { version }),
    };
  });
}

/** The sources of an expression, e.g. `source('shop', 'raw_orders')`. */
export function findSources(expression: string): { source: string; table: string }[] {
  return [...expression.matchAll(SOURCE)].map(({ groups }) => ({
    source: groups?.source1 ?? groups?.source2 ?? '',
    table: groups?.table1 ?? groups?.table2 ?? '',
  }));
}

function findConfig(expressions: string): JinjaFacts['config'] {
  const config: JinjaFacts['config'] = { tags: [] };
  for (const call of expressions.matchAll(/\bconfig\s*\(/g)) {
    const options = bracketed(expressions, call.index + call[0].length);
    const materialized = /\bmaterialized\s*=\s*(['"])([\w-]+)\1/.exec(options)?.[2];
    const enabled = /\benabled\s*=\s*(true|false)\b/i.exec(options)?.[1];
    const tags = /\btags\s*=\s*(\[[^\]]*\]|'[^']*'|"[^"]*")/.exec(options)?.[1] ?? '';
    if (materialized !== undefined) config.materialized = materialized;
    if (enabled !== undefined) config.enabled = enabled.toLowerCase() === 'true';
    config.tags.push(...[...tags.matchAll(/'([^']*)'|"([^"]*)"/g)].map((tag) => tag[1] ?? tag[2] ?? ''));
  }
  return config;
}

/** The text from `start` up to the bracket that closes the one before it. */
export function bracketed(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}
