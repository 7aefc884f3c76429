/**
 * What a server of this lab answers to each command: a table with a row for each verb. A row knows the session and asks the house;
 * it tells nothing and sends nothing. Whether an argument is missing, too much, or comes too early is decided as Postfix does.
 */
import type { Envelope, Notify } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import type { Reply } from '../../contract/why.ts';
import { mailParameters, rcptParameters } from './parameters.ts';
import { addressIn, isDomain, routedBy, type PathRules } from './path.ts';
import { reply } from './replies.ts';
import { wordsOf, type Word } from './words.ts';

/** One session, from its greeting on. */
export interface Session {
  helo: { name: string; extended: boolean } | null;
  transaction: Transaction | null;
  /** Replies of 4xx and 5xx since the last message that was taken, and commands beyond those that are free. */
  errorCount: number;
  /** Commands that brought no mail on its way, since the last message that was taken. */
  junkCount: number;
}

export interface Transaction {
  envelope: Envelope;
  /** Those that were taken, each once. */
  rcpts: Map<string, { address: string; notify: Notify[] | null; orcpt: string | null }>;
  /** With those that were named again. */
  rcptCount: number;
  /** Refused because there were enough. */
  overshootCount: number;
}

export const newSession = (): Session => ({ helo: null, transaction: null, errorCount: 0, junkCount: 0 });

/** What a row asks of the host. A `Reply` is a refusal, told already. */
export interface House {
  settings(): HostSettings;
  /** Space and size, at MAIL. */
  mail(sender: string, sizeBytes: number): Reply | null;
  isHere(domain: string): boolean;
  /** Whether mail for `address` is taken, and what `said` hears of it otherwise: the same address, but for a route in it. */
  rcpt(sender: string, address: string, said: string): Reply | null;
  verify(address: string): Reply | null;
  /** ETRN: start sending what waits for a domain. False: not for this client. */
  flush(domain: string): boolean;
}

export interface Answer {
  reply: Reply;
  /** What follows: a message, or the end of the session, perhaps with a last word. */
  then?: 'message' | 'close' | Reply;
  /** A 4xx that is no fault of the client's. */
  pardoned?: true;
}

interface Verb {
  /** It moves no mail forward: a number of these are free. */
  junk?: true;
  answer(session: Session, words: Word[], house: House): Answer;
}

/** Recipients beyond the limit that are no error yet: Postfix's smtpd_recipient_overshoot_limit. */
const OVERSHOOT_MAX = 1000;

const say = (...about: Parameters<typeof reply>): Answer => ({ reply: reply(...about) });

/** MAIL and RCPT: `FROM:` or `TO:`, an address, parameters. */
const argument = (words: Word[], keyword: string): { path: Word; parameters: string[] } | null => {
  const [, prefix, path, ...parameters] = words;
  return prefix?.text.toUpperCase() !== keyword || path === undefined
    ? null
    : { path, parameters: parameters.map(({ text }) => text) };
};

const rulesOf = ({ settings, isHere }: House, smtpUtf8: boolean): PathRules => ({
  domain: settings().name,
  smtpUtf8,
  isHere,
});

const greet = (extended: boolean): Verb => ({
  junk: true,
  answer(session, words, house) {
    if (words.length < 2) return say('helo-syntax', extended ? 'EHLO' : 'HELO');
    session.helo = {
      name: words
        .slice(1)
        .map(({ text }) => text)
        .join(' ')
        // eslint-disable-next-line no-control-regex -- it goes into Received lines
        .replace(/[\x00-\x1f\x7f]/g, '?'),
      extended,
    };
    session.transaction = null;
    const { name, extensions, messageSizeMax } = house.settings();
    return {
      reply: { code: 250, enhanced: null, lines: [name, ...(extended ? offered(extensions, messageSizeMax) : [])] },
    };
  },
});

/** In the order in which Postfix gives them. RFC 5321 §4.1.1.1 */
function offered(extensions: HostSettings['extensions'], sizeMax: number): string[] {
  const offers: [boolean, string][] = [
    [extensions.pipelining, 'PIPELINING'],
    [extensions.size, `SIZE ${sizeMax}`],
    [true, 'VRFY'],
    [extensions.etrn, 'ETRN'],
    [extensions.enhancedCodes, 'ENHANCEDSTATUSCODES'],
    [extensions.eightBitMime, '8BITMIME'],
    [extensions.dsn, 'DSN'],
    [extensions.smtpUtf8, 'SMTPUTF8'],
  ];
  return offers.flatMap(([on, keyword]) => (on ? [keyword] : []));
}

const mail: Verb = {
  answer(session, words, house) {
    if (session.transaction !== null) return say('nested-mail');
    const given = argument(words, 'FROM:');
    if (given === null) return say('syntax', 'MAIL FROM:<address>');
    const { extensions } = house.settings();
    const smtpUtf8 = extensions.smtpUtf8 && given.parameters.some((word) => word.toUpperCase() === 'SMTPUTF8');
    const sender = addressIn(given.path, rulesOf(house, smtpUtf8));
    if (sender === null) return say('bad-sender');
    const parameters = mailParameters(given.parameters, extensions);
    if ('no' in parameters) return { reply: parameters.no };
    const { size, eightBit, ret, envid } = parameters;
    const no = house.mail(sender, size);
    if (no !== null) return { reply: no };
    session.transaction = {
      envelope: { sender, ret, envid, eightBit, smtpUtf8 },
      rcpts: new Map(),
      rcptCount: 0,
      overshootCount: 0,
    };
    return say('mail-ok');
  },
};

