/** Who asks: an API key today, a person later. Everything a request may see or do follows from it. */

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  org: string;
  role: Role;
  via: 'api_key' | 'person';
  /** Id of the key or the person. */
  id: string;
  email?: string;
}

/** Roles are nested: an operator may do all that a viewer may, an admin all that an operator may. */
export function allows(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
