import { createRoute, z } from '@hono/zod-openapi';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { errors, jsonAnswer, jsonBody, router } from './http.ts';
import { sha256 } from './idempotency.ts';
import { withinLoginLimit } from './login-limit.ts';
import { newPerson } from './new-person.ts';
import { isPassword } from './passwords.ts';
import { doneBy } from './people.ts';
import { addressOf, orgSchema, passwordSchema, signedInSchema, signIn } from './sign-in.ts';

/** Whatever is no address is nobody's. */
const name = z.string().trim().toLowerCase().min(1).max(254);
const jsonSchema = z
  .strictObject({ email: name, password: passwordSchema, org: orgSchema.optional() })
  .openapi('Login');
/** As OAuth 2 clients send it: they may say more than is read here. */
const formSchema = z
  .object({ username: name, password: passwordSchema, org: orgSchema.optional() })
  .openapi('LoginForm');

const login = createRoute({
  method: 'post',
  path: '/auth/login',
  tags: ['Accounts'],
  summary: 'Sign in with e-mail address and password, as JSON or as a form; answers a bearer token',
  security: [],
  request: {
    body: {
      content: {
        'application/json': { schema: jsonSchema },
        'application/x-www-form-urlencoded': { schema: formSchema },
      },
    },
  },
  responses: {
    200: jsonAnswer(signedInSchema, 'Signed in, to `org` or to the organization joined first.'),
    ...errors(403, 429),
  },
});

const accept = createRoute({
  method: 'post',
  path: '/auth/accept',
  tags: ['Accounts'],
  summary: 'Use an invitation: who is new chooses a password, who is known gives theirs; signs in',
  security: [],
  request: jsonBody(
    z.strictObject({ token: z.string().min(1).max(200), password: passwordSchema }).openapi('Acceptance'),
  ),
  responses: {
    200: jsonAnswer(signedInSchema, 'Signed in to the organization that has invited.'),
    ...errors(404, 429),
  },
});

/** How people come in with a password. */
export function loginRoutes(deps: ApiDeps) {
  const { accounts, invitations, people } = deps.store;
  return router()
    .openapi(login, async (c) => {
      const { email, password, org } = asked(c.req.valid('json'), c.req.valid('form'));
      const address = addressOf(c, deps);
      const person = await withinLoginLimit(deps, { email, address }, async () => {
        const found = await people.findByEmail(email);
        return (await isPassword(password, found?.passwordHash)) ? found : undefined;
      });
      if (person === undefined) throw wrong();
      return c.json(await signIn(c, deps, person, { org }), 200);
    })
    .openapi(accept, async (c) => {
      const { token, password } = c.req.valid('json');
      const invitation = await invitations.findByHash(sha256(token));
      if (invitation === undefined) throw notOpen();
      const { org, email } = invitation;
      const known = await people.findByEmail(email);
      // The token does not tell whose the address is: whoever invites sees it, too.
      const attempt = async () =>
        known === undefined || (await isPassword(password, known.passwordHash)) ? true : undefined;
      const address = addressOf(c, deps);
      if ((await withinLoginLimit(deps, { email, address }, attempt)) !== true) throw wrong();
      const person = known ?? (await newPerson(email, password));
      if (!(await accounts.accept(invitation, person, known === undefined, doneBy({ id: person._id }))))
        throw notOpen();
      return c.json(await signIn(c, deps, person, { org }), 200);
    });
}

/** The same for both, so that nobody learns which addresses are known. */
function wrong(): AppError {
  return new AppError('not_authenticated', 'the e-mail address or the password is wrong');
}

function notOpen(): AppError {
  return new AppError('not_found', 'the invitation was used or withdrawn, has expired, or never was');
}

/** Whichever of the two came; the other one is empty. */
function asked(json: Partial<z.infer<typeof jsonSchema>>, form: Partial<z.infer<typeof formSchema>>) {
  const email = json.email ?? form.username;
  const password = json.password ?? form.password;
  if (email !== undefined && password !== undefined) return { email, password, org: json.org ?? form.org };
  throw invalidInput('the request is not valid: it needs email and password as JSON, or a form', [
    { field: 'email', problem: 'is missing' },
    { field: 'password', problem: 'is missing' },
  ]);
}
