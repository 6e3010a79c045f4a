/** Text as YAML scalars that read the same in YAML 1.1 (dbt) and 1.2, and that dbt's Jinja leaves alone. */

/**
 * Plain words that readers of YAML 1.1 take for something other than text; `e0` for a number without
 * digits.
 */
const NOT_TEXT = /^(y|n|yes|no|on|off|true|false|null|e\d+)$/i;

/**
 * Breaks up `{{`, `{%` and `{#` with a space: dbt renders descriptions as templates, so generated text that
 * holds one would be run, or would stop the project from parsing.
 */
function withoutJinja(text: string): string {
  return text.replace(/\{(?=[{%#])/g, '{ ');
}

/** Markdown text as one paragraph: headings' marks and line breaks are gone. */
export function oneParagraph(text: string): string {
  const lines = tidy(text).replace(/^ {0,3}#{1,6} +/gm, '');
  return withoutJinja(lines.replace(/\s+/g, ' ').trim());
}

/** Text of one or several lines, without spaces at the ends of lines or blank lines around it. */
export function descriptionText(text: string): string {
  const lines = tidy(text).replace(/[ \t]+$/gm, '');
  return withoutJinja(lines.trim());
}

/**
 * A scalar for block style: double-quoted on one line, or a literal block where the text has several lines.
 */
export function blockScalar(text: string, indent: number, eol: string): string {
  if (!fitsLiteral(text)) return quoted(text);
  const margin = ' '.repeat(indent);
  const lines = text.split('\n').map((line) => (line === '' ? '' : margin + line));
  return `|-${eol}${lines.join(eol)}`;
}

/** A double-quoted scalar on one line: right in block and in flow style, whatever the text holds. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t');
  return `"${escaped.replace(UNPRINTABLE, escapeCode)}"`;
}

/** A column's or a model's name: plain where that is safe, else double-quoted. */
export function nameScalar(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !NOT_TEXT.test(name) ? name : quoted(name);
}

/** Characters that YAML forbids, or reads as line breaks, or that nobody can see. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/gu;

function escapeCode(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

function fitsLiteral(text: string): boolean {
  return text.includes('\n') && !/^\s|\t/.test(text) && !text.replaceAll('\n', '').match(UNPRINTABLE);
}

/** One kind of line break, and no half of a surrogate pair: that cannot be written to a file. */
function tidy(text: string): string {
  return text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(/\p{Surrogate}/gu, '\ufffd');
}
