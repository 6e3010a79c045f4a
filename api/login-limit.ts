import { AppError } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { sha256 } from './idempotency.ts';

const WINDOW_MS = 15 * 60_000;
const FAILURES_OF_EMAIL = 5;
/** An office may have one address. */
const FAILURES_OF_ADDRESS = 20;

/**
 * Lets somebody try to sign in, as long as not too many such attempts have failed, over all processes of
 * the API.
 * @param attempt resolves to undefined where it fails.
 * @throws AppError `too_many_attempts`
 */
export async function withinLoginLimit<T>(
  { store: { loginFailures } }: Pick<ApiDeps, 'store'>,
  { email, address }: { email: string; address: string },
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const ofEmail = sha256(`email:${email}`);
  const ofAddress = sha256(`address:${address}`);
  const at = new Date();
  for (const [id, most] of [
    [ofEmail, FAILURES_OF_EMAIL],
    [ofAddress, FAILURES_OF_ADDRESS],
  ] as const) {
    const { count, until } = await loginFailures.take(id, at, WINDOW_MS);
    if (count > most) throw tooMany(until.getTime() - at.getTime());
  }
  const outcome = await attempt();
  if (outcome !== undefined)
    await Promise.all([loginFailures.forget(ofEmail), loginFailures.giveBack(ofAddress)]);
  return outcome;
}

function tooMany(retryAfterMs: number): AppError {
  const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
  return new AppError(
    'too_many_attempts',
    `too many attempts to sign in have failed; try again in ${minutes} min`,
    { retryAfterMs },
  );
}
