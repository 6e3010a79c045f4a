import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../api/app.ts';
import type { ApiDeps } from '../api/deps.ts';
import { createLogger } from '../config/logger.ts';
import { bodyLines, describeField, fieldRows, type Schema, schemaLink, tableLines } from './schema-tables.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/api.md');

interface Answer {
  description: string;
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  tags: string[];
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, Answer>;
  security?: unknown[];
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const INTRODUCTION = `# API reference

Made from the code by \`npm run docs\`; a test fails when it is stale. The same, to try out, is Swagger UI at
\`/api/v1/docs\` of a running Bursar, and \`/api/v1/openapi.json\` is the OpenAPI document.

- **Key**: each request carries \`X-API-Key: KEY\` or \`Authorization: Bearer KEY\`. A role may do all that
  the one before it may: \`viewer\`, \`operator\`, \`admin\`. Something of another organization is 404.
- **Errors**: \`{"error": {"code", "message", "requestId", "details"?: [{"field"?, "problem"}]}}\`, with the
  codes of [errors.md](errors.md). Every route can answer 401.
- **Lists**: \`limit\` (default 50, at most 100), and \`cursor\` from the page before or \`skip\`. Beside the
  rows stand \`total\`, \`has_more\` and, where more follows, \`cursor\`.
- **Without a key**: \`GET /healthz\` (the process lives), \`GET /readyz\` (200 when MongoDB answers, else
  503) and \`GET /metrics\` (for Prometheus).
- What runs and their events mean: [runs.md](runs.md). The \`input\` of a run of kind \`documentation\`,
  documents and exports: [documentation.md](documentation.md).
`;

/** The API reference as Markdown, from the routes themselves. */
export async function apiReference(): Promise<string> {
  const app = documentedApp();
  const { paths, components } = (await (await app.request('/api/v1/openapi.json')).json()) as OpenApi;
  const sections = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const [tag = 'Other'] = operation.tags;
      const role = await roleOf(app, method, path, operation);
      const lines = [...(sections.get(tag) ?? []), ...operationLines(method, path, operation, role)];
      sections.set(tag, lines);
    }
  }
  const lines = [INTRODUCTION];
  for (const [tag, operations] of sections) lines.push(`## ${tag}`, '', ...operations);
  lines.push('## Objects', '', 'Fields that may be absent are marked with `?`.', '');
  for (const [name, schema] of Object.entries(components.schemas))
    lines.push(`### ${name}`, '', ...fieldRows(schema), '');
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The app without anything behind it but a viewer's key: no handler is ever reached. */
function documentedApp() {
  const viewer = { _id: 'key', org: 'docs', role: 'viewer' };
  const store = { apiKeys: { findByHash: async () => viewer, touch: async () => {} } };
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const logger = createLogger('docs', 'silent');
  return createApp({ store, version, logger } as unknown as ApiDeps);
}

/** The role that a route needs: routes that can refuse do so before all else, and name it. */
async function roleOf(
  app: ReturnType<typeof documentedApp>,
  method: string,
  path: string,
  operation: Operation,
): Promise<string> {
  if (operation.security?.length === 0) return 'none, and no key';
  // Everybody has sign-ins of their own; 403 is about other organizations.
  if (operation.responses['403'] === undefined || path.startsWith('/api/v1/auth/')) return 'viewer';
  const init = { method: method.toUpperCase(), headers: { 'x-api-key': 'docs' } };
  const answer = await app.request(path.replaceAll(/[{}]/g, ''), init);
  const { error } = (await answer.json()) as { error: { message: string } };
  const role = /needs the role (\w+)/.exec(error.message)?.[1];
  if (role === undefined) throw new Error(`${method} ${path} refuses viewers without naming a role`);
  return role;
}

function operationLines(method: string, path: string, operation: Operation, role: string): string[] {
  const { summary, parameters = [], requestBody, responses } = operation;
  // Those in the path are seen there.
  const others = parameters.filter((parameter) => parameter.in !== 'path');
  const shown = others.map(({ name, in: place, required, schema }) => {
    const { type, notes } = describeField(schema);
    return [`\`${name}\`${required ? '' : '?'}`, place, type, notes];
  });
  const table = [...tableLines(['parameter', 'in', 'type', 'notes'], shown), ''];
  const body = Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) =>
    bodyLines(type, schema, requestBody?.required === true),
  );
  return [
    `### ${method.toUpperCase()} ${path}`,
    '',
    `${summary}. Role: ${role}.`,
    '',
    ...(shown.length === 0 ? [] : table),
    ...body,
    ...answerLines(responses),
    '',
  ];
}

function answerLines(responses: Record<string, Answer>): string[] {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const bad = Object.keys(responses).filter((status) => !status.startsWith('2'));
  const lines = good.flatMap(([status, { description, content = {} }]) => {
    const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(content);
    const form = type === 'application/json' ? schemaLink(schema) : type === '' ? '' : `\`${type}\``;
    return `- ${status}${form === '' ? '' : ` ${form}`}: ${description}`;
  });
  return [...lines, `- errors: ${bad.join(', ')}`];
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await apiReference());
