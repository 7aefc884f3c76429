/**
 * `lost`: the promise of RFC 5321 §6.1. Every recipient that any host took responsibility for is waiting there, was handed on
 * to a host that took it, is in a mailbox, failed and was reported (or need not be), or was dropped as its sender wished.
 * A report that is dropped itself tells nobody, and what a person deleted from a queue no one will ever see: the servers have
 * kept their promise, and still the message is lost to its people.
 */
import { z } from 'zod';
import { count } from '../schema-values.ts';
import { nameOf, reportsOf, sameMailbox, type Copy, type CopyRcpt, type Track } from '../messages.ts';
import { checkKind, hostWord, plural } from './kind.ts';

export const lost = checkKind({
  key: 'lost',
  schema: z.union([count(0, 1_000_000, 'number of recipients')]),
  refs: {},
  judge(allowed, { index }) {
    let total = 0;
    const gone: string[] = [];
    const fates = { waiting: 0, delivered: 0, failed: 0, discarded: 0, deleted: 0 };
    for (const track of index.tracks) {
      for (const copy of track.copies) {
        for (const rcpt of copy.rcpts) {
          if (rcpt.fate === 'relayed' && wasTakenUp(copy, rcpt)) continue;
          total += 1;
          if (isKept(copy, rcpt)) fates[rcpt.fate as keyof typeof fates] += 1;
          else
            gone.push(`${nameOf(track)} for ${rcpt.address}, last seen on ${hostWord(copy.host)} (${fateWords(rcpt)})`);
        }
      }
    }
    const places = Object.entries(fates)
      .filter(([, number]) => number > 0)
      .map(([fate, number]) => `${number} ${PLACES[fate as keyof typeof fates]}`);
    return {
      name: allowed === 0 ? 'No message is lost' : `${plural(allowed, 'message')} lost`,
      passed: gone.length === allowed,
      missed: gone.length > allowed,
      expected: `${allowed} lost`,
      measured:
        gone.length === 0
          ? `0 lost of ${total}${places.length === 0 ? '' : `: ${places.join(', ')}`}`
          : `${gone.length} lost of ${total}: ${gone.slice(0, 3).join('; ')}${gone.length > 3 ? ' ...' : ''}`,
    };
  },
});

const PLACES = {
  waiting: 'waiting',
  delivered: 'in a mailbox',
  failed: 'failed and reported',
  discarded: 'dropped for a reason',
  deleted: 'deleted, and no loss',
};

/** Another host took the recipient after this one had taken it: the responsibility went there. */
function wasTakenUp(copy: Copy, rcpt: CopyRcpt): boolean {
  return copy.track.copies.some(
    (other) =>
      other.host !== copy.host &&
      other.acceptedAt >= copy.acceptedAt &&
      other.rcpts.some((one) => one.address.toLowerCase() === rcpt.address.toLowerCase()),
  );
}

function isKept(copy: Copy, rcpt: CopyRcpt): boolean {
  switch (rcpt.fate) {
    case 'waiting':
      return copy.removedAt === null;
    case 'delivered':
      return copy.track.deliveries.some(
        (one) => one.host === copy.host && one.queueId === copy.queueId && sameMailbox(rcpt.address, one.user),
      );
    case 'failed':
      // Until its round of tries is over, the report is still to come.
      return rcpt.reported ? !isUnheard(copy, rcpt) : copy.removedAt === null;
    case 'discarded':
      return true;
    case 'deleted': // a report's loss is counted with what it speaks of
      return copy.track.isReport || copy.track.deliveries.some((one) => sameMailbox(rcpt.address, one.user));
    case 'relayed':
      return false;
  }
}

/** It was reported, but no report of it is in a mailbox or on its way to one: neither its sender's nor a postmaster's. */
function isUnheard(copy: Copy, rcpt: CopyRcpt): boolean {
  const own = copy.track.reports.filter(
    (report) => report.action === 'failed' && report.about === copy && report.rcpts.includes(rcpt),
  );
  const reports = own.flatMap((report) => [report, ...(report.track === null ? [] : reportsOf(report.track))]);
  return (
    reports.length > 0 &&
    !reports.some(({ track }) => track === null || track.deliveries.length > 0 || isOnItsWay(track))
  );
}

function isOnItsWay({ copies }: Track): boolean {
  return copies.some((copy) => copy.removedAt === null && copy.rcpts.some((rcpt) => rcpt.fate === 'waiting'));
}

function fateWords(rcpt: CopyRcpt): string {
  if (rcpt.fate === 'deleted') return 'deleted from its queue by a person';
  return rcpt.fate === 'failed' && rcpt.reported ? 'failed, and its report reached nobody' : rcpt.fate;
}
