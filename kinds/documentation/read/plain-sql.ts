import { createRequire } from 'node:module';
import type { Parser } from 'node-sql-parser';
import { bracketed, stripJinja } from './jinja.ts';

const require = createRequire(import.meta.url);

/** Tried in this order: together they read nearly everything that the warehouses accept. */
const DIALECTS = ['postgresql', 'snowflake', 'bigquery', 'mysql'];

/** Beyond this the grammar takes seconds, so the pattern is used. */
const MAX_PARSED_CHARACTERS = 200_000;

const NAME = '(?:"[^"]+"|`[^`]+`|\\[[^\\]]+\\]|[\\w$-]+)';
const TABLE = new RegExp(String.raw`\b(?:from|join)\s+(${NAME}(?:\s*\.\s*${NAME})*)`, 'gi');
const CTE = new RegExp(
  String.raw`(?:\bwith\s+(?:recursive\s+)?|,\s*)(${NAME})\s*(?:\([^()]*\)\s*)?` +
    String.raw`as\s*(?:not\s+)?(?:materialized\s*)?\(`,
  'gi',
);

/**
 * The tables that a plain SQL text reads, as written without quotes, e.g. `raw.orders`. Names of its own
 * common table expressions are no tables, unless the expression itself reads a table of its name.
 */
export function tablesRead(sql: string): string[] {
  const text = stripJinja(sql);
  const own = ownExpressions(text);
  return [...new Set(parsedTables(text) ?? matchedTables(text))].filter((table) => {
    const key = table.toLowerCase();
    return !own.has(key) || own.get(key) === true;
  });
}

function parsedTables(text: string): string[] | undefined {
  if (text.length > MAX_PARSED_CHARACTERS) return undefined;
  for (const database of DIALECTS) {
    try {
      return parserOf(database)
        .tableList(text, { database })
        .map((entry) => entry.split('::'))
        .filter(([use]) => use === 'select')
        .map(([, schema, table]) => (schema === 'null' ? `${table}` : `${schema}.${table}`));
    } catch {
      // Not of this dialect; the next one may read it.
    }
  }
  return undefined;
}

/**
 * Each dialect has a build of its own, loaded on its first use: all together cost every start half a second.
 */
function parserOf(database: string): Parser {
  const build = require(`node-sql-parser/build/${database}.js`) as { Parser: new () => Parser };
  return new build.Parser();
}

function matchedTables(text: string): string[] {
  return [...text.matchAll(TABLE)].map((match) => unquote(match[1] ?? ''));
}

function unquote(name: string): string {
  return name.replace(/["`[\]]/g, '').replace(/\s*\.\s*/g, '.');
}

/** Common table expressions by lower-case name; true where one reads a table of the same name. */
function ownExpressions(text: string): Map<string, boolean> {
  const own = new Map<string, boolean>();
  for (const match of text.matchAll(CTE)) {
    const name = unquote(match[1] ?? '').toLowerCase();
    const body = bracketed(text, match.index + match[0].length);
    const wrapsItsName = matchedTables(body).some((table) => table.toLowerCase() === name);
    const recursive = /\bunion\b/i.test(body);
    own.set(name, (own.get(name) ?? false) || (wrapsItsName && !recursive));
  }
  return own;
}
