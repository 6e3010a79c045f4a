import { invalidInput } from '../domain/errors.ts';
import type { Person } from '../store/people.ts';
import { sha256 } from './idempotency.ts';
import { hashPassword } from './passwords.ts';
import { newPasswordSchema } from './sign-in.ts';

/**
 * Somebody who was not known.
 * @throws AppError `invalid_input` for a password that is too short.
 */
export async function newPerson(email: string, password: string): Promise<Person> {
  if (!newPasswordSchema.safeParse(password).success)
    throw invalidInput('the password is too short or too long', [
      { field: 'password', problem: 'must have 12 to 200 characters' },
    ]);
  const passwordHash = await hashPassword(password);
  return { _id: personId(email), email, passwordHash, createdAt: new Date() };
}

/** Two who make the same person at once make one. */
function personId(email: string): string {
  return `per_${sha256(`person:${email}`).slice(0, 16)}`;
}
