import { AppError } from '../domain/errors.ts';
import type { Role } from '../domain/principal.ts';
import type { OidcIdentity } from '../gateways/oidc/oidc-client.ts';
import type { Person } from '../store/people.ts';
import type { ApiDeps, Oidc } from './deps.ts';
import { sha256 } from './idempotency.ts';
import { doneBy } from './people.ts';

const BY = { id: 'oidc' };

/**
 * The person of ours that a provider has signed in, in the organization that OIDC is for. Who is known by a
 * verified address is taken for that person, and from then on signs in there alone; who is new comes in with
 * the role that the provider names, or the one for all.
 * @throws AppError `not_allowed` for people who belong to nothing here.
 */
export async function personOfIdentity(
  { store }: Pick<ApiDeps, 'store'>,
  { organization: org, defaultRole }: Oidc,
  { subject, email, role: named }: OidcIdentity,
): Promise<Person> {
  const { accounts, memberships, people } = store;
  const same = await people.findBySubject(subject);
  const known = same ?? (email === undefined ? undefined : await people.findByEmail(email));
  const member = known && (await memberships.find(org, known._id));
  if (known === undefined || member === undefined) {
    const role = named ?? defaultRole;
    const address = known?.email ?? email;
    if (role === undefined || address === undefined)
      throw new AppError('not_allowed', 'you do not belong to this organization: ask an admin to invite you');
    if (known !== undefined && same === undefined) await link(store, known, subject);
    return join(store, { org, role, email: address }, known, subject);
  }
  if (same === undefined) await link(store, known, subject);
  // The last admin stays one, whatever the provider says.
  if (named !== undefined) await accounts.setRole(org, known._id, named, doneBy(BY));
  return known;
}

async function join(
  { accounts }: ApiDeps['store'],
  as: { org: string; role: Role; email: string },
  known: Person | undefined,
  subject: string,
): Promise<Person> {
  const createdAt = new Date();
  const _id = `per_${sha256(subject).slice(0, 16)}`;
  const person = known ?? { _id, email: as.email, subject, createdAt };
  const member = { ...as, person: person._id, createdAt };
  await accounts.join(member, known === undefined ? person : undefined, doneBy(BY));
  return person;
}

/**
 * Whoever knew the password may not have been the owner of the address, which nobody had verified before: it
 * ends, and with it all that it opened.
 */
async function link({ people, signIns }: ApiDeps['store'], person: Person, subject: string): Promise<void> {
  if (person.subject !== undefined)
    throw new AppError('not_allowed', 'this e-mail address belongs to another account of the provider');
  await people.link(person._id, subject);
  await signIns.revokeOthers(person._id, '');
}
