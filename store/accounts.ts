import type { Connection, mongo } from 'mongoose';
import type { Role } from '../domain/principal.ts';
import type { AuditLog } from './audit-log.ts';
import type { Invitation, invitationStore } from './invitations.ts';
import { type Membership, membershipId, type membershipStore } from './memberships.ts';
import { isDuplicate } from './model.ts';
import type { organizationStore } from './organizations.ts';
import type { Person, personStore } from './people.ts';
import type { signInStore } from './sign-ins.ts';
import { Leave, transact } from './transaction.ts';

interface Parts {
  people: ReturnType<typeof personStore>;
  memberships: ReturnType<typeof membershipStore>;
  invitations: ReturnType<typeof invitationStore>;
  signIns: ReturnType<typeof signInStore>;
  organizations: ReturnType<typeof organizationStore>;
  auditLog: AuditLog;
}

/** Who does something, and when. `id` tells two such changes apart and names the row of the audit log. */
export interface Doing {
  id: string;
  by: string;
  at: Date;
}

/** What is told of a change of people; e-mail addresses and roles, no secrets. */
type Told = {
  what: 'invited' | 'withdrawn' | 'joined' | 'role' | 'removed' | 'signed_out';
  email: string;
} & {
  role?: Role;
  before?: Role;
};

export type ChangeOfPeople = 'done' | 'missing' | 'last_admin';

/** Changes of who belongs to an organization. Each stands in the audit log, in the same transaction. */
export function createAccounts(connection: Connection, parts: Parts) {
  const { people, memberships, invitations, signIns, organizations, auditLog } = parts;
  const members = memberships.model.collection;

  function tell(session: mongo.ClientSession, org: string, subject: string, told: Told, doing: Doing) {
    const { id: _id, by, at } = doing;
    return auditLog.addIn(session, { _id, org, budget: '', subject, event: 'person', by, details: told, at });
  }

  /** Changes of one organization's people take turns, or two admins could each remove the other. */
  async function inTurn<T>(org: string, work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
    return transact(connection, async (session) => {
      await organizations.bumpPeople(session, org);
      return work(session);
    });
  }

  async function memberIn(session: mongo.ClientSession, org: string, person: string): Promise<Membership> {
    const found = await members.findOne({ _id: membershipId(org, person), org } as never, { session });
    if (found === null) throw new Leave<ChangeOfPeople>('missing');
    return found as unknown as Membership;
  }

  async function assertOtherAdmin(session: mongo.ClientSession, { org, person, role }: Membership) {
    if (role !== 'admin') return;
    const others = { org, role: 'admin', person: { $ne: person } };
    if ((await members.findOne(others as never, { session })) === null)
      throw new Leave<ChangeOfPeople>('last_admin');
  }

  async function joinIn(session: mongo.ClientSession, member: Omit<Membership, '_id'>, doing: Doing) {
    const { org, person, email, role } = member;
    const _id = membershipId(org, person);
    await members.insertOne({ _id, ...member } as never, { session });
    await tell(session, org, person, { what: 'joined', email, role }, doing);
  }

  return {
    /**
     * Lets a person in, whom it makes where `made` is given. @returns false where they are in already, or
     * somebody else has just made them.
     */
    async join(member: Omit<Membership, '_id'>, made: Person | undefined, doing: Doing): Promise<boolean> {
      try {
        await inTurn(member.org, async (session) => {
          if (made !== undefined) await people.insertIn(session, made);
          await joinIn(session, member, doing);
        });
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return false;
      }
    },
    /**
     * Makes an organization with its first person, or an invitation of them. @returns false where it is
     * there.
     */
    async found(
      { id, name }: { id: string; name: string },
      first: { member: Omit<Membership, '_id'> } | { invitation: Invitation },
      doing: Doing,
    ): Promise<boolean> {
      return transact(connection, async (session) => {
        if (!(await organizations.insertIn(session, id, name, doing.at))) throw new Leave(false);
        if ('member' in first) {
          await joinIn(session, first.member, doing);
          return true;
        }
        const { _id, email, role } = first.invitation;
        await invitations.setIn(session, first.invitation, true);
        await tell(session, id, _id, { what: 'invited', email, role }, doing);
        return true;
      });
    },
    /** @returns false where the address is invited already, which `inPlace` ends. */
    async invite(invitation: Invitation, inPlace: boolean, doing: Doing): Promise<boolean> {
      const { _id, org, email, role } = invitation;
      return inTurn(org, async (session) => {
        if (!(await invitations.setIn(session, invitation, inPlace))) return false;
        await tell(session, org, _id, { what: 'invited', email, role }, doing);
        return true;
      });
    },
    /** @returns false where there is none of that id. */
    async withdraw(org: string, id: string, doing: Doing): Promise<boolean> {
      return transact(connection, async (session) => {
        const { email, role } = (await invitations.takeIn(session, org, id)) ?? {};
        if (email === undefined || role === undefined) return false;
        await tell(session, org, id, { what: 'withdrawn', email, role }, doing);
        return true;
      });
    },
    /** Uses an invitation up. @returns false where somebody else has, or it was withdrawn. */
    async accept(invitation: Invitation, person: Person, isNew: boolean, doing: Doing): Promise<boolean> {
      const { _id, org, email, role } = invitation;
      return inTurn(org, async (session) => {
        if ((await invitations.takeIn(session, org, _id)) === undefined) return false;
        if (isNew) await people.insertIn(session, person);
        else if (!(await people.joinIn(session, person._id, doing.at))) throw new Leave(false);
        const is = await members.findOne({ _id: membershipId(org, person._id), org } as never, { session });
        if (is !== null) return true;
        await joinIn(session, { org, person: person._id, email, role, createdAt: doing.at }, doing);
        return true;
      });
    },
    async setRole(org: string, person: string, role: Role, doing: Doing): Promise<ChangeOfPeople> {
      return inTurn<ChangeOfPeople>(org, async (session) => {
        const member = await memberIn(session, org, person);
        if (member.role === role) return 'done';
        await assertOtherAdmin(session, member);
        await members.updateOne({ _id: member._id, org } as never, { $set: { role } }, { session });
        const { email, role: before } = member;
        await tell(session, org, person, { what: 'role', email, role, before }, doing);
        return 'done';
      });
    },
    /** Ends the person's sign-ins, too; who then belongs nowhere is forgotten. */
    async remove(org: string, person: string, doing: Doing): Promise<ChangeOfPeople> {
      return inTurn<ChangeOfPeople>(org, async (session) => {
        const member = await memberIn(session, org, person);
        await assertOtherAdmin(session, member);
        await members.deleteOne({ _id: member._id, org } as never, { session });
        await signIns.model.collection.deleteMany({ org, person }, { session });
        if ((await members.findOne({ person }, { session })) === null) await people.removeIn(session, person);
        const { email, role } = member;
        await tell(session, org, person, { what: 'removed', email, role }, doing);
        return 'done';
      });
    },
    /** Ends all sign-ins of a person in the organization. */
    async signOut(org: string, person: string, doing: Doing): Promise<ChangeOfPeople> {
      return transact<ChangeOfPeople>(connection, async (session) => {
        const { email } = await memberIn(session, org, person);
        await signIns.model.collection.deleteMany({ org, person }, { session });
        await tell(session, org, person, { what: 'signed_out', email }, doing);
        return 'done';
      });
    },
  };
}
