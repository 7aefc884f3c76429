/** Odd dialogues, such as people hold with a port by hand, by what is odd in them. */
import type { Dialogue, Step } from './talk.ts';

const EHLO = 'EHLO client.elsewhere.test';
const MAIL = 'MAIL FROM:<eve@elsewhere.test>';
const D = 'theorganisation.test';
const ALICE = `alice@${D}`;
const RCPT = `RCPT TO:<${ALICE}>`;
const NOBODY = `RCPT TO:<nobody@${D}>`;
const UNKNOWN = 'WIBBLE';
const atData: Step[] = [EHLO, MAIL, RCPT, 'DATA'];
const repeated = (step: Step, times: number): Step[] => Array<Step>(times).fill(step);
const bytes = (text: string, replies = 1): Step => ({ bytes: Buffer.from(text, 'latin1'), replies });
const padded = (start: string, length: number, end = ''): string => `${start}${'x'.repeat(Math.max(0, length - start.length - end.length))}${end}`;
const named = (name: string, steps: Step[], more: Partial<Dialogue> = {}): Dialogue => ({ name, steps, ...more });

/** Each command in a session of its own, after some others. */
const each = (before: Step[], commands: (string | [command: string, differs: string])[]): Dialogue[] =>
  commands.map((one) => {
    const [command, differs] = typeof one === 'string' ? [one] : one;
    return named(command, [...before, command], differs === undefined ? {} : { differs });
  });

const parameters: Dialogue[] = [
  ...each([EHLO], [
    'FOO=BAR', 'SIZE=100', 'SIZE=', 'SIZE', 'SIZE=-1', 'SIZE=huge', 'SIZE=10240000', 'SIZE=10240001', 'SIZE=99999999999999999999', 'SIZE=1 SIZE=20000000',
    'BODY=8BITMIME', 'BODY=7bit', 'BODY=BINARYMIME', 'BODY', 'RET=FULL', 'ret=hdrs', 'RET=SOME', 'RET=FULL RET=FULL', 'ENVID=a+20b', 'ENVID=a+2', 'ENVID=a+0Ab', 'ENVID=',
    'ENVID=a ENVID=b', 'SMTPUTF8', 'SMTPUTF8=yes', 'AUTH=<>', 'AUTH', 'XVERP', 'REQUIRETLS', '=', 'SIZE=1 FOO', 'SIZE=20000000 FOO', 'SIZE=1 ', '"SIZE=1"',
  ].map((words) => `MAIL FROM:<eve@elsewhere.test> ${words}`)),
  ...each([EHLO, MAIL], [
    'FOO=BAR', 'NOTIFY=NEVER', 'NOTIFY=SUCCESS,DELAY', 'NOTIFY=NEVER,DELAY', 'NOTIFY=', 'NOTIFY', 'NOTIFY=PERHAPS', 'NOTIFY=SUCCESS,', 'NOTIFY=NEVER NOTIFY=NEVER',
    'ORCPT=rfc822;alice@x.test', 'ORCPT=rfc822', 'ORCPT=;x', 'ORCPT=rfc822;a+zz', 'ORCPT=rfc822;', 'ORCPT=a;b ORCPT=c;d', 'SIZE=1', 'FOO="a b"',
  ].map((words) => `${RCPT} ${words}`)),
  named('a parameter comes before the user', [EHLO, MAIL, `${NOBODY} FOO`]),
  named('SIZE of a MAIL that was refused', [EHLO, `${MAIL} SIZE=20000000 FOO`, MAIL], { differs: 'a refused MAIL' }),
  named('AUTH of a MAIL that was refused', [EHLO, `${MAIL} AUTH=x FOO`, `${MAIL} AUTH=x`], { differs: 'a refused MAIL' }),
  named('SMTPUTF8 of a MAIL that is under way, and another MAIL', [EHLO, `${MAIL} SMTPUTF8`, MAIL, 'RCPT TO:<x@é.test>'], { differs: 'a refused MAIL' }),
  named('AUTH twice', [EHLO, `${MAIL} AUTH=x AUTH=y`]),
  named('HELO, and yet parameters', ['HELO x', `${MAIL} SIZE=5 BODY=8BITMIME RET=FULL`, `${RCPT} NOTIFY=NEVER`]),
];