const rcpt: Verb = {
  answer({ transaction }, words, house) {
    if (transaction === null) return say('need-mail');
    const given = argument(words, 'TO:');
    if (given === null) return say('syntax', 'RCPT TO:<address>');
    const { extensions, rcptCountMax } = house.settings();
    const rules = rulesOf(house, transaction.envelope.smtpUtf8);
    const said = addressIn(given.path, rules);
    if (said === null || said === '') return say('bad-rcpt');
    const parameters = rcptParameters(given.parameters, extensions);
    if ('no' in parameters) return { reply: parameters.no };
    if (transaction.rcptCount >= rcptCountMax) {
      transaction.overshootCount += 1;
      return { ...say('too-many-rcpts'), ...(transaction.overshootCount <= OVERSHOOT_MAX ? { pardoned: true } : {}) };
    }
    const address = routedBy(said, rules) as string;
    const no = house.rcpt(transaction.envelope.sender, address, said);
    if (no !== null) return { reply: no };
    transaction.rcpts.set(address.toLowerCase(), { address, ...parameters });
    transaction.rcptCount += 1;
    return say('rcpt-ok');
  },
};

const data: Verb = {
  answer({ transaction }, words) {
    // With pipelining, DATA comes before its client knows that nobody was taken: that is no error of protocol.
    if (transaction === null || transaction.rcpts.size === 0)
      return say(transaction === null ? 'need-rcpt' : 'no-rcpts');
    if (words.length > 1) return say('syntax', 'DATA');
    return { ...say('data'), then: 'message' };
  },
};

const rset: Verb = {
  junk: true,
  answer(session, words) {
    if (words.length > 1) return say('syntax', 'RSET');
    session.transaction = null;
    return say('ok');
  },
};

const vrfy: Verb = {
  junk: true,
  answer(_session, words, house) {
    const { extensions } = house.settings();
    let asked = words.slice(1);
    const smtpUtf8 = extensions.smtpUtf8 && asked.at(-1)?.text.toUpperCase() === 'SMTPUTF8'; // RFC 6531 §3.7.4.2
    if (smtpUtf8) asked = asked.slice(0, -1);
    if (asked.length === 0) return say('syntax', `VRFY address${extensions.smtpUtf8 ? ' [SMTPUTF8]' : ''}`);
    const text = asked.map((word) => word.text).join(' ');
    const rules = rulesOf(house, smtpUtf8);
    const said = addressIn({ text, torn: asked.some(({ torn }) => torn) }, rules);
    if (said === null || said === '') return say('bad-rcpt');
    const no = house.verify(routedBy(said, rules) as string);
    return no === null ? say('verified', text) : { reply: no };
  },
};

const etrn: Verb = {
  junk: true,
  answer({ transaction }, words, house) {
    if (!house.settings().extensions.etrn) return say('unknown');
    if (transaction !== null) return say('in-transaction');
    const [, asked, ...more] = words;
    if (asked === undefined || more.length > 0) return say('etrn-syntax');
    const domain = asked.text.replace(/^[@#]/, ''); // `@` and `#` have a meaning that no server here gives them (RFC 1985 §5.3)
    if (asked.torn || !isDomain(domain, false)) return say('bad-domain');
    return house.flush(domain) ? say('queuing-started') : say('no-etrn', domain);
  },
};

/** What only a proxy in front may say; nobody is one here. */
const proxy = (verb: string): Verb => ({
  junk: true,
  answer({ transaction }, words) {
    if (transaction !== null) return say('in-transaction');
    return words.length < 2 ? say('syntax', `${verb} attribute=value...`) : say('no-proxy');
  },
});

const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    HELO: greet(false),
    EHLO: greet(true),
    MAIL: mail,
    RCPT: rcpt,
    DATA: data,
    RSET: rset,
    VRFY: vrfy,
    ETRN: etrn,
    NOOP: { junk: true, answer: () => say('ok') },
    QUIT: { answer: () => ({ ...say('bye'), then: 'close' }) },
    STARTTLS: { answer: (_session, words) => (words.length > 1 ? say('syntax', 'STARTTLS') : say('no-command')) },
    AUTH: { answer: () => say('no-auth') },
    BDAT: { answer: () => ({ ...say('no-chunking'), then: 'close' }) }, // what follows is not a command: RFC 3030 §2
    XCLIENT: proxy('XCLIENT'),
    XFORWARD: proxy('XFORWARD'),
  } satisfies Record<string, Verb>),
);

/** A web page's request, or a header: the sender thinks it is talking to something else. */
const isNoSmtp = (word: string): boolean => /^(CONNECT|GET|POST)$|^[^A-Z]|^[\x21-\x39\x3b-\x7e]+:/i.test(word);

/** The answer to a line that a client said. */
export function answerTo(session: Session, line: string, house: House): Answer {
  const words = wordsOf(line);
  const [first] = words;
  if (first === undefined) return counted(session, say('bad-syntax'), house);
  const verb = VERBS.get(first.text.toUpperCase());
  if (verb === undefined)
    return isNoSmtp(first.text) ? { ...say('no-smtp'), then: 'close' } : counted(session, say('unknown'), house);
  const answer = verb.answer(session, words, house);
  if (verb.junk && session.junkCount++ > house.settings().junkCommandCountMax) session.errorCount += 1;
  return counted(session, answer, house);
}

/** What was said in error is counted in the session. One too many, and the last word follows at once, as Postfix waits for no more. */
export function counted(session: Session, answer: Answer, house: Pick<House, 'settings'>): Answer {
  if (answer.reply.code >= 400 && answer.pardoned === undefined) session.errorCount += 1;
  const { errorCountMax, name } = house.settings();
  return session.errorCount >= errorCountMax && answer.then === undefined
    ? { ...answer, then: reply('too-many-errors', name) }
    : answer;
}
