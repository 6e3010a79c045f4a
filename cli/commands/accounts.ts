import { createInterface } from 'node:readline/promises';
import { invalidInput } from '../../domain/errors.ts';
import { given } from '../../domain/given.ts';
import type { Role } from '../../domain/principal.ts';
import { createClient } from '../client/client.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { apiAddress, withSession } from '../session.ts';
import { askSecret } from '../show/ask-secret.ts';
import { localTime } from '../show/format.ts';
import { tableLines } from '../show/table.ts';
import { keepToken, keptToken } from '../token-file.ts';

const NEEDS = { temporal: false, command: 'people' };

export interface LoginOptions {
  email?: string;
  org?: string;
  /** With an invitation instead, which is asked for or read from BURSAR_INVITATION. */
  invitation?: boolean;
}

/** `bursar login`: the token is kept for this API, until it expires. */
export async function login(context: CommandContext, options: LoginOptions): Promise<number> {
  const { environment, interrupts, output } = context;
  const apiUrl = apiAddress(context);
  const stop = interrupts.first;
  const client = createClient({ apiUrl, apiKey: undefined, stop });
  const secret = async (set: string | undefined, question: string) => set || askSecret(question, stop);
  const signIn = async () => {
    if (options.invitation) {
      const token = await secret(environment.BURSAR_INVITATION, 'Invitation');
      return client.accept({
        token,
        password: await secret(environment.BURSAR_PASSWORD, 'Password, yours or a new one'),
      });
    }
    const email = options.email ?? (await askEmail());
    const password = await secret(environment.BURSAR_PASSWORD, 'Password');
    return client.login(given({ email, password, org: options.org }));
  };
  const { access_token: token, expires_in } = await signIn();
  const expiresAt = new Date(Date.now() + expires_in * 1000).toISOString();
  keepToken(environment, apiUrl, { token, expiresAt });
  const { email } = await createClient({ apiUrl, apiKey: token, stop }).me();
  output.result({ apiUrl, email, expiresAt });
  output.line(`Signed in at ${apiUrl} as ${email} until ${localTime(expiresAt)}.`);
  return EXIT.done;
}

async function askEmail(): Promise<string> {
  if (!process.stdin.isTTY) throw invalidInput('nobody is there to ask: give --email ADDRESS');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question('E-mail: ')).trim();
  } finally {
    asking.close();
  }
}

/** `bursar logout`: the token opens nothing from now on. */
export async function logout(context: CommandContext): Promise<number> {
  const { environment, interrupts, output } = context;
  const apiUrl = apiAddress(context);
  const apiKey = keptToken(environment, apiUrl);
  if (apiKey !== undefined) await createClient({ apiUrl, apiKey, stop: interrupts.first }).logout();
  keepToken(environment, apiUrl, undefined);
  output.result({ apiUrl, wasSignedIn: apiKey !== undefined });
  output.line(apiKey === undefined ? `Nobody was signed in at ${apiUrl}.` : `Signed out of ${apiUrl}.`);
  return EXIT.done;
}

/** `bursar whoami` */
export async function whoAmI(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const me = await client.me();
    output.result(me);
    output.line(`${me.email ?? `API key ${me.id}`}: ${me.role} in ${me.org}`);
    for (const { id, name, role } of me.organizations.filter(({ id }) => id !== me.org))
      output.line(`also ${role} in ${id} (${name})`);
    return EXIT.done;
  });
}

/** `bursar people list`: with those who are invited. */
export async function listPeople(context: CommandContext): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const [{ people }, { invitations }] = await Promise.all([client.people(), client.invitations()]);
    output.result({ people, invitations });
    const rows = [
      ...people.map(({ email, role, since, id }) => [email, role, `since ${localTime(since)}`, id]),
      ...invitations.map(({ email, role, expiresAt, id }) => [
        email,
        role,
        `invited until ${localTime(expiresAt)}`,
        id,
      ]),
    ];
    const columns = [{ title: 'e-mail' }, { title: 'role' }, { title: 'state' }, { title: 'id' }];
    for (const line of tableLines(columns, rows, output.style.bold)) output.line(line);
    return EXIT.done;
  });
}

/** `bursar people invite` */
export async function invitePerson(
  context: CommandContext,
  email: string,
  { role }: { role: Role },
): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const invitation = await client.invite({ email, role });
    output.result(invitation);
    output.line(invitation.token);
    if (invitation.mailed) output.note(`It is mailed to ${email}, too.`);
    output.note(
      `For ${email}, once, until ${localTime(invitation.expiresAt)}; it is not shown again. With it and a\n` +
        'password of their own they join: bursar login --invitation, or POST /auth/accept.',
    );
    return EXIT.done;
  });
}

/** `bursar people role` */
export async function changeRole(context: CommandContext, who: string, role: Role): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const person = await client.setRole(idOf(who, (await client.people()).people), role);
    output.result(person);
    output.line(`${person.email} is ${person.role} now.`);
    return EXIT.done;
  });
}

/** `bursar people remove` */
export async function removePerson(context: CommandContext, who: string): Promise<number> {
  const { output } = context;
  return withSession(context, NEEDS, async ({ client }) => {
    const id = idOf(who, (await client.people()).people);
    await client.removePerson(id);
    output.result({ id, removed: true });
    output.line(`${who} is removed.`);
    return EXIT.done;
  });
}

/** By e-mail address, or by id. */
function idOf(who: string, people: { id: string; email: string }[]): string {
  return people.find(({ email }) => email === who.toLowerCase())?.id ?? who;
}
