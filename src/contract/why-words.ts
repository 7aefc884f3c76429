/**
 * Words and codes for a Why: what the mail log, the queue listing, a report and the window say.
 *
 * Pure. Wordings are those that administrators know from Postfix; status codes are RFC 3463's and
 * its registry's. A 5 in front of a status means: no more tries. Nothing here looks at a clock:
 * a temporary reason that ran out of time keeps its 4.
 */
import type { DnsProblem, Peer, Reply, Stage, Why } from './why.ts';
import { table } from './table.ts';

/** Enhanced status codes of look-ups: a name that isn't there is permanent, a server that isn't, temporary. */
const dnsStatus: Record<DnsProblem, string> = {
  nxdomain: '5.4.4', // RFC 3463 §3.5: unable to route
  'no-address': '5.4.4',
  'null-mx': '5.1.10', // RFC 7505 §4.2
  'no-primary': '4.4.4', // as Postfix: a backup keeps the mail until the DNS knows better
  servfail: '4.4.3', // RFC 3463 §3.5: directory server failure
  timeout: '4.4.3',
  refused: '4.4.3',
  'bad-answer': '4.4.3',
};

const dnsWords: Record<Exclude<DnsProblem, 'null-mx' | 'no-primary'>, string> = {
  nxdomain: 'Host not found',
  'no-address': 'Host found but no data record of requested type',
  servfail: 'Host not found, try again',
  timeout: 'Host not found, try again',
  refused: 'Host not found, try again',
  'bad-answer': 'Malformed or unexpected name server reply',
};

const extensionStatus = { '8BITMIME': '5.6.3', SMTPUTF8: '5.6.7', SIZE: '5.3.4' };
const connectWords = {
  refused: 'Connection refused',
  timeout: 'Connection timed out',
  unreachable: 'No route to host',
};

/** The command that a reply answers, and what was going on when a session died, by stage. */
const stageWords: Record<Stage, { command: string; doing: string }> = {
  connect: { command: 'connection', doing: 'receiving the initial server greeting' },
  greeting: { command: 'connection', doing: 'receiving the initial server greeting' },
  ehlo: { command: 'EHLO command', doing: 'performing the EHLO handshake' },
  mail: { command: 'MAIL FROM command', doing: 'sending MAIL FROM' },
  rcpt: { command: 'RCPT TO command', doing: 'sending RCPT TO' },
  data: { command: 'DATA command', doing: 'sending DATA command' },
  body: { command: 'end of DATA command', doing: 'sending message body' },
  // RFC 1047: nobody knows whether the other side took it.
  'final-dot': { command: 'end of DATA command', doing: 'sending end of data -- message may be sent more than once' },
  rset: { command: 'final RSET command', doing: 'sending final RSET' },
  quit: { command: 'QUIT command', doing: 'sending QUIT' },
};

/** The command that a reply at this stage answers: `MAIL FROM command`, `end of DATA command`. */
export function commandWords(stage: Stage): string {
  return stageWords[stage].command;
}

/** What was going on when a session died at this stage: `sending MAIL FROM`. */
export function doingWords(stage: Stage): string {
  return stageWords[stage].doing;
}

/**
 * Enhanced status code of a reply, RFC 3463: its own when its class fits the code (RFC 2034 §4),
 * else `d.0.0`. A code that is no 2xx, 4xx or 5xx has no class of its own: 5.5.0, a protocol error.
 */
export function statusOfReply(reply: Reply): string {
  const digit = String(Math.floor(reply.code / 100));
  if (!'245'.includes(digit)) return '5.5.0';
  const enhanced = reply.enhanced ?? '';
  return enhanced.startsWith(digit) && /^\d\.\d{1,3}\.\d{1,3}$/.test(enhanced) ? enhanced : `${digit}.0.0`;
}

/** Enhanced status code of a reason, RFC 3463: `4.4.1`. Always of class 4 or 5. */
export function statusOf(why: Why): string {
  switch (why.kind) {
    case 'dns':
      return dnsStatus[why.problem];
    case 'connect':
      return '4.4.1';
    case 'lost':
      return '4.4.2';
    case 'reply': {
      const status = statusOfReply(why.reply);
      // A greeting speaks for the host as it is now, not for this mail: never permanent.
      if (why.stage === 'connect' || why.stage === 'greeting') return temporary(status);
      return status.startsWith('2') ? '5.5.0' : status;
    }
    case 'loop':
      return '5.4.6';
    case 'extension':
      return extensionStatus[why.extension];
    case 'suspended':
      return temporary(statusOf(why.last));
    case 'local': {
      const status = statusOfReply(why.reply);
      return status.startsWith('2') ? '5.5.0' : status;
    }
    case 'person':
      return '5.0.0'; // the registry has no code for an operator's act
  }
}