const quoting: Dialogue[] = [
  ...each([EHLO], [
    '<"a b"@elsewhere.test>', '<"a\\"b"@elsewhere.test>', '<"a"b@elsewhere.test>', '<a"b"@elsewhere.test>', '"a b"@elsewhere.test', '<"a b@elsewhere.test>', '<"">', '<""@elsewhere.test>',
    '<a b@elsewhere.test>', '<a@elsewhere.test', 'a@elsewhere.test', 'a@elsewhere.test>', '<<a@elsewhere.test>>', '<a@elsewhere.test>x', '<a@elsewhere.test><b@elsewhere.test>', '<-><>', 'Eve<a@elsewhere.test>', '<>', '< >', '<eve>',
    '<(c)a@elsewhere.test>', '<a@elsewhere.test(c)>', '<@relay.test:a@elsewhere.test>', '<@r.test,@s.test:a@elsewhere.test>', '<@elsewhere.test>', '<a@>', '<a@@elsewhere.test>',
    '<a@b@elsewhere.test>', '<a..b@elsewhere.test>', '<.a@elsewhere.test>', '<a@elsewhere..test>', '<a@elsewhere.test.>', '<a@-x.test>', '<a@x_y.test>', '<a@[192.0.2.1]>', '<a@[x]>',
    '<a@[IPv6:2001:db8::1]>', '<a@192.0.2.1>', '<-a@elsewhere.test>', '<a%b@elsewhere.test>', '<a!b@elsewhere.test>', '<a,b@elsewhere.test>', '<|prog@elsewhere.test>',
  ].map((path) => `MAIL FROM:${path}`)),
  ...each([EHLO, MAIL], [
    `<"alice"@${D}>`, `<"Alice"@${D}>`, `<"al\\ice"@${D}>`, `<al\\ice@${D}>`, `<"a b"@${D}>`, `<"nobody"@${D}>`, '<"pat"@partner.test>', '<"nobody"@partner.test>', `<"a@b"@${D}>`,
    `<alice%elsewhere.test@${D}>`, `<alice%${D}@a.${D}>`, `<pat%partner.test@${D}>`, '<elsewhere.test!alice>', `<${D}!alice>`, `<alice%${D}@partner.test>`, `<"alice@${D}"@${D}>`, `<alice%@${D}>`,
    '<alice>', '<"alice">', '<postmaster>', '<Postmaster>', '<nobody>', '<>', '<"">', `<alice@a.${D}>`, '<alice@[192.0.2.10]>', '<nobody@[192.0.2.10]>', '<alice@[192.0.2.11]>', `<ALICE@${D.toUpperCase()}>`,
    `<alice@${D}.>`, `< alice@${D} >`, `<alice @ ${D}>`, `<@x.test:alice@${D}>`, `Alice <alice@${D}>`, `<Alice <alice@${D}>>`, `alice@${D}`, `<MAILER-DAEMON@${D}>`, `<@${D}>`, '<x@elsewhere.test>', '<pat@partner.test>',
    '<PAT@Partner.Test>', '<pat@x.partner.test>', '<pat@xpartner.test>', '<nobody@partner.test>', `<alice+x@${D}>`, `<alice@sub.${D}>`,
  ].map((path) => `RCPT TO:${path}`)),
  ...each([EHLO], ['VRFY alice', `VRFY <alice@${D}>`, 'VRFY "alice"', 'VRFY nobody', `VRFY nobody@${D}`, 'VRFY x@elsewhere.test', 'VRFY pat@partner.test', 'VRFY nobody@partner.test', `VRFY Alice Smith <alice@${D}>`, 'VRFY alice bob', 'VRFY <>', 'VRFY "']),
  ...each([EHLO, MAIL], [
    [`RCPT TO:<double-bounce@${D}>`, 'double-bounce'], [`RCPT TO:<g:alice@${D};>`, 'grammar'], [`RCPT TO:<alice@${D},>`, 'grammar'], `RCPT TO:<alice@[192.0.2.010]>`, [`RCPT TO:<alice@${D}@>`, 'grammar'],
  ]),
];

