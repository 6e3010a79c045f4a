import { randomBytes } from 'node:crypto';
import type { Role } from '../domain/principal.ts';
import type { Invitation } from '../store/invitations.ts';
import { sha256 } from './idempotency.ts';

const DAYS = 7;

/** An invitation, and the token that opens it: shown once, stored as its hash. */
export function newInvitation(
  of: { org: string; email: string; role: Role; createdBy: string },
  createdAt: Date,
): { token: string; invitation: Invitation } {
  const token = `invite_${randomBytes(24).toString('base64url')}`;
  const _id = `inv_${randomBytes(8).toString('hex')}`;
  const expiresAt = new Date(createdAt.getTime() + DAYS * 86_400_000);
  return { token, invitation: { _id, ...of, hash: sha256(token), createdAt, expiresAt } };
}
