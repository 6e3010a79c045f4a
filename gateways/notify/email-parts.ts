import { convert } from 'html-to-text';
import type { Channel } from '../../domain/alerts/channel.ts';
import type { Notice } from '../../domain/alerts/notice.ts';
import { fillTemplate, isHtml, type Placeholder } from '../../domain/alerts/template.ts';

const DEFAULT_PREFIX = '[Bursar]';
const MAX_SUBJECT = 250;
const COLOURS: Record<Notice['severity'], string> = {
  info: '#1c6dd0',
  warning: '#b35900',
  critical: '#c01c28',
};
const NAME = 'padding:2px 16px 2px 0;color:#555';
const WIDTH = 100;

const DEFAULT_TEXT = '{{severity}}: {{title}}\n\n{{text}}\n\n{{facts}}\n\n{{link}}\n';

/** Subject, text and HTML of a notice, by the channel's own template where it has one. */
export function emailParts(
  { metadata }: Pick<Channel, 'metadata'>,
  notice: Notice,
): { subject: string; text: string; html: string } {
  const prefix = typeof metadata.subject_prefix === 'string' ? metadata.subject_prefix : DEFAULT_PREFIX;
  const subject = `${prefix} ${notice.title}`.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SUBJECT);
  const own =
    typeof metadata.template === 'string' && metadata.template.trim() !== '' ? metadata.template : undefined;
  const template = own ?? DEFAULT_TEXT;
  if (isHtml(template)) {
    const html = fillTemplate(template, htmlValues(notice));
    return { subject, text: convert(html, { wordwrap: WIDTH }), html };
  }
  const text = `${fillTemplate(template, textValues(notice))
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()}\n`;
  const html = own === undefined ? defaultHtml(notice) : fillTemplate(htmlOf(template), htmlValues(notice));
  return { subject, text, html: page(notice, html) };
}

function textValues(notice: Notice): Record<Placeholder, string> {
  const { title, text, severity, facts, link = '', type, at } = notice;
  const lines = facts.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return { title, text, severity, facts: lines, link, type, at };
}

/** The same as HTML; no value can be more than text in it. */
function htmlValues(notice: Notice): Record<Placeholder, string> {
  const { title, text, severity, facts, link = '', type, at } = notice;
  const rows = facts.map(
    ({ name, value }) => `<tr><td style="${NAME}">${htmlOf(name)}</td><td>${htmlOf(value)}</td></tr>`,
  );
  return {
    title: htmlOf(title),
    text: htmlOf(text),
    severity: htmlOf(severity),
    facts: rows.length === 0 ? '' : `<table style="border-collapse:collapse">${rows.join('')}</table>`,
    // Another scheme than these could run something where it is clicked on.
    link: /^https?:\/\//i.test(link) ? htmlOf(link) : '',
    type: htmlOf(type),
    at: htmlOf(at),
  };
}

function defaultHtml(notice: Notice): string {
  const { title, text, facts, link } = htmlValues(notice);
  const style = `margin:0 0 12px;font-size:18px;color:${COLOURS[notice.severity]}`;
  const heading = `<h2 style="${style}">${title}</h2>`;
  const more = link === '' ? '' : `<p><a href="${link}">See more</a></p>`;
  return `${heading}${text === '' ? '' : `<p>${text}</p>`}${facts}${more}`;
}

function page({ severity }: Notice, content: string): string {
  const style = `font:14px/1.5 sans-serif;border-left:4px solid ${COLOURS[severity]};padding-left:16px`;
  return `<!doctype html><html><body><div style="${style}">${content}</div></body></html>`;
}

function htmlOf(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/\r?\n/g, '<br>\n');
}