const order: Dialogue[] = [
  named('no greeting from the client', [MAIL, RCPT, 'DATA', { message: 'x' }]),
  named('RCPT first', [EHLO, RCPT, 'DATA']),
  named('DATA first', ['DATA', 'DATA x']),
  named('MAIL twice', [EHLO, MAIL, MAIL, RCPT]),
  named('DATA without a recipient', [EHLO, MAIL, 'DATA', RCPT, 'DATA', { message: 'x' }]),
  named('DATA after a refused recipient', [EHLO, MAIL, NOBODY, 'DATA', 'RSET']),
  named('RSET in between', [EHLO, MAIL, RCPT, 'RSET', RCPT, 'DATA', MAIL]),
  named('EHLO in between', [EHLO, MAIL, RCPT, EHLO, RCPT, MAIL, 'EHLO', RCPT]),
  named('HELO in between', [EHLO, MAIL, 'HELO x', RCPT]),
  named('EHLO again and again', repeated(EHLO, 5)),
  named('HELO and EHLO without a name', ['HELO', 'EHLO', 'HELO a b', 'EHLO a b']),
  named('VRFY and NOOP within a transaction', [EHLO, MAIL, 'VRFY alice', 'NOOP', RCPT]),
  named('missing arguments', ['MAIL', 'MAIL FROM', 'MAIL FROM:', 'MAIL TO:<a@b.test>', 'MAIL eve', MAIL, 'RCPT', 'RCPT TO', 'RCPT TO:', 'RCPT FROM:<a@b.test>', 'VRFY', 'HELO']),
  named('arguments too many', ['RSET x', 'NOOP x', 'QUIT x']),
  named('DATA with an argument', [EHLO, MAIL, RCPT, 'DATA x', 'DATA', { message: 'x' }]),
  named('QUIT within a transaction', [EHLO, MAIL, 'QUIT', 'NOOP']),
  named('after QUIT', ['QUIT', 'NOOP']),
  named('two messages', [...atData, { message: 'x' }, MAIL, RCPT, 'DATA', { message: 'y' }, RCPT]),
  named('MAIL after a refused message', [...atData, { message: `${'Received: x\r\n'.repeat(60)}\r\n` }, MAIL, RCPT, 'DATA', { message: 'y' }]),
  named('a recipient twice', [EHLO, MAIL, RCPT, RCPT, 'DATA', { message: 'x' }]),
  named('STARTTLS and AUTH, which are not offered', ['STARTTLS', 'STARTTLS x', 'AUTH', 'AUTH PLAIN AGEAYg==', EHLO, MAIL, 'AUTH PLAIN', 'STARTTLS']),
  named('XCLIENT and XFORWARD', ['XCLIENT', 'XCLIENT NAME=x', 'XFORWARD', 'XFORWARD NAME=x', EHLO, MAIL, 'XCLIENT NAME=x', 'XFORWARD']),
  named('BDAT', [EHLO, MAIL, RCPT, 'BDAT 4 LAST', 'NOOP']),
  named('all at once', [...atData, { message: 'x' }, 'QUIT'], { atOnce: true }),
  named('all at once, nobody taken', [EHLO, MAIL, NOBODY, 'DATA', 'NOOP', 'QUIT'], { atOnce: true }),
  named('all at once, and more after QUIT', ['QUIT', 'NOOP', UNKNOWN], { atOnce: true }),
  named('an end without QUIT', [EHLO, MAIL, RCPT], { atOnce: true }),
  named('an end in the midst of a message', [...atData, bytes('Subject: x\r\n\r\nhalf', 0)], { atOnce: true }),
  named('an end behind the final dot', [...atData, { message: 'x' }], { atOnce: true }),
  named('an end in the midst of a command', [EHLO, bytes('NOOP', 0)], { atOnce: true }),
  ...each([EHLO], ['ETRN partner.test', 'ETRN @partner.test', 'ETRN elsewhere.test', 'ETRN', 'ETRN a b', 'ETRN -', 'ETRN <>', 'ETRN <partner.test>', 'ETRN "x"', 'ETRN x@y', 'ETRN partner.test.', 'ETRN a.partner.test', 'ETRN #partner.test', 'ETRN [192.0.2.1]', 'ETRN apartner.test'].map((one): [string, string] => [one, 'etrn'])),
  named('ETRN within a transaction', [EHLO, MAIL, 'ETRN partner.test'], { differs: 'etrn' }),
];

