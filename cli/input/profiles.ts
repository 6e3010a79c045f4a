import { parse, stringify } from 'yaml';

/**
 * A `profiles.yml` reduced to the type of each connection, which decides the SQL dialect. The file often
 * holds passwords, and those go nowhere.
 */
export function withoutSecrets(text: string): string {
  const profiles: unknown = parseLeniently(text);
  if (!isRecord(profiles)) return '{}\n';
  const kept = Object.entries(profiles).flatMap(([name, profile]) => {
    if (!isRecord(profile) || !isRecord(profile.outputs)) return [];
    const outputs = Object.entries(profile.outputs).flatMap(([output, settings]) =>
      isRecord(settings) && typeof settings.type === 'string' ? [[output, { type: settings.type }]] : [],
    );
    const target = typeof profile.target === 'string' ? { target: profile.target } : {};
    return [[name, { ...target, outputs: Object.fromEntries(outputs) }]];
  });
  return stringify(Object.fromEntries(kept));
}

function parseLeniently(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // Jinja in it, for instance: then the dialect stays unknown.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
