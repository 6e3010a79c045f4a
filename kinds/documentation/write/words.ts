/** Small tools for English: lists, counts, quotes. */

/** `a`, `a and b`, `a, b and c`; after `limit` names: `a, b and 3 more`. */
export function listed(words: readonly string[], conjunction = 'and', limit = 12): string {
  if (words.length > limit) {
    return `${words.slice(0, limit - 1).join(', ')} ${conjunction} ${words.length - limit + 1} more`;
  }
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

export const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

/** Names as code, listed. */
export function codes(names: readonly string[], conjunction = 'and', limit = 12): string {
  return listed(names.map(code), conjunction, limit);
}

/** `1 column`, `3 columns`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The verb or noun that fits the number of names. */
export function are(names: readonly string[], one = 'is', many = 'are'): string {
  return names.length === 1 ? one : many;
}

/** SQL as code, on one line, cut where it is too long to read in a sentence. */
export function snippet(sql: string, limit = 140): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return code(line.length > limit ? `${line.slice(0, limit - 1)}…` : line);
}

/** At most `limit` characters, with a mark where it is cut; a piece of code that is cut through is closed. */
export function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1).trimEnd();
  return cut.split('`').length % 2 === 0 ? `${cut}…\`` : `${cut} …`;
}

const ENDED = /[.!?:]['")]?$/;

/** With a capital first letter, unless it starts with code. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const end = ENDED.test(trimmed) ? '' : '.';
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${end}`;
}

/** What people wrote, on one line, without templates, cut after whole sentences; '' where nothing is left. */
export function humanText(text: string, limit = 320): string {
  const line = text
    // A table of Markdown does not read as a sentence.
    .replace(/^\s*\|.*$/gm, '')
    .replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= limit) return line === '' || ENDED.test(line) ? line : `${line}.`;
  const cut = line.slice(0, limit);
  const end = Math.max(cut.lastIndexOf('. '), cut.lastIndexOf('! '), cut.lastIndexOf('? '));
  return end > 40 ? cut.slice(0, end + 1) : `${cut.slice(0, cut.lastIndexOf(' ')).replace(/[,;:]$/, '')} …`;
}

/** `stg_stripe__charges` → `charge`, `order_items` → `order item`: what one row may be called. */
export function entityOf(name: string): string {
  const base = name.split('__').at(-1) ?? name;
  const words = base
    .replace(/^(stg|int|dim|fct|fact|mart|base|raw|src|tmp)_/i, '')
    .replace(/_tmp$/i, '')
    .split('_');
  const last = words.at(-1) ?? '';
  return [...words.slice(0, -1), singular(last)].join(' ').toLowerCase();
}

function singular(word: string): string {
  if (/ies$/i.test(word)) return word.replace(/ies$/i, 'y');
  if (/(ss|us|is)$/i.test(word)) return word;
  return word.replace(/(x|ch|sh|ss)es$/i, '$1').replace(/s$/i, '');
}