const length: Dialogue[] = [
  ...[2047, 2048, 2049, 5000, 1_000_000].flatMap((count) => [
    named(`NOOP of ${count}`, [padded('NOOP ', count)]),
    named(`RSET, blanks and a word behind ${count}`, [`${'RSET'.padEnd(count)}x`, 'NOOP']),
    named(`an unknown command of ${count}`, [padded(UNKNOWN, count), 'NOOP']),
    named(`MAIL of ${count}`, [EHLO, padded('MAIL FROM:<', count, '@elsewhere.test>'), RCPT]),
    named(`ENVID to ${count}`, [EHLO, padded(`${MAIL} ENVID=`, count), RCPT]),
    named(`VRFY of ${count}`, [padded('VRFY ', count)]),
  ]),
  named('QUIT of 5000', [padded('QUIT ', 5000), 'NOOP']),
  named('a long line in pieces', [bytes('NOOP ', 0), bytes('x'.repeat(3000), 0), bytes('y'.repeat(3000), 0), bytes('\r\n'), 'NOOP']),
  named('a long line between short ones', [bytes(`NOOP\r\n${padded('RSET ', 9000)}\r\nNOOP\r\n`, 3)]),
  named('EHLO of 1000', [padded('EHLO ', 1000)]),
  named('a local part of 65', [EHLO, MAIL, `RCPT TO:<${'a'.repeat(65)}@${D}>`]),
  named('a label of 63, and of 64', [EHLO, MAIL, `RCPT TO:<a@${'b'.repeat(63)}.test>`, `RCPT TO:<a@${'b'.repeat(64)}.test>`]),
  named('a domain of 254, and of 264', [EHLO, MAIL, `RCPT TO:<a@${'b.'.repeat(125)}test>`, `RCPT TO:<a@${'b.'.repeat(130)}test>`]),
  named('SIZE of 2000 digits', [EHLO, `${MAIL} SIZE=${'9'.repeat(1900)}`]),
  named('a line of 1000 in a message', [...atData, { message: 'x'.repeat(1000) }]),
  named('a line of 100,000 in a message', [...atData, { message: `${'x'.repeat(100_000)}\r\n.` }]),
  named('a header of 200,000', [...atData, { message: `Subject: ${'x'.repeat(200_000)}\r\n\r\nbody` }]),
  named('a message larger than SIZE', [...atData, { message: `Subject: x\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(103_000)}` }, 'NOOP', MAIL]),
  named('a message just below SIZE', [...atData, { message: `Subject: x\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(102_000)}` }, 'NOOP', MAIL]),
];

