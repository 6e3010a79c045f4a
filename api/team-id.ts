import { sha256 } from './idempotency.ts';

/** The same name is the same team. */
export function teamIdOf(org: string, name: string): string {
  return `team_${sha256(`${org}|${name}`).slice(0, 16)}`;
}
