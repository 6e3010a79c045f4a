import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server of this machine that keeps what it is given. */
export async function startMailServer(options: { user?: string; password?: string } = {}) {
  const mails: ParsedMail[] = [];
  const raw: string[] = [];
  /** Answers that come in place of taking a mail: a status, or silence. */
  const trouble: { refuse?: number; recipient?: { address: string; status: number }; hang?: boolean } = {};
  const server = new SMTPServer({
    authOptional: options.user === undefined,
    // Nothing of it leaves this machine, and neither does the password.
    allowInsecureAuth: true,
    disabledCommands: options.user === undefined ? ['AUTH'] : [],
    onAuth({ username, password }, _session, done) {
      const right = username === options.user && password === options.password;
      done(right ? null : Object.assign(new Error('no'), { responseCode: 535 }), { user: username ?? '' });
    },
    onRcptTo({ address }, _session, done) {
      const refused = trouble.recipient?.address === address ? trouble.recipient.status : undefined;
      done(refused === undefined ? null : Object.assign(new Error('no such box'), { responseCode: refused }));
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const { refuse, hang } = trouble;
        if (hang) return;
        if (refuse !== undefined) return done(Object.assign(new Error('not now'), { responseCode: refuse }));
        raw.push(Buffer.concat(chunks).toString('utf8'));
        mails.push(await simpleParser(Buffer.concat(chunks)));
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the mail server has no port');
  return {
    port: address.port,
    mails,
    raw,
    trouble,
    stop: () => new Promise<void>((done) => server.close(() => done())),
  };
}

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;