const errors: Dialogue[] = [
  named('19 unknown commands', [...repeated(UNKNOWN, 19), 'NOOP']),
  named('20 unknown commands', [...repeated(UNKNOWN, 20), 'NOOP']),
  named('25 unknown commands', repeated(UNKNOWN, 25)),
  named('25 at once', repeated(UNKNOWN, 25), { atOnce: true }),
  named('25 refused recipients', [EHLO, MAIL, ...repeated(NOBODY, 25)]),
  named('25 users that VRFY does not know', repeated('VRFY nobody', 25)),
  named('25 who want to relay', [EHLO, MAIL, ...repeated('RCPT TO:<x@elsewhere.test>', 25)]),
  named('a message in between', [...repeated(UNKNOWN, 19), ...atData, { message: 'x' }, ...repeated(UNKNOWN, 21)]),
  named('a refused message in between', [...repeated(UNKNOWN, 18), ...atData, { message: `${'Received: x\r\n'.repeat(60)}\r\n` }, UNKNOWN, 'NOOP']),
  named('RSET in between', [...repeated(UNKNOWN, 19), 'RSET', UNKNOWN, 'NOOP']),
  named('QUIT after 19', [...repeated(UNKNOWN, 19), 'QUIT']),
  named('SIZE too large 25 times', [EHLO, ...repeated(`${MAIL} SIZE=20000000`, 25)]),
  named('empty lines', [...repeated('', 21), 'NOOP']),
  named('130 times NOOP', repeated('NOOP', 130)),
  named('130 commands without mail', [EHLO, ...repeated('RSET', 60), ...repeated('VRFY alice', 60), ...repeated('NOOP', 10)]),
  named('130 times EHLO', repeated(EHLO, 130)),
  named('NOOP and a message and NOOP', [...repeated('NOOP', 110), ...atData, { message: 'x' }, ...repeated('NOOP', 125)]),
  named('a wrong VRFY beyond the free ones counts twice', [...repeated('NOOP', 105), ...repeated('VRFY nobody', 15)]),
  named('1030 recipients: 452 is no error', [EHLO, MAIL, ...repeated(RCPT, 1030), 'DATA', { message: 'x' }]),
  ...each([], ['HELP', 'EXPN x', 'TURN', 'SEND FROM:<a@b.test>', 'LHLO x', 'XYZZY x', '   ', ' NOOP', '-x', '1abc', 'GET / HTTP/1.0', 'post / HTTP/1.1', 'CONNECT x:25 HTTP/1.1', 'Subject: x', 'x-y: z', 'NOOP:', 'MAILFROM:<a@b.test>', '"NOOP"', '\\NOOP', 'NOOP"', 'NOOP<']),
];

const eightBit: Dialogue[] = [
  ...each([EHLO, MAIL], [`RCPT TO:<é@${D}>`, 'RCPT TO:<é@partner.test>', 'RCPT TO:<x@é.test>', 'RCPT TO:<é@é.test>', `${RCPT} ORCPT=utf-8;é`, `${RCPT} é`]),
  ...each([EHLO], ['MAIL FROM:<é@elsewhere.test>', 'MAIL FROM:<é@elsewhere.test> SMTPUTF8', 'MAIL FROM:<x@é.test>', 'MAIL FROM:<x@é.test> SMTPUTF8', 'MAIL FROM:<x@xn--9ca.test>', `${MAIL} ENVID=é`, `${MAIL} é`, 'NOOP é', 'VRFY é', 'VRFY é SMTPUTF8', 'VRFY alice SMTPUTF8', 'VRFY SMTPUTF8', 'EHLO é', 'é', 'NOOPé', 'NOOP\u00a0']),
  named('SMTPUTF8 and addresses beyond ASCII', [EHLO, 'MAIL FROM:<é@é.test> SMTPUTF8', `RCPT TO:<é@${D}>`, 'RCPT TO:<x@é.test>', RCPT, 'DATA', { message: 'Subject: é\r\n\r\né' }]),
  ...['NOOP \xe9', '\xe9', 'HELO \xe9', 'QUIT \xff', 'MAIL FROM:<\xe9@elsewhere.test>', 'NOOP \xc0\x80', 'NOOP \xed\xa0\x80', 'NOOP \xf4\x90\x80\x80', 'NOOP \xef\xbf\xbf'].map((line) => named(`${JSON.stringify(line)} in Latin-1`, [bytes(`${line}\r\n`), 'NOOP'])),
  named('Latin-1 in a message', [...atData, { message: Buffer.from('Subject: \xe9\r\n\r\n\xff\xfe', 'latin1') }]),
  named('8-bit text and BODY=7BIT', [EHLO, `${MAIL} BODY=7BIT`, RCPT, 'DATA', { message: 'Subject: é\r\n\r\né' }]),
  named('8-bit text and BODY=8BITMIME', [EHLO, `${MAIL} BODY=8BITMIME`, RCPT, 'DATA', { message: 'Subject: é\r\n\r\né' }]),
  named('NUL in a message', [...atData, { message: 'a\0b\r\n\0' }]),
  named('NUL in commands', [bytes('NOOP\0x\r\n'), bytes('N\0OOP\r\n'), bytes('RSET\0 x\r\n'), bytes('MAIL\0\r\n')]),
  named('control characters in commands', [bytes('NOOP \x01\r\n'), bytes('NOOP\x0bx\r\n'), bytes('NOOP\x7f\r\n')]),
  named('a control character in an address', [EHLO, 'MAIL FROM:<a\x01b@elsewhere.test>'], { differs: 'control' }),
  named('a control character in a recipient', [EHLO, MAIL, `RCPT TO:<a\x7fb@${D}>`], { differs: 'control' }),
];

