/** Small words of the lanes. Pure. */
import type { Meaning } from '../lab/rows.ts';

export const letterOf = (host: string): string => (host.length <= 2 ? host.toUpperCase() : host);
export const localPart = (address: string): string =>
  address.includes('@') ? address.slice(0, address.lastIndexOf('@')) : address;
export const quoted = (subject: string): string => (subject === '' ? 'a message without subject' : `“${subject}”`);
/** Messages of one sender with one subject: a flood is one thing to speak of. */
export const groupOf = (sender: string, subject: string): string => `${sender.toLowerCase()} ${subject}`;

/** What a report says of a message. */
export const REPORTS: Record<
  'delayed' | 'failed' | 'delivered' | 'relayed',
  { meaning: Meaning; label: string; says: string }
> = {
  delayed: { meaning: 'waiting', label: 'told it is late', says: 'is late' },
  failed: { meaning: 'failed', label: 'told it failed', says: 'could not be delivered' },
  delivered: { meaning: 'arrived', label: 'told it arrived', says: 'is in the mailbox' },
  relayed: { meaning: 'arrived', label: 'told it went on', says: 'was passed on' },
};
