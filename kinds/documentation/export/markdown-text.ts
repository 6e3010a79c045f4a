/** Pieces of GitHub Markdown out of text that may hold anything. */

/** `1 model`, `5 models`, `1,200 entries`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** Text as a code span, whatever backticks it holds. */
export function code(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat === '') return '';
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return `${fence}${space}${flat}${space}${fence}`;
}

/** Text as itself on one line: what Markdown would read as its own is escaped. */
export function plain(text: string): string {
  const escaped = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*[\]<>|~#&]/g, '\\$&');
  return escaped.replace(/_+/g, (run, at: number) => {
    const isInWord =
      /[\p{L}\p{N}]/u.test(escaped[at - 1] ?? '') && /[\p{L}\p{N}]/u.test(escaped[at + run.length] ?? '');
    return isInWord ? run : run.replaceAll('_', '\\_');
  });
}

/** Markdown that others wrote, in the cell of a table: one line, no bare pipe, safe as `prose` is. */
export function cell(markdown: string): string {
  const lines = markdown.split(/\r\n|[\r\n]/).map((line) => line.trim());
  const text = lines.filter((line) => line !== '').map((line) => line.replace(/^#{1,6} +/, ''));
  return escapePipes(text.map(inline).join('<br>'));
}

/** One line of our own Markdown for the cell of a table: in code spans, too, a pipe would end the cell. */
export function escapePipes(markdown: string): string {
  return markdown.replace(/(\\*)\|/g, '$1$1\\|');
}

/** A table; the cells are Markdown made with `cell`. */
export function table(headings: string[], rows: string[][]): string {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/**
 * Markdown that others wrote, safe inside a page: its headings go below the page's own, a code block that was
 * left open is closed, HTML shows as text, and links that lead nowhere from here become text.
 */
export function prose(markdown: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.replace(/\r\n?/g, '\n').trim().split('\n')) {
    const mark = /^ {0,3}(`{3,}(?!.*`)|~{3,})/.exec(line)?.[1];
    if (fence === undefined) {
      fence = mark;
      lines.push(...(mark === undefined ? proseLine(line, lines.at(-1)) : [line]));
    } else {
      lines.push(line);
      if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined;
    }
  }
  if (fence !== undefined) lines.push(fence);
  return lines.join('\n');
}

/** Lines as a quotation. */
export function quote(markdown: string): string {
  return markdown.replace(/^/gm, '> ').replace(/ +$/gm, '');
}

/** The first sentence of a text, on one line of at most 160 characters. */
export function firstSentence(markdown: string): string {
  const flat = markdown
    .replace(/^ {0,3}#{1,6} +/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^.{10,}?[.!?](?= |$)/.exec(flat)?.[0] ?? flat;
  if (sentence.length <= 160) return sentence;
  return `${sentence.slice(0, 158).replace(/\s+\S*$/, '')} …`;
}

/** `2026-01-31 14:05 UTC`; a text that is no such time is shown as it is. */
export function formatTime(iso: string): string {
  const [, day, minute] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/.exec(iso) ?? [];
  return day === undefined ? plain(iso) : `${day} ${minute} UTC`;
}

function proseLine(line: string, before: string | undefined): string[] {
  const heading = /^ {0,3}(#{1,6})(?=\s|$)/.exec(line)?.[1];
  if (heading !== undefined)
    return ['#'.repeat(Math.min(6, heading.length + 2)) + inline(line.trim().slice(heading.length))];
  if (/^ {0,3}=+\s*$/.test(line)) return [line.replace('=', '\\=')];
  if (/^ {0,3}-{2,}\s*$/.test(line) && before !== undefined && before !== '') return ['', line];
  return [inline(line.replace(/^( {0,3})(?=\[[^\]]+\]:)/, '$1\\'))];
}

const CODE_SPAN = /(?<span>(?<!`)(?<ticks>`+)(?!`).*?(?<!`)\k<ticks>(?!`))/;
const LINK = /!?\[(?<label>(?:[^[\]\\]|\\.)*)\]\(\s*<?(?<target>[^)\s>]*)[^)]*\)/;
const TAG_START = /<(?=[A-Za-z/!?])(?!(?:https?:\/\/|mailto:)[^\s<>]+>)/;
/** Whichever comes first: inside a code span a link or a tag is just text. */
const SPECIAL = new RegExp(`${CODE_SPAN.source}|${LINK.source}|${TAG_START.source}`, 'g');

function inline(line: string): string {
  return line.replace(SPECIAL, (...match) => {
    const found = match.at(-1) as { span?: string; label?: string; target?: string };
    if (found.span !== undefined) return found.span;
    if (found.target === undefined) return '&lt;';
    if (/^(https?:\/\/|mailto:)/i.test(found.target)) return match[0];
    const target = found.target === '' ? '' : ` (${code(found.target)})`;
    return `${inline(found.label ?? '')}${target}`;
  });
}