/** True when no later try can help: the status is of class 5. */
export function isPermanent(why: Why): boolean {
  return statusOf(why).startsWith('5');
}

/** One line in the words of a mail log: `connect to b.example.test[192.0.2.2]:25: Connection refused`. */
export function wordsOf(why: Why): string {
  return printable(rawWordsOf(why)); // names come from zones, and a zone may hold anything
}

function rawWordsOf(why: Why): string {
  switch (why.kind) {
    case 'dns': {
      if (why.problem === 'null-mx') return `Domain ${why.name} does not accept mail (nullMX)`;
      if (why.problem === 'no-primary') return `unable to find primary relay for ${why.domain}`;
      const error = `Name service error for name=${why.name} type=${why.type}: ${dnsWords[why.problem]}`;
      return why.problem === 'bad-answer' ? error : `Host or domain name not found. ${error}`;
    }
    case 'connect':
      return `connect to ${hostWords(why.peer)}:${why.peer.port}: ${connectWords[why.problem]}`;
    case 'lost': {
      const host = hostWords(why.peer);
      const start = why.problem === 'timeout' ? `conversation with ${host} timed out` : `lost connection with ${host}`;
      return `${start} while ${doingWords(why.stage)}`;
    }
    case 'reply':
      return replyWords(why.peer, why.stage, why.reply);
    case 'loop':
      return why.how === 'mx' ? `mail for ${why.domain} loops back to myself` : 'too many hops';
    case 'extension':
      if (why.extension === 'SIZE') return `message size exceeds size limit of server ${hostWords(why.peer)}`;
      return `${why.extension} is required, but was not offered by host ${hostWords(why.peer)}`;
    case 'suspended':
      return `delivery temporarily suspended: ${wordsOf(innermost(why))}`;
    case 'local':
      return why.reply.lines.join(' ').trim() || replyText(why.reply);
    case 'person':
      return 'deleted from the queue by a person';
  }
}

/** The lines of a reply as they go over the wire, without CRLF: `250-…`, `250 …`. RFC 5321 §4.2.1, RFC 2034 §4. */
export function replyLines(reply: Reply): string[] {
  const lines = reply.lines.length > 0 ? reply.lines : [''];
  if (reply.code === 0) return lines.map(printable);
  const enhanced = reply.enhanced === null ? '' : reply.enhanced + ' ';
  return lines.map((line, i) =>
    `${reply.code}${i < lines.length - 1 ? '-' : ' '}${printable(enhanced + line)}`.trimEnd(),
  );
}

/** A reply in one line: `552 5.2.2 Mailbox full`; more lines are joined by a space, each with its codes. */
export function replyText(reply: Reply): string {
  return replyLines(reply).join(' ').trim();
}

/**
 * Reads the lines of one reply (with or without CRLF), RFC 5321 §4.2, RFC 2034 §4. Never throws: rubbish becomes text,
 * and when no line has a code, `code` is 0. An enhanced code of another class than the reply's is left in the text.
 * It is taken from the first line; other lines lose it where they repeat it.
 */
export function parseReply(lines: string[]): Reply {
  const reply: Reply = { code: 0, enhanced: null, lines: [] };
  for (const raw of lines) {
    const line = printable(raw.replace(/[\r\n]+$/, ''));
    const found = /^([2-5]\d\d)(?:[ -](.*))?$/.exec(line);
    if (found === null) {
      reply.lines.push(line);
      continue;
    }
    const first = reply.code === 0;
    if (first) reply.code = Number(found[1]);
    const text = found[2] ?? '';
    const coded = /^([245]\.\d{1,3}\.\d{1,3})(?: (.*)|$)/.exec(text);
    if (first && coded !== null && coded[1]?.[0] === found[1]?.[0]) reply.enhanced = coded[1] ?? null;
    reply.lines.push(coded !== null && coded[1] === reply.enhanced ? (coded[2] ?? '') : text);
  }
  return reply;
}

/** Control characters, which could end a line or hide in a terminal, become `?`; a tab becomes a space. */
export function printable(text: string): string {
  return (
    text
      .replaceAll('\t', ' ')
      // eslint-disable-next-line no-control-regex -- these are the characters it is about
      .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, '?')
      .toWellFormed()
  );
}

