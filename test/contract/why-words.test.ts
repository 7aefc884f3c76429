import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsProblem, Peer, Reply, Stage, Why } from '../../src/contract/why.ts';
import {
  commandWords,
  isPermanent,
  parseReply,
  plainWords,
  replyLines,
  replyText,
  statusOf,
  statusOfReply,
  wordsOf,
} from '../../src/contract/why-words.ts';

const a: Peer = { name: 'a.theorganisation.test', address: '192.0.2.1', port: 25 };
const b: Peer = { name: 'b.theorganisation.test', address: '192.0.2.2', port: 25 };
const dns = (problem: DnsProblem, type = 'MX'): Why => ({
  kind: 'dns',
  domain: 'x.test',
  name: 'x.test',
  type,
  problem,
});
const said = (stage: Stage, ...lines: string[]): Why => ({ kind: 'reply', peer: b, stage, reply: parseReply(lines) });
const lost = (stage: Stage, problem: 'closed' | 'reset' | 'timeout' = 'closed'): Why => ({
  kind: 'lost',
  peer: b,
  stage,
  problem,
});
const refused: Why = { kind: 'connect', peer: a, problem: 'refused' };
const full: Reply = { code: 552, enhanced: '5.2.2', lines: ['Mailbox full'] };
const notFound = 'Host or domain name not found. Name service error for name=x.test type=MX: ';
const inB = 'b.theorganisation.test[192.0.2.2]';

describe('status and words', () => {
  const table: [Why, string, string][] = [
    [dns('nxdomain'), '5.4.4', notFound + 'Host not found'],
    [
      dns('no-address', 'A'),
      '5.4.4',
      'Host or domain name not found. Name service error for name=x.test type=A: Host found but no data record of requested type',
    ],
    [dns('servfail'), '4.4.3', notFound + 'Host not found, try again'],
    [dns('timeout'), '4.4.3', notFound + 'Host not found, try again'],
    [dns('refused'), '4.4.3', notFound + 'Host not found, try again'],
    [
      dns('bad-answer'),
      '4.4.3',
      'Name service error for name=x.test type=MX: Malformed or unexpected name server reply',
    ],
    [dns('null-mx'), '5.1.10', 'Domain x.test does not accept mail (nullMX)'],
    [refused, '4.4.1', 'connect to a.theorganisation.test[192.0.2.1]:25: Connection refused'],
    [
      { ...refused, problem: 'timeout' },
      '4.4.1',
      'connect to a.theorganisation.test[192.0.2.1]:25: Connection timed out',
    ],
    [
      { ...refused, problem: 'unreachable' },
      '4.4.1',
      'connect to a.theorganisation.test[192.0.2.1]:25: No route to host',
    ],
    [lost('greeting'), '4.4.2', `lost connection with ${inB} while receiving the initial server greeting`],
    [lost('ehlo', 'reset'), '4.4.2', `lost connection with ${inB} while performing the EHLO handshake`],
    [lost('mail', 'timeout'), '4.4.2', `conversation with ${inB} timed out while sending MAIL FROM`],
    [lost('rcpt'), '4.4.2', `lost connection with ${inB} while sending RCPT TO`],
    [lost('data'), '4.4.2', `lost connection with ${inB} while sending DATA command`],
    [lost('body'), '4.4.2', `lost connection with ${inB} while sending message body`],
    [
      lost('final-dot', 'timeout'),
      '4.4.2',
      `conversation with ${inB} timed out while sending end of data -- message may be sent more than once`,
    ],
    [
      said('mail', '452 4.3.1 Insufficient system storage'),
      '4.3.1',
      `host ${inB} said: 452 4.3.1 Insufficient system storage (in reply to MAIL FROM command)`,
    ],
    [said('final-dot', '552 Too much'), '5.0.0', `host ${inB} said: 552 Too much (in reply to end of DATA command)`],
    [said('rcpt', '550 4.1.1 Odd'), '5.0.0', `host ${inB} said: 550 4.1.1 Odd (in reply to RCPT TO command)`],
    [said('greeting', '554 5.7.1 Go away'), '4.7.1', `host ${inB} refused to talk to me: 554 5.7.1 Go away`],
    [said('greeting', '554 No service'), '4.0.0', `host ${inB} refused to talk to me: 554 No service`],
    [said('ehlo', '421 4.3.2 Down'), '4.3.2', `host ${inB} refused to talk to me: 421 4.3.2 Down`],
    [said('rcpt', '354 What'), '5.5.0', `Protocol error: host ${inB} said: 354 What (in reply to RCPT TO command)`],
    [
      said('data', '250 2.0.0 Ok'),
      '5.5.0',
      `Protocol error: host ${inB} said: 250 2.0.0 Ok (in reply to DATA command)`,
    ],
    [
      said('greeting', 'SSH-2.0-OpenSSH'),
      '4.5.0',
      `Protocol error: host ${inB} refused to talk to me: SSH-2.0-OpenSSH`,
    ],
    [{ kind: 'loop', domain: 'x.test', how: 'mx' }, '5.4.6', 'mail for x.test loops back to myself'],
    [{ kind: 'loop', domain: 'x.test', how: 'hops' }, '5.4.6', 'too many hops'],
    [
      { kind: 'extension', peer: b, extension: '8BITMIME' },
      '5.6.3',
      `8BITMIME is required, but was not offered by host ${inB}`,
    ],
    [
      { kind: 'extension', peer: b, extension: 'SMTPUTF8' },
      '5.6.7',
      `SMTPUTF8 is required, but was not offered by host ${inB}`,
    ],
    [{ kind: 'extension', peer: b, extension: 'SIZE' }, '5.3.4', `message size exceeds size limit of server ${inB}`],
    [
      { kind: 'suspended', domain: 'x.test', last: refused },
      '4.4.1',
      `delivery temporarily suspended: ${wordsOf(refused)}`,
    ],
    [
      { kind: 'suspended', domain: 'x.test', last: { kind: 'suspended', domain: 'x.test', last: refused } },
      '4.4.1',
      `delivery temporarily suspended: ${wordsOf(refused)}`,
    ],
    [{ kind: 'local', reply: full }, '5.2.2', 'Mailbox full'],
    [{ kind: 'local', reply: { code: 452, enhanced: null, lines: [] } }, '4.0.0', '452'],
    [{ kind: 'person', act: 'deleted' }, '5.0.0', 'deleted from the queue by a person'],
  ];
  for (const [why, status, words] of table) {
    it(`${status} ${words}`, () => {
      expect([statusOf(why), wordsOf(why), isPermanent(why)]).toEqual([status, words, status.startsWith('5')]);
      expect(plainWords(why)).toMatch(/^[^?\n]{10,}[^.\n]$/);
    });
  }

  it('names commands', () => {
    expect((['mail', 'rcpt', 'data', 'body', 'final-dot'] as const).map(commandWords)).toEqual([
      'MAIL FROM command',
      'RCPT TO command',
      'DATA command',
      'end of DATA command',
      'end of DATA command',
    ]);
  });
});

