import type { Connection } from 'mongoose';
import { MAX_PEOPLE, type Role } from '../domain/principal.ts';
import { collectionModel } from './model.ts';

/** That a person belongs to an organization. `_id` = org:person. */
export interface Membership {
  _id: string;
  org: string;
  person: string;
  /** As the person's own, for lists. */
  email: string;
  role: Role;
  createdAt: Date;
}

const MAX_ORGANIZATIONS = 100;

/** Who belongs to which organization. Changes go through `accounts`, which audits them. */
export function membershipStore(connection: Connection) {
  const model = collectionModel<Membership>(
    connection,
    'memberships',
    { _id: String, org: String, person: String, email: String, role: String, createdAt: Date },
    [[{ org: 1, email: 1 }, { unique: true }], [{ person: 1, createdAt: 1 }], [{ org: 1, role: 1 }]],
  );
  return {
    model,
    async find(org: string, person: string): Promise<Membership | undefined> {
      const _id = membershipId(org, person);
      return (await model.findOne({ _id, org }).lean<Membership>()) ?? undefined;
    },
    async findByEmail(org: string, email: string): Promise<Membership | undefined> {
      return (await model.findOne({ org, email }).lean<Membership>()) ?? undefined;
    },
    /** Where the person belongs, the oldest first. Names no organization: it is what tells them. */
    async ofPerson(person: string): Promise<Membership[]> {
      return model.find({ person }).sort({ createdAt: 1 }).limit(MAX_ORGANIZATIONS).lean<Membership[]>();
    },
    /** By e-mail address. */
    async list(org: string): Promise<Membership[]> {
      return model.find({ org }).sort({ email: 1 }).limit(MAX_PEOPLE).lean<Membership[]>();
    },
    async count(org: string): Promise<number> {
      return model.countDocuments({ org });
    },
  };
}

export function membershipId(org: string, person: string): string {
  return `${org}:${person}`;
}
