import type { Notice } from '../../domain/alerts/notice.ts';

/** Slack's limits: characters of a text, of a field, fields of a section, and of the text without blocks. */
const SECTION = 3_000;
const FIELD = 2_000;
const FIELDS_A_SECTION = 10;
const MAX_SECTIONS_OF_FIELDS = 10;
const FALLBACK = 4_000;

const MARKS: Record<Notice['severity'], string> = {
  info: ':information_source:',
  warning: ':warning:',
  critical: ':rotating_light:',
};

/** A notice as blocks, and as the text that notifications and old clients show. */
export function slackMessage(notice: Notice): { text: string; blocks: object[] } {
  const { severity, title, text, link = '' } = notice;
  const heading = `${MARKS[severity]} *${escaped(title, SECTION - 100)}*`;
  const blocks = [
    section(heading),
    ...(text === '' ? [] : [section(escaped(text, SECTION))]),
    ...fieldSections(notice.facts),
    ...(/^https?:\/\/[^|\s]+$/.test(link) ? [section(`<${escaped(link, SECTION - 20)}|See more>`)] : []),
  ];
  const facts = notice.facts.map(({ name, value }) => `${name}: ${value}`);
  const plain = [`${severity}: ${title}`, text, facts.join('\n'), link].filter((part) => part !== '');
  return { text: escaped(plain.join('\n'), FALLBACK), blocks };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

/** What does not fit any more stands in the text. */
function fieldSections(facts: Notice['facts']): object[] {
  const fields = facts.map(({ name, value }) => ({
    type: 'mrkdwn',
    text: `*${escaped(name, 200)}*\n${escaped(value, FIELD - 250)}`,
  }));
  const starts = Array.from({ length: Math.ceil(fields.length / FIELDS_A_SECTION) }, (_, at) => at);
  return starts
    .slice(0, MAX_SECTIONS_OF_FIELDS)
    .map((at) => at * FIELDS_A_SECTION)
    .map((start) => ({ type: 'section', fields: fields.slice(start, start + FIELDS_A_SECTION) }));
}

/** Nothing in it is a mention, a link or an entity to Slack. Cut where it is longer, with an ellipsis. */
function escaped(text: string, most: number): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  if (safe.length <= most) return safe;
  // Neither half an entity nor half a character may be left at the end.
  return `${safe.slice(0, most - 1).replace(/(&[a-z]{0,3}|[\ud800-\udbff])$/, '')}…`;
}
