import mongoose from 'mongoose';
import { createApp } from '../../api/app.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { createLogger } from '../../config/logger.ts';
import { KEY_SCOPES } from '../../domain/key-scope.ts';
import { createStore } from '../../store/index.ts';

/** The app over a database that is never connected: enough for what needs no data. */
const app = createApp({
  store: createStore(mongoose.createConnection()),
  logger: createLogger('test', 'silent'),
  version: '1.2.3',
} as ApiDeps);

interface Operation {
  summary?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[];
  requestBody?: { content: Record<string, { schema?: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: object }> }>;
}
interface Document {
  openapi: string;
  info: Record<string, unknown>;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
  security: Record<string, unknown[]>[];
}

let document: Document;
let operations: { where: string; path: string; operation: Operation }[];
beforeAll(async () => {
  const response = await app.request('/api/v1/openapi.json');
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  document = (await response.json()) as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      where: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
});

describe('the OpenAPI document', () => {
  test('says what it is, and how to come in', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({
      title: 'Bursar',
      version: '1.2.3',
      license: { identifier: 'Apache-2.0' },
    });
    expect(document.components.securitySchemes).toEqual({
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
    expect(document.security).toEqual([{ apiKey: [] }, { token: [] }]);
  });

  test('describes each operation with summary, tag and answers', () => {
    for (const { where, operation } of operations) {
      expect([where, operation.summary, operation.tags]).toEqual([
        where,
        expect.stringMatching(/^[A-Z]/),
        [expect.any(String)],
      ]);
      const statuses = Object.keys(operation.responses);
      expect([where, statuses.filter((status) => !/^[2345]\d\d$/.test(status))]).toEqual([where, []]);
      expect([where, statuses.some((status) => status.startsWith('2'))]).toEqual([where, true]);
      // Where nothing comes in, nothing can be wrong with it.
      const { parameters = [], requestBody } = operation;
      const takes = parameters.length > 0 || requestBody !== undefined || !where.startsWith('GET');
      for (const status of takes ? ['400', '401'] : ['401'])
        expect([where, statuses]).toEqual([where, expect.arrayContaining([status])]);
      for (const response of Object.values(operation.responses)) expect(response.description).toMatch(/\S/);
    }
  });

  test('has its parts named as scopes of keys, and no others', () => {
    const parts = new Set(operations.map(({ path }) => path.split('/')[3] ?? ''));
    const named = new Set(KEY_SCOPES.map((scope) => scope.split(':')[0]));
    expect([...named, 'auth', 'status', 'organizations'].toSorted()).toEqual([...parts].toSorted());
  });

  test('declares each part of a path, and every parameter with its schema', () => {
    for (const { where, path, operation } of operations) {
      const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
      const declared = (operation.parameters ?? []).filter((each) => each.in === 'path');
      expect([where, declared.map(({ name }) => name)]).toEqual([where, named]);
      expect(declared.every(({ required }) => required === true)).toBe(true);
      for (const parameter of operation.parameters ?? []) {
        expect(['path', 'query', 'header']).toContain(parameter.in);
        expect(parameter.schema).toBeDefined();
      }
    }
  });

  test('gives a schema for every body, and one schema for all errors', () => {
    for (const { where, operation } of operations) {
      for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
        expect([where, schema]).toEqual([where, expect.any(Object)]);
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (status === '204' || status === '302') continue;
        const schemas = Object.values(content ?? {}).map(({ schema }) => schema);
        expect([where, status, schemas.length]).toEqual([where, status, Object.keys(content ?? {}).length]);
        expect(schemas.length).toBeGreaterThan(0);
        for (const schema of schemas) expect(schema).toEqual(expect.any(Object));
        if (Number(status) >= 400) expect(schemas).toEqual([{ $ref: '#/components/schemas/Error' }]);
      }
    }
  });

  test('refers only to what is there, and has no leftover of version 3.0', () => {
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
    expect(text.match(/"\$ref":"(?!#\/components)/)).toBeNull();
    expect(text).not.toMatch(/"nullable":|"exclusiveMinimum":(true|false)/);
  });

  test('names every route of the app, and no other', () => {
    const routes = app.routes
      .filter(
        ({ method, path }) =>
          method !== 'ALL' && path.startsWith('/api/v1/') && !/\/(docs|openapi\.json)/.test(path),
      )
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect([...new Set(routes)].toSorted()).toEqual(operations.map(({ where }) => where).toSorted());
    expect(operations.length).toBeGreaterThan(30);
  });
});

describe('the page of the API', () => {
  test('loads nothing from another host, and everything that it names is there', async () => {
    const page = await (await app.request('/api/v1/docs')).text();
    const start = await (await app.request('/api/v1/docs/start.js')).text();
    expect(`${page}${start}`).not.toMatch(/(https?:)?\/\/[\w-]+\./);
    const names = Array.from(page.matchAll(/(?:src|href)="([^"]+)"/g), ([, name = '']) => name);
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of names) {
      const asset = await app.request(new URL(name, 'http://localhost/api/v1/docs').pathname);
      expect([name, asset.status]).toEqual([name, 200]);
      const type = asset.headers.get('content-type') ?? '';
      expect([name, type]).toEqual([name, expect.stringMatching(/^(text\/css|text\/javascript|image\/png)/)]);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
    expect(start).toContain("url: 'openapi.json'");
    expect(start).toContain('validatorUrl: null');
  });

  test('is what people find at the start, and serves nothing else of its package', async () => {
    const home = await app.request('/');
    expect([home.status, home.headers.get('location')]).toEqual([302, '/api/v1/docs']);
    for (const path of ['package.json', 'swagger-initializer.js', '..%2Fpackage.json'])
      expect([path, (await app.request(`/api/v1/docs/${path}`)).status]).toEqual([path, 404]);
  });
});

test('health is told without a key', async () => {
  const response = await app.request('/healthz');
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok', version: '1.2.3' }]);
});
