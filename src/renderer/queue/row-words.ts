/** A row of the queue in words: next try, next notice, whether the sender was told, the last reply. Pure. */
import type { HostKey, Instant, QueueEntry } from '../../contract/model.ts';
import type { HostCard, QueueRow } from '../../contract/views.ts';
import { commandWords, plainWords, printable, replyText, statusOf, wordsOf } from '../../contract/why-words.ts';
import type { Peer, RcptStatus, Why } from '../../contract/why.ts';
import type { Meaning } from '../lab/rows.ts';
import { dayOf, inWords, minuteOf, relative, sameDay, timeOf, whenOf } from '../lab/words.ts';
import { isLeft, type Notice } from './book.ts';

/** A fact, and its detail in small. */
export interface Cell {
  text: string;
  detail: string;
  meaning?: Meaning;
  /** Code in front of the text. */
  code?: string;
}

export const hostLetter = (key: HostKey): string => (key.length <= 2 ? key.toUpperCase() : key);

/** What a server is called on the screen: the letter of the lab's host, else its name. */
export function peerName(peer: Peer, hosts: readonly HostCard[]): string {
  const host = hosts.find(({ settings }) => settings.name === peer.name || settings.addresses.includes(peer.address));
  return host === undefined ? peer.name : hostLetter(host.key);
}

type Named = (peer: Peer) => string;

/** How many recipients are done, wait, failed. */
export function countsOf(row: Pick<QueueRow, 'rcpts'>): { done: number; waiting: number; failed: number } {
  const counts = { done: 0, waiting: 0, failed: 0 };
  for (const { status } of row.rcpts) {
    if (status.kind === 'delivered') counts.done += 1;
    else if (status.kind === 'failed' || status.kind === 'discarded') counts.failed += 1;
    else counts.waiting += 1;
  }
  return counts;
}

export function senderWords(row: QueueRow): string {
  return row.envelope.sender === '' ? '<>' : row.envelope.sender;
}

export function rcptWords(row: QueueRow): string {
  const [first, ...more] = row.rcpts;
  if (first === undefined) return 'nobody';
  return more.length === 0 ? first.address : `${first.address} and ${more.length} more`;
}

export function nextTry(row: QueueRow, now: Instant, host: HostCard | undefined): Cell {
  if (isLeft(row)) return leftTry(row, now);
  if (row.held) return { text: 'Held', detail: 'until it is released' };
  if (host !== undefined && host.power !== 'up')
    return { text: `When ${hostLetter(row.host)} is up`, detail: `${hostLetter(row.host)} is ${host.power}` };
  if (row.nextAt === null) return { text: 'Now', detail: 'it is being tried' };
  if (row.nextAt <= now) return { text: 'Now', detail: timeOf(row.nextAt) };
  return {
    text: relative(row.nextAt, now),
    detail: row.nextAt - now < 86_400_000 ? timeOf(row.nextAt) : whenOf(row.nextAt, now),
  };
}

function leftTry(row: QueueRow & { leftAt: Instant }, now: Instant): Cell {
  const { failed } = countsOf(row);
  const deleted = row.rcpts.some(({ status }) => status.kind === 'discarded' && status.reason === 'deleted');
  const text = deleted ? 'Deleted' : failed > 0 ? 'Never again' : 'None needed';
  return { text, detail: `${deleted ? 'gone' : 'left'} ${whenOf(row.leftAt, now)}` };
}

export function nextNotice(row: QueueRow, now: Instant): Cell {
  if (isLeft(row)) return { text: 'None', detail: '' };
  if (row.envelope.sender === '') return { text: 'Never', detail: 'null sender' };
  if (row.warnedAt !== null) return { text: 'None left', detail: 'one for each message' };
  if (row.warnAt === null) return { text: 'Never', detail: `${hostLetter(row.host)} warns nobody` };
  if (!wantsNews(row, 'delay')) return { text: 'Never', detail: 'not asked for' };
  if (row.warnAt <= now) return { text: 'At the next try', detail: `due since ${whenOf(row.warnAt, now)}` };
  return { text: relative(row.warnAt, now), detail: whenOf(row.warnAt, now) };
}

export function givesUp(row: QueueRow, now: Instant): Cell {
  if (!isLeft(row) && row.held) return { text: 'Not while held', detail: '' };
  if (isLeft(row)) return { text: 'No more', detail: `left ${whenOf(row.leftAt, now)}` };
  if (row.giveUpAt <= now) return { text: 'At the next try', detail: `due since ${whenOf(row.giveUpAt, now)}` };
  return sameDay(row.giveUpAt, now)
    ? { text: relative(row.giveUpAt, now), detail: minuteOf(row.giveUpAt) }
    : { text: dayOf(row.giveUpAt), detail: minuteOf(row.giveUpAt) };
}

const wantsNews = (row: Pick<QueueEntry, 'rcpts'>, kind: 'delay' | 'failure'): boolean =>
  row.rcpts.some(({ notify }) => notify === null || notify.includes(kind));

