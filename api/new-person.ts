import { randomBytes } from 'node:crypto';
import { invalidInput } from '../domain/errors.ts';
import type { Person } from '../store/people.ts';
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
  return { _id: `per_${randomBytes(8).toString('hex')}`, email, passwordHash, createdAt: new Date() };
}