/** Messages, said all at once behind DATA; the step after them shows whether they had ended. */
const messages = (list: [text: string, differs?: string][]): Dialogue[] =>
  list.map(([text, differs]) => named(JSON.stringify(text), [...atData, bytes(text, 0)], { atOnce: true, ...(differs === undefined ? {} : { differs }) }));

const dots: Dialogue[] = messages([
  ['.\r\nQUIT\r\n'], ['..\r\n.\r\nQUIT\r\n'], ['.x\r\n.\r\nQUIT\r\n'], ['. \r\n.\r\nQUIT\r\n'], ['...\r\n..\r\n.\r\nQUIT\r\n'], ['x\r\n..\r\n.\r\nQUIT\r\n'], ['x.\r\n.\r\nQUIT\r\n'],
  ['x\r\n. x\r\n.\r\nQUIT\r\n'], ['x\r\n.x.\r\n.\r\nQUIT\r\n'], ['\r\n.\r\nQUIT\r\n'], ['\r\n\r\n.\r\nQUIT\r\n'], ['x\r\n.\r\n.\r\nQUIT\r\n'], ['x\r\n.\r\nNOOP\r\nQUIT\r\n'],
  ['x\r\n.\r\n\r\nQUIT\r\n'], ['x\r\n.'], ['x\r\n.\r'], ['x\r\n.\r\n'], ['.'], ['..'], [`${'.'.repeat(3000)}\r\n.\r\nQUIT\r\n`], [`${'..\r\n'.repeat(3000)}.\r\nQUIT\r\n`], ['x\r\n.\t\r\n.\r\nQUIT\r\n'],
  ['x\r\n.\0\r\n.\r\nQUIT\r\n'], ['x\r\nQUIT\r\n.\r\nQUIT\r\n'],
]);
dots.push(
  named('a dot in a packet of its own', [...atData, bytes('x\r\n', 0), bytes('.', 0), bytes('\r\n'), 'NOOP']),
  named('an end torn into single bytes', [...atData, ...['x', '\r', '\n', '.', '\r'].map((one) => bytes(one, 0)), bytes('\n'), 'NOOP']),
  named('two dots torn apart', [...atData, ...['.', '.', '\r', '\n', '.', '.'].map((one) => bytes(one, 0)), bytes('x\r\n.\r\n'), 'NOOP']),
);

