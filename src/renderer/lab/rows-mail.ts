/** Rows of what becomes of mail: queued, handed over, waiting, given up, told. Pure. */
import type { LabEvent } from '../../contract/events.ts';
import { plainWords, replyText } from '../../contract/why-words.ts';
import type { Reply } from '../../contract/why.ts';
import { letter, type Known } from './known.ts';
import type { Meaning, RowKind, RowWords } from './row.ts';
import { letterOfTarget } from './rows-wire.ts';
import { inShort, timeOf, whenOf } from './words.ts';

const row = (kind: RowKind, meaning: Meaning, from: string, target: string, text: string): RowWords => ({
  kind,
  meaning,
  from,
  target,
  text,
});
export const localPart = (address: string): string =>
  address.slice(0, address.lastIndexOf('@') === -1 ? undefined : address.lastIndexOf('@'));
export const quoted = (subject: string | null): string =>
  subject === null || subject === '' ? 'a message without a subject' : `“${subject}”`;

export function mailWords(event: LabEvent, known: Known): RowWords | null {
  const host = letter(event.host);
  switch (event.kind) {
    case 'message-accept': {
      const by =
        event.origin === 'report'
          ? host
          : known.clientOn(event.session) === 'client'
            ? localPart(event.envelope.sender)
            : known.clientOn(event.session);
      return row('Queue', 'arrived', by, host, `Keeps ${quoted(event.subject)} as ${event.queueId}`);
    }
    case 'message-refuse':
      return refuseWords(event, known);
    case 'greylist-meet':
      return row('SMTP', 'waiting', '', host, 'Meets this sender for the first time, and puts it off');
    case 'greylist-pass':
      return row('SMTP', 'neutral', '', host, 'Has met this sender before: lets it in');
    case 'attempt-route':
      return row('Queue', 'neutral', host, '', routeWords(event, known));
    case 'queue-deliver':
      if (event.how === 'mailbox') return null;
      return row(
        'Queue',
        'arrived',
        host,
        event.peer === null ? '' : known.letterOf(event.peer),
        `${event.peer === null ? 'The next host' : known.letterOf(event.peer)} answers for ${quoted(known.subject(event.mail))} now`,
      );
    case 'mailbox-deliver':
      return row(
        'Queue',
        'arrived',
        host,
        event.user,
        `${quoted(event.message.subject)} is in the mailbox of ${event.user}`,
      );
    case 'queue-defer':
      if (event.why.kind === 'suspended')
        return row(
          'Queue',
          'waiting',
          host,
          '',
          `Not tried, ${event.why.domain} is taken for dead. Again in ${inShort(event.retryAt - event.at)}, at ${timeOf(event.retryAt)}`,
        );
      return row(
        'Queue',
        'waiting',
        host,
        '',
        `Tries again in ${inShort(event.retryAt - event.at)}, at ${timeOf(event.retryAt)}: ${plainWords(event.why, known.letterOf)}`,
      );
    case 'queue-plan':
      return row(
        'Queue',
        'waiting',
        host,
        '',
        `All waiting recipients are tried together in ${inShort(event.nextAt - event.at)}, at ${timeOf(event.nextAt)}`,
      );
    case 'queue-fail':
      return row(
        'Queue',
        'failed',
        host,
        '',
        `${event.expired ? 'Gives up after so long' : 'Failed for good'}: ${plainWords(event.why, known.letterOf)}`,
      );
    case 'queue-discard':
      return row('Queue', 'failed', host, '', `Drops it: ${discardWords[event.reason]}`);
    case 'dsn-sent':
      return row(
        'DSN',
        actionMeaning[event.action],
        host,
        localPart(event.to),
        `Tells ${localPart(event.to)}: ${tellWords(event, known)}`,
      );
    case 'dsn-none':
      return row(
        'DSN',
        'neutral',
        host,
        '',
        `Tells nobody that it is ${event.action}: ${event.reason === 'notify' ? 'the sender did not want to know' : 'there is no sender to tell'}`,
      );
    case 'destination-fail':
      return row('Queue', 'waiting', host, '', deadWords(event));
    case 'destination-ok':
      return row('Queue', 'neutral', host, '', `${event.domain} answers again`);
    case 'submit-fail':
      return row('SMTP', 'failed', localPart(event.from), host, `Not taken: ${plainWords(event.why, known.letterOf)}`);
    default:
      return null;
  }
}

const discardWords = {
  'notify-never': 'the sender did not want to be told',
  'null-sender': 'a report, and nobody is told about reports',
  deleted: 'somebody deleted it',
};
const actionMeaning: Record<LabEvent<'dsn-sent'>['action'], Meaning> = {
  failed: 'failed',
  delayed: 'waiting',
  delivered: 'arrived',
  relayed: 'arrived',
};

function tellWords({ action, host, about }: LabEvent<'dsn-sent'>, known: Known): string {
  const subject = quoted(known.subject(known.mailAs(host, about)));
  switch (action) {
    case 'delayed':
      return `${subject} is late, and still tried`;
    case 'failed':
      return `${subject} failed, and comes back`;
    case 'delivered':
      return `${subject} is in the mailbox`;
    case 'relayed':
      return `${subject} went on to a host that reports nothing`;
  }
}

/** A refusal for want of room on the disk: RFC 3463 x.3.1, RFC 5321 452 and 552 before a message is seen, 451 4.3.0 when it filled while one came. */
export function isSpaceReply({ code, enhanced }: Reply): boolean {
  if (enhanced === null) return code === 452 || code === 552;
  return /^[45]\.3\.1$/.test(enhanced) || (code === 451 && enhanced === '4.3.0');
}

function refuseWords(event: LabEvent<'message-refuse'>, known: Known): RowWords {
  const meaning = event.reply.code < 500 ? 'waiting' : 'failed';
  const kind = isSpaceReply(event.reply) ? 'Disk' : 'SMTP';
  const whom = event.address === null ? '' : `${event.address}: `;
  return row(
    kind,
    meaning,
    known.clientOn(event.session),
    letter(event.host),
    `Refuses ${whom}${event.reason}. Says ${replyText(event.reply)}`,
  );
}

/** `Tries A, then B`; for a backup `A is a better MX than B: hands it to A`. */
function routeWords({ host, domain, order, dropped }: LabEvent<'attempt-route'>, known: Known): string {
  const letters = [...new Set(order.map((target) => letterOfTarget(target, known)))];
  const [first] = letters;
  if (first === undefined) return `Finds no way to ${domain}`;
  const isBackup = dropped.some(({ reason }) => reason === 'this host itself');
  if (isBackup && letters.length === 1) return `${first} is a better MX than ${letter(host)}: hands it to ${first}`;
  return `Mail for ${domain}: tries ${letters.join(', then ')}`;
}

function deadWords({ at, domain, failureCount, until }: LabEvent<'destination-fail'>): string {
  const times = failureCount === 1 ? 'once' : `${failureCount} times in a row`;
  if (until === null) return `${domain} failed ${times}`;
  return `${domain} failed ${times}: taken for dead until ${whenOf(until, at)}`;
}
