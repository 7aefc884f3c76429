/** The end of a run as data: each message that was handed in with what became of it, and each host. For `mail-lab run --json`. */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, LabState } from '../../contract/model.ts';
import { statusOf, wordsOf } from '../../contract/why-words.ts';
import type { Why } from '../../contract/why.ts';
import { messageIndex, nameOf, sameMailbox, type CopyRcpt, type Track } from './messages.ts';
import { formatInstant } from './units.ts';

export interface RecipientReport {
  address: string;
  /** Refused: at the door, by the host that it was handed to. */
  fate: 'delivered' | 'bounced' | 'waiting' | 'discarded' | 'refused';
  /** Where that is: the mailbox's host, or the queue's. */
  host: HostKey;
  /** ISO 8601, UTC: since when. */
  at: string;
  /** Deliveries to the mailbox. */
  copies: number;
  /** Why it bounced, waits or was refused, in the words of the mail log; null: for no reason, or delivered. */
  reason: string | null;
  /** Enhanced status code of that, RFC 3463. */
  status: string | null;
  /** Code of the reply that said so; null: nobody said anything. */
  code: number | null;
}

export interface MessageReport {
  /** Name in the script, or Message-ID. */
  id: string;
  from: string;
  size: number;
  recipients: RecipientReport[];
}

export interface HostReport {
  name: string;
  /** Messages in its queue. */
  queue: number;
  /** Messages in each mailbox that has any. */
  mailboxes: Record<string, number>;
  /** Bytes of queue and mailboxes. */
  diskBytes: number;
}

/** Messages that clients handed in, in that order; reports are left out. */
export function messagesOf(events: readonly LabEvent[], state: LabState): MessageReport[] {
  return messageIndex(events, state.scenario.names)
    .tracks.filter((track) => !track.isReport)
    .map((track) => ({ id: nameOf(track), from: track.from, size: track.sizeBytes, recipients: recipientsOf(track) }));
}

export function hostsOf(state: LabState): HostReport[] {
  return Object.values(state.hosts).map((host) => ({
    name: host.settings.name,
    queue: Object.keys(host.queue).length,
    mailboxes: Object.fromEntries(
      Object.entries(host.mailboxes)
        .filter(([, list]) => list.length > 0)
        .map(([user, list]) => [user, list.length]),
    ),
    diskBytes: host.usedBytes,
  }));
}

function recipientsOf(track: Track): RecipientReport[] {
  const addresses = [...new Set(track.copies.flatMap((copy) => copy.rcpts.map((rcpt) => rcpt.address)))];
  const taken = addresses.map((address): RecipientReport => {
    const deliveries = track.deliveries.filter((one) => sameMailbox(address, one.user));
    const [first] = deliveries;
    if (first !== undefined)
      return {
        address,
        fate: 'delivered',
        host: first.host,
        at: formatInstant(first.at),
        copies: deliveries.length,
        ...reasonOf(null),
      };
    const { rcpt, host } = lastPlace(track, address);
    return { address, fate: FATES[rcpt.fate], host, at: formatInstant(rcpt.at), copies: 0, ...reasonOf(rcpt.why) };
  });
  return [...taken, ...refusedAtTheDoor(track, addresses)];
}

/** Recipients that the host did not take from the person's program. */
function refusedAtTheDoor({ refusals }: Track, taken: readonly string[]): RecipientReport[] {
  const known = new Set(taken);
  return refusals.flatMap(({ host, at, why, to }) =>
    to
      .filter((address) => !known.has(address))
      .map((address): RecipientReport => {
        known.add(address);
        return { address, fate: 'refused', host, at: formatInstant(at), copies: 0, ...reasonOf(why) };
      }),
  );
}

function reasonOf(why: Why | null): Pick<RecipientReport, 'reason' | 'status' | 'code'> {
  return why === null
    ? { reason: null, status: null, code: null }
    : { reason: wordsOf(why), status: statusOf(why), code: codeOf(why) };
}

function codeOf(why: Why): number | null {
  if (why.kind === 'suspended') return codeOf(why.last);
  return why.kind === 'reply' || why.kind === 'local' ? why.reply.code : null;
}

/** `relayed` is only seen for the instant between one host's 250 and the other's queue. */
const FATES: Record<CopyRcpt['fate'], RecipientReport['fate']> = {
  waiting: 'waiting',
  delivered: 'delivered',
  relayed: 'waiting',
  failed: 'bounced',
  discarded: 'discarded',
  deleted: 'discarded',
};

/** Without a delivery: where somebody still has it, else where it ended last. */
function lastPlace(track: Track, address: string): { rcpt: CopyRcpt; host: HostKey } {
  const places = track.copies.flatMap((copy) =>
    copy.rcpts.filter((rcpt) => rcpt.address === address).map((rcpt) => ({ rcpt, host: copy.host })),
  );
  const open = places.filter(({ rcpt }) => rcpt.fate === 'waiting');
  const ended = places.filter(({ rcpt }) => rcpt.fate !== 'relayed');
  return open.at(-1) ?? ended.sort((a, b) => a.rcpt.at - b.rcpt.at).at(-1) ?? places.at(-1)!;
}
