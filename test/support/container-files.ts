import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The parts of docker-compose.yml that the test looks at. */
interface Service {
  image: string;
  build?: { context: string; target: string };
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  restart?: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  container_name?: string;
}

interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, null>;
  configs: Record<string, { content: string }>;
}

interface Stage {
  base: string;
  instructions: { name: string; text: string }[];
}

export const ROOT = join(import.meta.dirname, '../..');
/** Text of a file of the repository. */
export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

export const compose: Compose = parse(read('docker-compose.yml'), { merge: true });
export const services = Object.entries(compose.services);
export const stages = dockerStages(read('Dockerfile'));

/** The stages of a Dockerfile by name; comments are left out, continued lines joined. */
function dockerStages(text: string): Map<string, Stage> {
  const found = new Map<string, Stage>();
  let current: Stage | undefined;
  for (const line of text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const [, base = '', stage = ''] = name === 'FROM' ? (/^(\S+) AS (\S+)$/.exec(rest) ?? []) : [];
    if (name === 'FROM') {
      current = { base, instructions: [] };
      found.set(stage, current);
    } else if (name !== '') current?.instructions.push({ name, text: rest });
  }
  return found;
}

/** The last text of an instruction in a stage or the stages below it: the one that holds in the image. */
export function inImage(stage: string, instruction: string): string {
  for (let at = stages.get(stage); at !== undefined; at = stages.get(at.base)) {
    const own = at.instructions.findLast(({ name }) => name === instruction);
    if (own) return own.text;
  }
  return '';
}

/** Puts variables in as Compose does: `${NAME:-default}`. */
export function fill(value: string, variables: Record<string, string> = {}): string {
  return value.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, standard: string) => variables[name] || standard,
  );
}

/** The environment of a service as Compose makes it where `variables` are set and all others are not. */
export function environmentOf(name: string, variables: Record<string, string> = {}): Record<string, string> {
  const given = Object.entries(compose.services[name]?.environment ?? {});
  return Object.fromEntries(given.map(([key, value]) => [key, fill(value, variables)]));
}