describe('plain words', () => {
  const letter = (peer: Peer) => (peer.name[0] ?? '').toUpperCase();
  const table: [Why, string][] = [
    [{ ...refused, peer: b }, 'B refused the connection'],
    [{ ...refused, problem: 'timeout' }, 'A did not answer'],
    [
      said('mail', '452 4.3.1 Insufficient system storage'),
      'B said its disk is full: 452 4.3.1 Insufficient system storage',
    ],
    [said('mail', '452 Insufficient system storage'), 'B said its disk is full: 452 Insufficient system storage'],
    [
      said('rcpt', '450 4.2.0 Greylisted, try again'),
      'B said it puts first-time senders off for a while: 450 4.2.0 Greylisted, try again',
    ],
    [said('mail', '421 Bye'), 'B said it is closing down: 421 Bye'],
    [said('mail', '451 4.3.0 Hm'), 'B said not now: 451 4.3.0 Hm'],
    [said('mail', '554 No'), 'B said no, for good: 554 No'],
    [
      lost('final-dot', 'timeout'),
      'B fell silent while its answer to the whole message was awaited, so the mail may arrive twice',
    ],
    [dns('null-mx'), 'The DNS says that x.test takes no mail at all (null MX)'],
  ];
  it.each(table)('%o: %s', (why, words) => expect(plainWords(why, letter)).toBe(words));
});

describe('replies, RFC 5321 §4.2', () => {
  const table: [string[], Reply, string][] = [
    [['552 5.2.2 Mailbox full\r\n'], full, '552 5.2.2 Mailbox full'],
    [['250'], { code: 250, enhanced: null, lines: [''] }, '250'],
    [['250 2.0.0'], { code: 250, enhanced: '2.0.0', lines: [''] }, '250 2.0.0'],
    [
      ['550-5.1.1 No such user', '550 5.1.1 here'],
      { code: 550, enhanced: '5.1.1', lines: ['No such user', 'here'] },
      '550-5.1.1 No such user 550 5.1.1 here',
    ],
    [
      ['250-a.test', '250-SIZE 100', '250 DSN'],
      { code: 250, enhanced: null, lines: ['a.test', 'SIZE 100', 'DSN'] },
      '250-a.test 250-SIZE 100 250 DSN',
    ],
    [['550 4.1.1 Odd class'], { code: 550, enhanced: null, lines: ['4.1.1 Odd class'] }, '550 4.1.1 Odd class'],
    [['HTTP/1.1 400 Bad'], { code: 0, enhanced: null, lines: ['HTTP/1.1 400 Bad'] }, 'HTTP/1.1 400 Bad'],
    [['550 a\0b\tc'], { code: 550, enhanced: null, lines: ['a?b c'] }, '550 a?b c'],
    [[], { code: 0, enhanced: null, lines: [] }, ''],
  ];
  it.each(table)('%j', (lines, reply, text) => {
    expect(parseReply(lines)).toEqual(reply);
    expect(replyText(reply)).toBe(text);
  });

  it('never throws, and gives one line that ends nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        const reply = parseReply(lines);
        expect(statusOfReply(reply)).toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
        // eslint-disable-next-line no-control-regex -- that none is left is the point
        expect(replyText(reply)).not.toMatch(/[\x00-\x1f\x7f]/);
      }),
      { seed: 5321 },
    );
  });

  it('reads what it writes', () => {
    const word = fc.stringMatching(/^[A-Za-z<>@:;,]+( [A-Za-z0-9.]+)*$/);
    const reply = fc
      .record({
        code: fc.integer({ min: 400, max: 599 }),
        detail: fc.option(fc.nat(999)),
        lines: fc.array(word, { minLength: 1, maxLength: 4 }),
      })
      .map(({ code, detail, lines }): Reply => ({
        code,
        enhanced: detail === null ? null : `${Math.floor(code / 100)}.1.${detail}`,
        lines,
      }));
    fc.assert(
      fc.property(reply, (r) => {
        expect(parseReply(replyLines(r))).toEqual(r);
      }),
      { seed: 2034 },
    );
  });
});
