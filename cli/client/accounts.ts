import { hc } from 'hono/client';
import type { ApiResources } from '../../api/resources.ts';
import type { Role } from '../../domain/principal.ts';
import { bodyOf } from './answer.ts';

/** People, and the keys of programs. */
export function accountMethods(base: string, options: Parameters<typeof hc>[1]) {
  const { auth: open } = hc<ApiResources['login']>(base, options);
  const { auth } = hc<ApiResources['sessions']>(base, options);
  const { people } = hc<ApiResources['people']>(base, options);
  const { invitations } = hc<ApiResources['invitations']>(base, options);
  const { keys } = hc<ApiResources['keys']>(base, options);
  return {
    login: (json: { email: string; password: string; org?: string }) =>
      bodyOf(open.login.$post({ json, form: {} as never })),
    accept: (json: { token: string; password: string }) => bodyOf(open.accept.$post({ json })),
    async logout() {
      await auth.logout.$post();
    },
    me: () => bodyOf(auth.me.$get()),
    people: () => bodyOf(people.$get()),
    setRole: (id: string, role: Role) => bodyOf(people[':id'].$patch({ param: { id }, json: { role } })),
    async removePerson(id: string) {
      await people[':id'].$delete({ param: { id } });
    },
    invite: (json: { email: string; role: Role }) => bodyOf(invitations.$post({ json })),
    invitations: () => bodyOf(invitations.$get()),
    keys: () => bodyOf(keys.$get()),
    createKey: (json: { name: string; role: Role; scope?: string[]; expiresAt?: string }) =>
      bodyOf(keys.$post({ json: json as never })),
    rotateKey: (id: string, graceSeconds: number) =>
      bodyOf(keys[':id'].rotate.$post({ param: { id }, json: { graceSeconds } })),
    async revokeKey(id: string) {
      await keys[':id'].$delete({ param: { id } });
    },
  };
}
