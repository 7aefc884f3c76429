/** Small words that all lines of the command line share. Times are UTC, as the lab's are. */
import type { HostKey, Instant, LabState } from '../contract/model.ts';
import type { Peer } from '../contract/why.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAY_MS = 86_400_000;

/** `Mon 09:00:00.038` */
export function stamp(at: Instant): string {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()]} ${date.toISOString().slice(11, 23)}`;
}

/** `Mon 2 March 2026` */
export function dayWords(at: Instant): string {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** `Mon 2 March 2026 09:05` */
export function instantWords(at: Instant): string {
  return `${dayWords(at)} ${new Date(at).toISOString().slice(11, 16)}`;
}

/** `Mon 09:30` */
export function dayTime(at: Instant): string {
  return `${DAYS[new Date(at).getUTCDay()]} ${new Date(at).toISOString().slice(11, 16)}`;
}

/** An instant as one near by would say it: `09:30`, `Tue 09:30`, `Tue 17 March 09:30`. */
export function whenWords(at: Instant, now: Instant): string {
  const date = new Date(at);
  const time = date.toISOString().slice(11, 16);
  if (Math.floor(at / DAY_MS) === Math.floor(now / DAY_MS)) return time;
  const day = DAYS[date.getUTCDay()];
  return Math.abs(at - now) < 6 * DAY_MS
    ? `${day} ${time}`
    : `${day} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${time}`;
}

/** `A` for host `a`, `mx1` for host `mx1`. */
export function hostWord(host: HostKey): string {
  return host.length <= 2 ? host.toUpperCase() : host;
}

/** How the lab calls a server: by its key where it is one of the lab's. */
export function peerWord(peer: Pick<Peer, 'name' | 'address'>, state: LabState): string {
  const found = Object.values(state.hosts).find(
    ({ settings }) => settings.name === peer.name || settings.addresses.includes(peer.address),
  );
  return found === undefined ? `${peer.name}[${peer.address}]` : hostWord(found.key);
}

export function hostAtAddress(address: string, state: LabState): string {
  return peerWord({ name: '', address }, state).replace(/^\[(.*)\]$/, '$1');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** `alice`, `alice and bob`, `alice, bob and 3 more` */
export function listed(items: readonly string[]): string {
  if (items.length <= 2) return items.join(' and ');
  return `${items.slice(0, 2).join(', ')} and ${items.length - 2} more`;
}
