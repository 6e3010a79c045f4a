/** What people may name in a template of their own, as `{{title}}`. */
export const PLACEHOLDERS = ['title', 'text', 'severity', 'facts', 'link', 'type', 'at'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Names between double braces that nothing is known for. */
export function unknownPlaceholders(template: string): string[] {
  const names = [...template.matchAll(PLACE)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => !PLACEHOLDERS.some((known) => known === name));
}

/** The template with every place filled; what nothing is known for is left out. */
export function fillTemplate(template: string, values: Record<Placeholder, string>): string {
  return template.replace(PLACE, (_, name: string) =>
    Object.hasOwn(values, name) ? values[name as Placeholder] : '',
  );
}

/** Whether it is HTML that people have written; else it is plain text. */
export function isHtml(template: string): boolean {
  return /<\/?[a-z][^<>]*>/i.test(template);
}