function replyWords(peer: Peer, stage: Stage, reply: Reply): string {
  const said = replyText(reply);
  const rude = reply.code >= 400 && reply.code <= 599 ? '' : 'Protocol error: ';
  if (stage === 'connect' || stage === 'greeting' || stage === 'ehlo') {
    return `${rude}host ${hostWords(peer)} refused to talk to me: ${said}`;
  }
  return `${rude}host ${hostWords(peer)} said: ${said} (in reply to ${commandWords(stage)})`;
}

function innermost(why: Why): Why {
  return why.kind === 'suspended' ? innermost(why.last) : why;
}

function hostWords(peer: Peer): string {
  return `${peer.name}[${peer.address}]`;
}

function temporary(status: string): string {
  return '4' + status.slice(1);
}

/** What a refusal means, by the status without its class. RFC 3463 §3. */
const meaning = table({
  '1.1': 'it has no such mailbox',
  '1.2': 'it knows no such domain',
  '2.1': 'the mailbox is switched off',
  '2.2': 'the mailbox is full',
  '3.1': 'its disk is full',
  '3.2': 'it takes no mail at the moment',
  '3.4': 'the message is too big',
  '4.6': 'the mail runs in a circle',
  '7.1': 'its rules forbid this mail',
});

const plainDoing: Record<Stage, string> = {
  connect: 'the connection was made',
  greeting: 'its greeting was awaited',
  ehlo: 'the two were greeting each other',
  mail: 'the sender was being named',
  rcpt: 'a recipient was being named',
  data: 'the message was being announced',
  body: 'the message was on its way',
  'final-dot': 'its answer to the whole message was awaited, so the mail may arrive twice',
  rset: 'the dialogue was being ended',
  quit: 'the dialogue was being ended',
};

/**
 * One sentence for somebody who learns, without a full stop: `B refused the connection`.
 * `nameOf` says what a host is called on the screen; without it, its host name.
 */
export function plainWords(why: Why, nameOf: (peer: Peer) => string = (peer) => peer.name): string {
  switch (why.kind) {
    case 'dns':
      return plainDnsWords(why.name, why.problem);
    case 'connect': {
      const name = nameOf(why.peer);
      if (why.problem === 'refused') return `${name} refused the connection`;
      return why.problem === 'timeout' ? `${name} did not answer` : `There is no way to ${name} through the network`;
    }
    case 'lost': {
      const how = { closed: 'ended the dialogue', reset: 'broke off the connection', timeout: 'fell silent' }[
        why.problem
      ];
      return `${nameOf(why.peer)} ${how} while ${plainDoing[why.stage]}`;
    }
    case 'reply':
      return `${nameOf(why.peer)} said ${meaningOf(why.reply, isPermanent(why))}: ${replyText(why.reply)}`;
    case 'loop':
      if (why.how === 'hops') return 'The mail went through too many hosts: it runs in a circle';
      return `The DNS sends mail for ${why.domain} to this host itself, which does not keep it: it would run in a circle`;
    case 'extension':
      if (why.extension === 'SIZE') return `The message is bigger than ${nameOf(why.peer)} allows`;
      return `The message needs ${why.extension}, which ${nameOf(why.peer)} does not offer`;
    case 'suspended':
      return `Not tried, because ${why.domain} did not answer a moment ago: ${plainWords(innermost(why), nameOf)}`;
    case 'local':
      return `The mailbox here said ${meaningOf(why.reply, isPermanent(why))}: ${replyText(why.reply)}`;
    case 'person':
      return 'Somebody deleted it from the queue';
  }
}

function plainDnsWords(name: string, problem: DnsProblem): string {
  switch (problem) {
    case 'nxdomain':
      return `The DNS knows no name ${name}`;
    case 'no-address':
      return `The DNS has no address for ${name}`;
    case 'no-primary':
      return `This host is a backup, and the DNS has no address for ${name}, to which it would pass the mail on`;
    case 'null-mx':
      return `The DNS says that ${name} takes no mail at all (null MX)`;
    case 'servfail':
      return `The name server failed when asked for ${name}`;
    case 'timeout':
      return `No name server answered when asked for ${name}`;
    case 'refused':
      return `The name server refused to say anything about ${name}`;
    case 'bad-answer':
      return `The name server gave an answer about ${name} that makes no sense`;
  }
}

function meaningOf(reply: Reply, permanent: boolean): string {
  if (/gr[ea]ylist/i.test(reply.lines.join(' '))) return 'it puts first-time senders off for a while';
  // 452 without a status of its own is a matter of space, RFC 5321 §4.2.3.
  const status = reply.code === 452 && reply.enhanced === null ? '4.3.1' : statusOfReply(reply);
  return (
    meaning[status.slice(2)] ?? (reply.code === 421 ? 'it is closing down' : permanent ? 'no, for good' : 'not now')
  );
}
