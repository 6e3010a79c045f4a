/** Who asks: an API key, or a person who has signed in. What a request may see or do follows from it. */

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Far above the people that an organization lets in by hand. */
export const MAX_PEOPLE = 1_000;

export interface Principal {
  org: string;
  role: Role;
  via: 'api_key' | 'person';
  /** Id of the key or the person. */
  id: string;
  email?: string;
  /** What the key is limited to beside its role: see `key-scope.ts`. */
  scope?: readonly string[];
  /** The sign-in of the person. */
  signIn?: string;
}

/** Roles are nested: an operator may do all that a viewer may, an admin all that an operator may. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