/** Was the sender told, and of what? */
export function senderTold(row: QueueRow, notices: readonly Notice[], now: Instant): Cell {
  if (row.envelope.sender === '') return { text: 'Nobody to tell', detail: 'null sender' };
  const last = notices.filter(({ to }) => to !== null).at(-1);
  const when = last === undefined ? '' : whenOf(last.at, now);
  if (last?.action === 'failed') return { text: 'Yes, failed', detail: when, meaning: 'failed' };
  if (last?.action === 'delayed') return { text: 'Yes, delayed', detail: when, meaning: 'waiting' };
  if (last !== undefined)
    return { text: `Yes, ${last.action === 'relayed' ? 'passed on' : 'delivered'}`, detail: when, meaning: 'arrived' };
  if (notices.some(({ to }) => to === null)) return { text: 'No', detail: 'asked for no such report' };
  if (isLeft(row))
    return countsOf(row).failed > 0
      ? { text: 'No', detail: 'nobody was told' }
      : { text: 'No need', detail: 'it went well' };
  if (row.warnAt !== null && wantsNews(row, 'delay'))
    return { text: 'Not yet', detail: `first told ${row.warnAt <= now ? 'at the next try' : whenOf(row.warnAt, now)}` };
  if (wantsNews(row, 'failure')) return { text: 'Not yet', detail: 'only if it fails' };
  const wishes = new Set(row.rcpts.flatMap(({ notify }) => notify ?? []));
  return wishes.size === 0
    ? { text: 'No', detail: 'asked not to be told' }
    : { text: 'Not yet', detail: wishes.has('success') ? 'only when it arrives' : 'not of a failure' };
}

/** The status that says most: what failed, else what waits, else what was delivered last. */
export function telling(row: Pick<QueueRow, 'rcpts'>): Exclude<RcptStatus, { kind: 'waiting' }> | null {
  const kinds: Exclude<RcptStatus['kind'], 'waiting'>[] = ['failed', 'deferred', 'discarded', 'delivered'];
  for (const kind of kinds) {
    const found = row.rcpts.filter(({ status }) => status.kind === kind).at(-1);
    if (found !== undefined && found.status.kind !== 'waiting') return found.status;
  }
  return null;
}

/** What the other server said last, as it came, and who said it at which command. */
export function lastReply(row: QueueRow, named: Named): Cell {
  const status = telling(row);
  if (status === null) return { text: 'None yet', detail: 'not tried so far' };
  if (status.kind === 'delivered') {
    const who =
      status.peer === null ? `in a mailbox of ${hostLetter(row.host)}` : `${named(status.peer)} said, to the message`;
    return { ...replyCell(status.reply.code, replyText(status.reply)), detail: who, meaning: 'arrived' };
  }
  if (status.kind === 'discarded') return { text: DISCARDED[status.reason], detail: 'dropped' };
  const meaning = status.kind === 'failed' ? 'failed' : 'waiting';
  return { ...whyCell(status.why, named), meaning };
}

const DISCARDED = {
  'notify-never': 'Nobody wants a report',
  'null-sender': 'A report is not reported',
  deleted: 'Deleted by a person',
};

function replyCell(code: number, text: string): { code: string; text: string } {
  const [, codes = '', rest = text] = /^(\d{3}(?: [245]\.\d+\.\d+)?) ?(.*)$/.exec(text) ?? [];
  return { code: codes || String(code), text: rest };
}

const CONNECT = { refused: 'Connection refused', timeout: 'Connection timed out', unreachable: 'No route to host' };
const BRIEFLY = { refused: 'refused', timeout: 'timed out', unreachable: 'is out of reach' };
const LOST = { closed: 'Dialogue ended', reset: 'Connection reset', timeout: 'Fell silent' };

function whyCell(why: Why, named: Named): Cell {
  switch (why.kind) {
    case 'reply':
      return {
        ...replyCell(why.reply.code, replyText(why.reply)),
        detail: `${named(why.peer)} said, at ${commandWords(why.stage).replace(/ command$/, '')}`,
      };
    case 'local':
      return { ...replyCell(why.reply.code, replyText(why.reply)), detail: 'its own mailbox said' };
    case 'connect':
      return {
        code: statusOf(why),
        text: CONNECT[why.problem],
        detail: `connect to ${named(why.peer)}, ${why.peer.address}:${why.peer.port}`,
      };
    case 'lost':
      return {
        code: statusOf(why),
        text: LOST[why.problem],
        detail: `${named(why.peer)}, ${wordsOf(why).replace(/^.* while /, 'while ')}`,
      };
    case 'suspended': {
      const { last } = why;
      const text = last.kind === 'connect' ? `${named(last.peer)} ${BRIEFLY[last.problem]}` : whyCell(last, named).text;
      return { code: statusOf(why), text: `Suspended: ${text}`, detail: 'not tried, it failed just now' };
    }
    default:
      return { code: statusOf(why), text: printable(plainWords(why, named)), detail: '' };
  }
}

/** What became of one recipient, in a sentence. */
export function statusWords(
  status: RcptStatus,
  named: Named,
  now: Instant,
  held = false,
): { text: string; meaning: Meaning } {
  switch (status.kind) {
    case 'waiting':
      return { text: 'Being tried for the first time', meaning: 'moving' };
    case 'delivered':
      return {
        text:
          status.peer === null
            ? `In the mailbox since ${whenOf(status.at, now)}`
            : `${named(status.peer)} took it at ${whenOf(status.at, now)}: ${replyText(status.reply)}`,
        meaning: 'arrived',
      };
    case 'deferred': {
      const again = held
        ? 'is held: not tried until it is released'
        : status.retryAt <= now
          ? 'is due to be tried again'
          : `will be tried again ${relative(status.retryAt, now)}`;
      return { text: `Waits and ${again}: ${plainWords(status.why, named)}`, meaning: 'waiting' };
    }
    case 'failed':
      return {
        text: `${status.expired ? 'Given up' : 'Failed'} at ${whenOf(status.at, now)}: ${plainWords(status.why, named)}`,
        meaning: 'failed',
      };
    case 'discarded':
      return {
        text: `Dropped at ${whenOf(status.at, now)}: ${DISCARDED[status.reason].toLowerCase()}`,
        meaning: 'failed',
      };
  }
}

/** How long it has been here: `for 3 h 20 min`. */
export function ageWords(row: QueueRow, now: Instant): string {
  return inWords((isLeft(row) ? row.leftAt : now) - row.arrivedAt);
}
