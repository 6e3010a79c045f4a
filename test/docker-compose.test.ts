import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readEnvironment } from '../config/environment.ts';
import {
  compose,
  environmentOf,
  fill,
  inImage,
  ROOT,
  read,
  services,
  stages,
} from './support/container-files.ts';

describe('The services', () => {
  test('has every service, the two jobs among them', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'api',
      'mongodb',
      'postgresql',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  test('publishes the API, Temporal and its Web UI on 127.0.0.1 and nothing else', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${fill(port)}`),
    );
    expect(published.sort()).toEqual([
      'api 127.0.0.1:3000:3000',
      'temporal 127.0.0.1:7233:7233',
      'temporal-ui 127.0.0.1:8080:8080',
    ]);
  });

  test('lets workers be many: no name, no published port, no volume that they would share', () => {
    expect(compose.services.worker).toBeDefined();
    for (const [, service] of services) expect(service.container_name).toBeUndefined();
    expect(compose.services.worker?.ports).toBeUndefined();
    expect(compose.services.worker?.volumes).toBeUndefined();
  });

  test('pins every foreign image, Temporal and its tools to the same release of 1.29', () => {
    for (const [, { image, build }] of services) if (!build) expect(image).toMatch(/:\d+\.\d+/);
    const [, release] =
      /^temporalio\/server:(1\.29\.\d+)$/.exec(compose.services.temporal?.image ?? '') ?? [];
    expect(release).toBeDefined();
    for (const job of ['temporal-schema', 'temporal-namespace']) {
      expect(compose.services[job]?.image).toMatch(new RegExp(`^temporalio/admin-tools:${release}-`));
    }
    expect(compose.services.mongodb?.image).toMatch(/^mongo:8\./);
  });
});

describe('The environment', () => {
  test.each(['api', 'worker'])('gives the %s only variables that config/environment.ts knows', (name) => {
    const known = new Set(
      read('config/environment.ts')
        .match(/^ {2}[A-Z][A-Z0-9_]+(?=:)/gm)
        ?.map((key) => key.trim()),
    );
    const unknown = Object.keys(environmentOf(name)).filter((key) => !known.has(key));
    expect(unknown).toEqual([]);
  });

  test.each(['api', 'worker'])(
    'gives the %s values that the process accepts and that lead to the services',
    (name) => {
      const environment = readEnvironment(environmentOf(name));
      const mongodb = new URL(environment.MONGODB_URI);
      expect(environment.TEMPORAL_ADDRESS).toBe('temporal:7233');
      expect(environment.TEMPORAL_NAMESPACE).toBe(environmentOf('temporal-namespace').TEMPORAL_NAMESPACE);
      expect(environment.TEMPORAL_UI_URL).toBe('http://127.0.0.1:8080');
      expect([mongodb.host, mongodb.pathname]).toEqual(['mongodb:27017', '/bursar']);
    },
  );

  test('passes what a person sets on to the processes', () => {
    const set = {
      OPENAI_API_KEY: 'a-key',
      OPENAI_BASE_URL: 'http://models.test/v1',
      BURSAR_LOG_LEVEL: 'debug',
    };
    const admin = { BURSAR_ADMIN_KEY: 'sixteen-characters' };
    expect(readEnvironment(environmentOf('api', { ...set, ...admin }))).toMatchObject({ ...set, ...admin });
    expect(readEnvironment(environmentOf('worker', set))).toMatchObject(set);
    expect(environmentOf('worker', admin)).not.toHaveProperty('BURSAR_ADMIN_KEY');
  });

  test('holds no secret: keys are empty by default, the password that is set is for local use', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([key]) => /(KEY|PASSWORD|PWD)$/.test(key)),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(6);
    for (const [key, value] of secrets) {
      const isOwn = /KEY$|^ADMIN_/.test(key);
      const standard = isOwn ? '' : 'bursar-local-only';
      expect(value).toBe(`\${${isOwn ? key : 'POSTGRES_PASSWORD'}:-${standard}}`);
    }
  });
});

describe('What the processes build on', () => {
  test('waits for a service until it is healthy and for a job until it has ended', () => {
    for (const [name, { depends_on = {} }] of services) {
      for (const [target, { condition }] of Object.entries(depends_on)) {
        const job = compose.services[target]?.restart === 'on-failure:5';
        const wanted = job ? 'service_completed_successfully' : 'service_healthy';
        expect([name, target, condition]).toEqual([name, target, wanted]);
        expect([target, job || compose.services[target]?.healthcheck !== undefined]).toEqual([target, true]);
      }
    }
    for (const name of ['api', 'worker']) {
      const waits = Object.keys(compose.services[name]?.depends_on ?? {}).sort();
      expect(waits).toEqual(['mongodb', 'temporal', 'temporal-namespace']);
    }
  });

  test('initiates the replica set that the processes ask for, and calls only a primary healthy', () => {
    const check = compose.services.mongodb?.healthcheck?.test.at(-1) ?? '';
    const name = new URL(environmentOf('api').MONGODB_URI ?? '').searchParams.get('replicaSet');
    expect(compose.services.mongodb?.command).toEqual(expect.arrayContaining(['--replSet', name]));
    expect(check).toContain(`_id: '${name}', members: [{ _id: 0, host: 'mongodb:27017' }]`);
    expect(check).toMatch(/codeName !== 'NotYetInitialized'\) throw/);
    expect(check).toMatch(/quit\(state === 1 \? 0 : 1\)/);
  });

  test('keeps all data in named volumes', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
    expect(mounts.map(([volume]) => volume).sort()).toEqual(Object.keys(compose.volumes).sort());
    const folders = ['/data/db', '/data/configdb', '/var/lib/postgresql/data'];
    expect(mounts.map(([, folder]) => folder)).toEqual(expect.arrayContaining(folders));
    const keyFile = environmentOf('api').BURSAR_KEY_FILE ?? '';
    expect(mounts.some(([, folder]) => keyFile.startsWith(`${folder}/`))).toBe(true);
  });

  test('runs Temporal with the same settings as the local server', () => {
    const local =
      read('local/temporal-server.ts').match(/(?<=')(history|system|matching)\.\w+=\w+(?=')/g) ?? [];
    const settings: Record<string, { value: unknown }[]> = parse(
      compose.configs['temporal-dynamic-config']?.content ?? '',
    );
    expect(local.length).toBeGreaterThan(0);
    expect(
      Object.entries(settings)
        .map(([key, [rule]]) => `${key}=${rule?.value}`)
        .sort(),
    ).toEqual(local.sort());
  });
});

describe('The images', () => {
  test.each(['api', 'worker'])('runs an existing program as a plain user in the image of the %s', (name) => {
    expect(compose.services[name]?.build).toEqual({ context: '.', target: name });
    expect(inImage(name, 'USER')).toBe('node');
    expect(JSON.parse(inImage(name, 'CMD'))).toEqual(['node', `dist/${name}/main.js`]);
    expect(existsSync(join(ROOT, name, 'main.ts'))).toBe(true);
  });

  test.each([
    ['api', 'BURSAR_PORT'],
    ['worker', 'BURSAR_WORKER_HEALTH_PORT'],
  ] as const)('checks the health of the %s on the port that it listens on', (name, variable) => {
    const port = String(readEnvironment(environmentOf(name))[variable]);
    expect(inImage(name, 'HEALTHCHECK')).toContain(`127.0.0.1:\${process.env.${variable}}/healthz`);
    expect(inImage(name, 'ENV').split(' ')).toContain(`${variable}=${port}`);
    expect(inImage('api', 'EXPOSE')).toBe(environmentOf('api').BURSAR_PORT);
    expect(environmentOf('api').BURSAR_HOST).toBe('0.0.0.0');
  });

  test('installs what the lock file says, without development packages in the images that run', () => {
    expect(inImage('dependencies', 'RUN')).toMatch(/npm install --no-save --omit=dev$/);
    expect(stages.get('build')?.instructions.some(({ text }) => text === 'npm run build')).toBe(true);
    expect(JSON.parse(read('package.json')).scripts?.build).toBeDefined();
  });

  test('copies only files that exist and that .dockerignore lets through', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = [...stages.values()]
      .flatMap(({ instructions }) => instructions.filter(({ name }) => name === 'COPY'))
      .filter(({ text }) => !text.startsWith('--from') && text !== '. .')
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect(copied.filter((path) => !existsSync(join(ROOT, path)) || ignored.includes(path))).toEqual([]);
    expect(ignored).toEqual(
      expect.arrayContaining(['.git', '.env', '.env.*', '.bursar', 'node_modules', 'dist']),
    );
  });
});