const lineEnds: Dialogue[] = [
  named('LF alone behind commands', [bytes('EHLO x\n'), bytes('NOOP\n'), bytes('\n'), bytes(`${MAIL}\n`)]),
  named('CR CR LF behind a command', [bytes('NOOP\r\r\n'), bytes('RSET\r\r\r\n')]),
  named('CR within a command', [bytes('NOOP\rx\r\n'), bytes('RSET\rx\r\n'), bytes('MAIL FROM:<a@b.test>\rSIZE=5\r\n')]),
  named('CR before a command', [bytes('\rNOOP\r\n')]),
  named('LF CR behind a command', [bytes('NOOP\n\r'), bytes('\n')]),
  named('tabs and form feeds for blanks', ['NOOP\tx', '\tNOOP', 'NOOP\fx', 'MAIL FROM:\t<a@b.test>\tSIZE=5']),
  named('many blanks', ['  NOOP  ', EHLO, 'MAIL   FROM:   <eve@elsewhere.test>   SIZE=5   ', `RCPT  TO: <${ALICE}>  `]),
  named('commands torn into single bytes', [...[...'NOOP\r'].map((one) => bytes(one, 0)), bytes('\n'), 'NOOP']),
  named('three commands in a packet', [bytes('NOOP\r\nRSET\r\nNOOP\r\n', 3)]),
  named('LF alone behind three commands in a packet', [bytes('NOOP\nRSET\nNOOP\n', 3)]),
  ...messages([
    ['a\nb\r\n.\r\nQUIT\r\n', 'line ends'], ['a\rb\r\n.\r\nQUIT\r\n', 'line ends'], ['a\r\r\n.\r\nQUIT\r\n', 'line ends'], ['a\n.\nNOOP\r\n.\r\nQUIT\r\n', 'line ends'],
    ['a\r\n.\nNOOP\r\n.\r\nQUIT\r\n', 'line ends'], ['a\n.\r\nNOOP\r\n.\r\nQUIT\r\n', 'line ends'], ['a\r.\rb\r\n.\r\nQUIT\r\n', 'line ends'], ['a\r\n.\rb\r\n.\r\nQUIT\r\n', 'line ends'],
    ['a\r\n.\r\r\nb\r\n.\r\nQUIT\r\n', 'line ends'],
    [`x\n.\n${MAIL}\n${RCPT}\nDATA\nsmuggled\r\n.\r\nQUIT\r\n`, 'line ends'],
    ['Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n'], ['x\r\n.\r\nQUIT\n'], [' x\r\n.\r\nQUIT\r\n'], ['no header at all\r\n.\r\nQUIT\r\n'], ['From eve\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n'],
  ]),
];

const received = (count: number, name = 'Received'): string => `${`${name}: from x by y; Mon, 2 Mar 2026 09:00:00 +0000\r\n`.repeat(count)}Subject: x\r\n\r\nbody`;
const hops: Dialogue[] = [48, 49, 50, 60].map((count) => named(`${count} Received lines`, [...atData, { message: received(count) }, 'NOOP']));
hops.push(
  named('a message that begins with a dot and a blank, and Received lines', [...atData, { message: `. x\r\n${received(60)}` }], { differs: 'dot and blank' }),
  named('a message that begins with a blank, and Received lines', [...atData, { message: ` x\r\n${received(60)}` }]),
  named("an mbox's From lines, and Received lines", [...atData, { message: `From x\r\n>From y\r\n${received(60)}` }]),
  named('text, and Received lines', [...atData, { message: `text\r\n${received(60)}` }]),
  named('received in small letters', [...atData, { message: received(60, 'received') }]),
  named('a blank before the colon', [...atData, { message: received(60, 'Received ') }]),
  named('X-Received', [...atData, { message: received(60, 'X-Received') }]),
  named('Received lines in the body', [...atData, { message: `Subject: x\r\n\r\n${received(60)}` }]),
);

export const DIALOGUES: Readonly<Record<string, Dialogue[]>> = { parameters, quoting, order, length, errors: [...errors, ...hops], '8-bit': eightBit, dots, 'line ends': lineEnds };
