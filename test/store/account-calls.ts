import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const doing = (id: string) => ({ id, by: 'key_1', at });
const person = { _id: 'per_1', email: 'a@b.com', passwordHash: 'x', createdAt: at };
const member = { org: ORG, person: 'per_1', email: 'a@b.com', role: 'admin', createdAt: at } as const;
const expiresAt = new Date(at.getTime() + 60_000);
const signIn = { _id: 'sgn_1', org: ORG, person: 'per_1', email: 'a@b.com', createdAt: at, expiresAt };
const invitation = {
  _id: 'inv_1',
  org: ORG,
  email: 'c@d.com',
  role: 'viewer',
  hash: 'h1',
  createdBy: 'key_1',
  createdAt: at,
  expiresAt,
} as const;
const invited = { ...person, _id: 'per_2', email: 'c@d.com' };

/** Every function of the repositories of people, in an order that leaves something to find. */
export const ACCOUNT_CALLS = {
  accounts: {
    join: ({ accounts }: Store) => accounts.join(member, person, doing('a1')),
    found: ({ accounts }: Store) =>
      accounts.found({ id: 'new', name: 'New' }, { invitation: { ...invitation, org: 'new' } }, doing('a2')),
    invite: ({ accounts }: Store) =>
      accounts.invite({ ...invitation, _id: 'inv_2', hash: 'h2' }, true, doing('a3')),
    accept: ({ accounts }: Store) =>
      accounts.accept({ ...invitation, _id: 'inv_2', hash: 'h2' }, invited, true, doing('a4')),
    setRole: ({ accounts }: Store) => accounts.setRole(ORG, 'per_2', 'admin', doing('a5')),
    signOut: ({ accounts }: Store) => accounts.signOut(ORG, 'per_2', doing('a6')),
    remove: ({ accounts }: Store) => accounts.remove(ORG, 'per_2', doing('a7')),
    withdraw: ({ accounts }: Store) => accounts.withdraw('new', 'inv_1', doing('a8')),
  },
  people: {
    find: ({ people }: Store) => people.find('per_1'),
    findByEmail: ({ people }: Store) => people.findByEmail('a@b.com'),
    findBySubject: ({ people }: Store) => people.findBySubject('issuer|1'),
    setPassword: ({ people }: Store) => people.setPassword('per_1', 'y'),
    link: ({ people }: Store) => people.link('per_1', 'issuer|1'),
  },
  memberships: {
    find: ({ memberships }: Store) => memberships.find(ORG, 'per_1'),
    findByEmail: ({ memberships }: Store) => memberships.findByEmail(ORG, 'a@b.com'),
    ofPerson: ({ memberships }: Store) => memberships.ofPerson('per_1'),
    list: ({ memberships }: Store) => memberships.list(ORG),
    count: ({ memberships }: Store) => memberships.count(ORG),
  },
  signIns: {
    add: ({ signIns }: Store) => signIns.add({ ...signIn, address: '127.0.0.1', client: 'test' }),
    find: ({ signIns }: Store) => signIns.find(ORG, 'sgn_1'),
    list: ({ signIns }: Store) => signIns.list(ORG, 'per_1'),
    revoke: ({ signIns }: Store) => signIns.revoke(ORG, 'per_1', 'sgn_2'),
    revokeOthers: ({ signIns }: Store) => signIns.revokeOthers('per_1', 'sgn_1'),
  },
  invitations: {
    findByHash: ({ invitations }: Store) => invitations.findByHash('h1'),
    list: ({ invitations }: Store) => invitations.list(ORG),
  },
  loginFailures: {
    take: async ({ loginFailures }: Store) => {
      for (const _ of ['first', 'second']) await loginFailures.take('x', at, 60_000);
    },
    giveBack: ({ loginFailures }: Store) => loginFailures.giveBack('x'),
    forget: ({ loginFailures }: Store) => loginFailures.forget('x'),
  },
  installationSecrets: {
    keep: ({ installationSecrets }: Store) => installationSecrets.keep('name', 'value'),
  },
};
