/** Sessions as a table of commands and replies; what Postfix says to the same is compared in test/postfix. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostSettings } from '../../../src/contract/settings.ts';
import { defaultSettings } from '../../../src/engine/scenario/defaults.ts';
import { reply, replyLines } from '../../../src/engine/smtp-in/replies.ts';
import { answerTo, newSession, type House, type Session } from '../../../src/engine/smtp-in/verbs.ts';

const house = (change: Partial<HostSettings> = {}): House => {
  const settings = {
    ...defaultSettings('a.here.test', ['192.0.2.10'], 'office', '192.0.2.0/24'),
    finalDomains: ['here.test'],
    ...change,
  };
  const unknown = (address: string) => (address.startsWith('nobody') ? reply('unknown-user', address) : null);
  return {
    settings: () => settings,
    isHere: (domain) => domain === 'here.test' || domain === 'a.here.test',
    mail: (_sender, sizeBytes) => (sizeBytes > settings.messageSizeMax ? reply('too-big') : null),
    rcpt: (_sender, address) => unknown(address),
    verify: unknown,
    flush: (domain) => domain === 'relayed.test',
  };
};

/** What is said to each line, and how the session ended. */
function talk(lines: string[], at: House, session: Session = newSession()): string[] {
  const said: string[] = [];
  for (const line of lines) {
    const { reply: first, then } = answerTo(session, line, at);
    said.push(...replyLines(first, true));
    if (then === undefined || then === 'message') continue;
    if (then !== 'close') said.push(...replyLines(then, true));
    said.push('closed');
    break;
  }
  return said;
}
const times = (count: number, line: string): string[] => Array<string>(count).fill(line);

describe('a session', () => {
  it('is counted to its end by errors: the twentieth is the last, and no further command is waited for', () => {
    expect(talk(times(30, 'WIBBLE'), house())).toEqual([
      ...times(20, '500 5.5.2 Error: command not recognized'),
      '421 4.7.0 a.here.test Error: too many errors',
      'closed',
    ]);
    const rcpts = talk(['EHLO x', 'MAIL FROM:<>', ...times(30, 'RCPT TO:<nobody@here.test>')], house());
    expect(rcpts.slice(-3)).toEqual([
      '550 5.1.1 <nobody@here.test>: Recipient address rejected: User unknown in local recipient table',
      '421 4.7.0 a.here.test Error: too many errors',
      'closed',
    ]);
    expect(rcpts.filter((line) => line.startsWith('550'))).toHaveLength(20);
  });

  it('takes as many errors, and commands without mail, as its host is told', () => {
    expect(talk(times(9, 'WIBBLE'), house({ errorCountMax: 3 }))).toHaveLength(3 + 2);
    expect(talk(times(99, 'NOOP'), house({ junkCommandCountMax: 10, errorCountMax: 3 }))).toEqual([
      ...times(14, '250 2.0.0 Ok'),
      '421 4.7.0 a.here.test Error: too many errors',
      'closed',
    ]);
    expect(talk(times(200, 'NOOP'), house())).toHaveLength(121 + 2);
  });

  it('has too many recipients without an error, but not for ever', () => {
    const session = newSession();
    const said = talk(
      ['MAIL FROM:<>', ...times(1100, 'RCPT TO:<alice@here.test>')],
      house({ rcptCountMax: 10 }),
      session,
    );
    expect(said.filter((line) => line.startsWith('250 2.1.5'))).toHaveLength(10);
    expect(said.filter((line) => line === '452 4.5.3 Error: too many recipients')).toHaveLength(1020);
    expect(said.at(-1)).toBe('closed');
    expect([...(session.transaction?.rcpts.keys() ?? [])]).toEqual(['alice@here.test']);
  });

  it('keeps a refused MAIL from counting for the next', () => {
    expect(talk(['MAIL FROM:<> SIZE=99999999 FOO', 'MAIL FROM:<> AUTH=x FOO', 'MAIL FROM:<> AUTH=x'], house())).toEqual(
      ['555 5.5.4 Unsupported option: FOO', '555 5.5.4 Unsupported option: FOO', '250 2.1.0 Ok'],
    );
  });

  it('notes what was asked for each recipient, and the last word about one that is named twice', () => {
    const session = newSession();
    talk(
      [
        'EHLO x',
        'MAIL FROM:<"a b"@x.test> RET=FULL ENVID=e1 BODY=8BITMIME',
        'RCPT TO:<"alice"@here.test> NOTIFY=NEVER',
        'RCPT TO:<ALICE@here.test> NOTIFY=DELAY ORCPT=rfc822;x',
        'RCPT TO:<bob%here.test@a.here.test>',
      ],
      house(),
      session,
    );
    expect(session.transaction?.envelope).toEqual({
      sender: '"a b"@x.test',
      ret: 'full',
      envid: 'e1',
      eightBit: true,
      smtpUtf8: false,
    });
    expect([...(session.transaction?.rcpts.values() ?? [])]).toEqual([
      { address: 'ALICE@here.test', notify: ['delay'], orcpt: 'rfc822;x' },
      { address: 'bob@here.test', notify: null, orcpt: null },
    ]);
  });

  it('has ETRN for the domains that the host relays for, RFC 1985', () => {
    expect(talk(['ETRN relayed.test', 'ETRN @relayed.test', 'ETRN here.test', 'ETRN', 'ETRN -'], house())).toEqual([
      '250 2.0.0 Queuing started',
      '250 2.0.0 Queuing started',
      '459 4.7.1 <here.test>: service unavailable',
      '500 5.5.4 Syntax: ETRN domain',
      '501 5.5.4 Error: invalid parameter syntax',
    ]);
    expect(
      talk(['ETRN relayed.test'], house({ extensions: { ...house().settings().extensions, etrn: false } })),
    ).toEqual(['500 5.5.2 Error: command not recognized']);
  });

  it('never throws, whatever is said', () => {
    for (const line of [
      '__proto__',
      'constructor x',
      'MAIL FROM:<__proto__@here.test>',
      'VRFY __proto__',
      'toString',
      'hasOwnProperty',
      '$&',
      'VRFY $&',
      'MAIL FROM:<a@b.test> $&=$1',
    ])
      expect(talk([line], house())[0]).toMatch(/^\d{3} /);
    expect(talk(['VRFY $&$1'], house())).toEqual(['252 2.0.0 $&$1']);
    const command = fc
      .tuple(
        fc.constantFrom('', 'MAIL FROM:', 'RCPT TO:', 'VRFY ', 'ETRN ', 'EHLO ', 'MAIL FROM:<> '),
        fc.string({ unit: 'binary', maxLength: 40 }),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (lines) => {
        for (const said of talk(lines, house())) expect(said).toMatch(/^(closed|[245]\d\d[- ].*)$/);
      }),
      { seed: 11, numRuns: 2000 },
    );
  });
});

describe('a reply', () => {
  it('has no enhanced code where a host has none, and no control character anywhere', () => {
    expect(replyLines(reply('unknown-user', 'a\r\nb@x.test'), false)).toEqual([
      '550 <a  b@x.test>: Recipient address rejected: User unknown in local recipient table',
    ]);
    expect(replyLines({ code: 250, enhanced: null, lines: ['a', 'b'] }, true)).toEqual(['250-a', '250 b']);
  });
});
