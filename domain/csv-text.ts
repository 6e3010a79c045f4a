/**
 * What a spreadsheet would calculate (https://owasp.org/www-community/attacks/CSV_Injection), apostrophes
 * before it or none.
 */
const CALCULATED = /^'*[\s=+\-@＝＋－＠]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/**
 * A text as a cell of CSV (RFC 4180), with an apostrophe before what a spreadsheet would calculate. What is
 * the text of a number stays as it is.
 */
export function csvCell(text: string): string {
  const harmless = CALCULATED.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",;\r\n\t]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The text that `csvCell` made harmless, its quotes already read. */
export function fromHarmless(text: string): string {
  return text.startsWith("'") && CALCULATED.test(text) ? text.slice(1) : text;
}
