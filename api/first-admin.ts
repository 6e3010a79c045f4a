import type { Store } from '../store/index.ts';
import { newInvitation } from './invitation-token.ts';
import { newPerson } from './new-person.ts';
import { doneBy } from './people.ts';
import { emailSchema } from './sign-in.ts';

/**
 * Where nobody belongs to the organization yet and an address is set: makes its first admin with the password
 * that is set, or invites them. Several processes may start at the same time.
 * @param emails one or several, with commas; the first one counts.
 * @returns the token of an invitation that was made just now, to be shown once.
 * @throws AppError `invalid_input` for a password that is too short.
 */
export async function firstAdmin(
  { accounts, memberships, people }: Store,
  options: { organization: string; emails: string | undefined; password: string | undefined },
): Promise<string | undefined> {
  const { organization: org, password } = options;
  const email = emailSchema.safeParse(options.emails?.split(',')[0] ?? '').data;
  if (email === undefined || (await memberships.count(org)) > 0) return undefined;
  const at = new Date();
  const doing = doneBy({ id: 'system' });
  if (password === undefined) {
    const { token, invitation } = newInvitation({ org, email, role: 'admin', createdBy: 'system' }, at);
    return (await accounts.invite(invitation, false, doing)) ? token : undefined;
  }
  const known = await people.findByEmail(email);
  const person = known ?? (await newPerson(email, password));
  const member = { org, person: person._id, email, role: 'admin', createdAt: at } as const;
  await accounts.join(member, known === undefined ? person : undefined, doing);
  return undefined;
}
