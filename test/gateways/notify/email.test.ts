import { type MailServer, startMailServer } from '../../support/mail-server.ts';
import { channelOf, NOTICE, newNotifier } from './channels.ts';

const USER = { user: 'bursar', password: 'MARKEDPASSWORD' };

let server: MailServer;
beforeAll(async () => {
  server = await startMailServer(USER);
});
beforeEach(() => {
  server.mails.length = 0;
  server.raw.length = 0;
  for (const name of Object.keys(server.trouble)) delete server.trouble[name as 'hang'];
});
afterAll(() => server.stop());

const smtp = () => ({ host: '127.0.0.1', port: server.port, ...USER, from: 'Bursar <bursar@example.com>' });
const email = (metadata = {}, target = 'ops@example.com') => channelOf({ type: 'email', target, metadata });
const deliver = (channel = email(), notice = NOTICE, to = smtp()) =>
  newNotifier({ smtp: to }).deliver(channel, notice);

test('arrives as text and as HTML in which no value is more than text', async () => {
  const outcome = await deliver(email({}, 'ops@example.com, cfo@example.com'));
  expect(outcome).toEqual({
    ok: true,
    detail: 'the mail server took it for ops@example.com, cfo@example.com',
  });
  const [mail] = server.mails;
  expect(mail?.subject).toBe('[Bursar] Budget <reports> is at 90 %');
  expect(mail?.from?.text).toContain('bursar@example.com');
  expect(mail?.text).toContain('warning: Budget <reports> is at 90 %\n\nOf $50.00 $45.00 are spent & held.');
  expect(mail?.text).toContain('Spent: $45.00 <b>\n\nhttps://bursar.example.com');
  expect(mail?.html).toContain('Budget &lt;reports&gt; is at 90 %');
  expect(mail?.html).toContain('$45.00 &lt;b&gt;');
  expect(mail?.html).toContain('<a href="https://bursar.example.com/budgets/bud_1?a=1&amp;b=2">');
  expect(mail?.html).not.toContain('<b>');
});

test('has the same Message-ID at each attempt, and another for another channel or notice', async () => {
  await deliver();
  await deliver();
  await deliver({ ...email(), id: 'chn_2' });
  await deliver(email(), { ...NOTICE, id: 'ntc_2' });
  const ids = server.mails.map(({ messageId }) => messageId);
  expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.com>$/);
  expect([ids[0] === ids[1], new Set(ids).size]).toEqual([true, 3]);
});

test('carries attachments', async () => {
  const attachments = [{ name: 'report.csv', contentType: 'text/csv', content: 'day,cost\n1,ü\n' }];
  await deliver(email(), { ...NOTICE, attachments });
  const [file] = server.mails[0]?.attachments ?? [];
  expect([file?.filename, file?.contentType, file?.content.toString('utf8')]).toEqual([
    'report.csv',
    'text/csv',
    'day,cost\n1,ü\n',
  ]);
});

test('an own HTML template fills in values as text, and its text part is made of it', async () => {
  const template = '<h1>{{ title }}</h1><p>{{text}}</p>{{facts}}<a href="{{link}}">{{severity}}</a>';
  await deliver(email({ template, subject_prefix: 'Money:' }));
  const [mail] = server.mails;
  expect(mail?.subject).toBe('Money: Budget <reports> is at 90 %');
  expect(mail?.html).toContain('<h1>Budget &lt;reports&gt; is at 90 %</h1>');
  expect(mail?.html).toContain('href="https://bursar.example.com/budgets/bud_1?a=1&amp;b=2">warning</a>');
  expect(mail?.text).toMatch(/budget <reports> is at 90 %/i);
});

test('an own text template is the text, and the HTML part says the same', async () => {
  await deliver(email({ template: 'Look: {{title}} & {{facts}}', subject_prefix: '' }));
  const [mail] = server.mails;
  expect(mail?.subject).toBe('Budget <reports> is at 90 %');
  expect(mail?.text).toBe('Look: Budget <reports> is at 90 % & Spent: $45.00 <b>\n');
  expect(mail?.html).toContain('Look: Budget &lt;reports&gt; is at 90 % &amp; <table');
});

test('a title cannot add a header, nor a link run anything', async () => {
  const evil = 'x\r\nBcc: thief@example.com';
  const link = 'javascript:alert(1)';
  await deliver(email({ template: '<a href="{{link}}">x</a>' }), { ...NOTICE, title: evil, link });
  expect(server.raw[0]).not.toMatch(/^Bcc:/m);
  expect(server.mails[0]?.html).not.toContain('javascript');
});

test.each([
  ['a mail that is refused for now', { refuse: 451 }, true],
  ['a mail that is refused', { refuse: 554 }, false],
  ['the one address that there is not', { recipient: { address: 'ops@example.com', status: 550 } }, false],
  ['a full box', { recipient: { address: 'ops@example.com', status: 452 } }, true],
])('%s is final, or worth another attempt', async (_, trouble, retryable) => {
  Object.assign(server.trouble, trouble);
  const outcome = await deliver();
  expect(outcome).toMatchObject({ ok: false, reason: expect.stringMatching(/answered \d{3}/), retryable });
});

test('of several addresses those that are refused are told', async () => {
  server.trouble.recipient = { address: 'gone@example.com', status: 550 };
  const outcome = await deliver(email({}, 'ops@example.com,gone@example.com'));
  expect(outcome).toEqual({
    ok: true,
    detail: 'the mail server took it for ops@example.com, refused for gone@example.com',
  });
});

test('a wrong password is final and shown nowhere; a server that is away is tried again', async () => {
  const wrong = await deliver(email(), NOTICE, { ...smtp(), password: 'MARKEDOTHER' });
  expect(wrong).toMatchObject({ ok: false, reason: expect.stringMatching(/535/), retryable: false });
  expect(JSON.stringify(wrong)).not.toContain('MARKED');
  const away = await deliver(email(), NOTICE, { ...smtp(), port: 1 });
  expect(away).toMatchObject({ ok: false, retryable: true });
});

test('without SMTP_HOST it says what is missing', async () => {
  expect(await newNotifier().deliver(email(), NOTICE)).toEqual({
    ok: false,
    reason: 'SMTP_HOST is not set, so nothing can be mailed',
    retryable: false,
  });
});

test('the log gets a line with all of it but attachments, as loud as it matters', async () => {
  const { deliver: tell, lines } = newNotifier();
  await tell(channelOf({ type: 'log' }), { ...NOTICE, severity: 'critical', attachments: [] });
  const notice = { ...NOTICE, severity: 'critical' };
  expect(lines).toEqual([['error', { channel: 'chn_1', org: 'default', notice }, NOTICE.title]]);
});
