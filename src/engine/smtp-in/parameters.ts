/**
 * The parameters of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954 §5), RET and ENVID,
 * NOTIFY and ORCPT (RFC 3461 §4). A table each: what it takes, and what an unknown or wrong one hears.
 */
import type { Notify } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import type { Reply } from '../../contract/why.ts';
import { reply } from './replies.ts';
import { table, type Table } from '../../contract/table.ts';

export interface MailParameters {
  /** Announced bytes; 0: not said. Infinity: more than any file can have. */
  size: number;
  eightBit: boolean;
  smtpUtf8: boolean;
  ret: 'full' | 'hdrs' | null;
  envid: string | null;
  auth: boolean;
}

export interface RcptParameters {
  notify: Notify[] | null;
  orcpt: string | null;
}

type Offers = HostSettings['extensions'];
/** Takes the value of a parameter, null where it has none, and puts it into what is known. Returns what is wrong. */
type Take<T> = (value: string | null, into: T, offers: Offers) => Reply | 'unknown' | null;

const BYTES_MAX = 2n ** 63n - 1n;
const NOTIFY: readonly string[] = ['never', 'success', 'failure', 'delay'];

const withValue =
  <T>(take: (value: string, into: T, offers: Offers) => Reply | 'unknown' | null): Take<T> =>
  (value, into, offers) =>
    value === null ? 'unknown' : take(value, into, offers);

const ofDsn = <T>(take: (value: string, into: T) => boolean, name: string): Take<T> =>
  withValue((value, into, offers) => {
    if (!offers.dsn) return reply('no-dsn');
    return take(value, into) ? null : reply('bad-parameter', name);
  });

const MAIL = table<Take<MailParameters>>({
  SIZE: withValue((value, into) => {
    if (!/^\d+$/.test(value)) return reply('bad-size');
    into.size = BigInt(value) > BYTES_MAX ? Infinity : Number(value);
    return into.size === Infinity ? reply('too-big-for-any') : null;
  }),
  BODY: withValue((value, into) => {
    if (!/^(7bit|8bitmime)$/i.test(value)) return 'unknown';
    into.eightBit = /^8/.test(value);
    return null;
  }),
  SMTPUTF8: (value, into, offers) => {
    if (value !== null || !offers.smtpUtf8) return 'unknown';
    into.smtpUtf8 = true;
    return null;
  },
  AUTH: withValue((_value, into) => {
    if (into.auth) return reply('auth-twice');
    into.auth = true; // who vouched for it counts only where one signs in
    return null;
  }),
  RET: ofDsn((value, into) => {
    if (into.ret !== null || !/^(full|hdrs)$/i.test(value)) return false;
    into.ret = value.toLowerCase() as 'full' | 'hdrs';
    return true;
  }, 'RET'),
  ENVID: ofDsn((value, into) => {
    const text = xtextDecoded(value);
    if (into.envid !== null || text === null || !/^[\x20-\x7e]+$/.test(text)) return false;
    into.envid = asXtext(value);
    return true;
  }, 'ENVID'),
});

const RCPT = table<Take<RcptParameters>>({
  NOTIFY: ofDsn((value, into) => {
    const words = value
      .toLowerCase()
      .split(',')
      .filter((word) => word !== '');
    if (into.notify !== null || words.length === 0 || !words.every((word) => NOTIFY.includes(word))) return false;
    if (words.includes('never') && words.some((word) => word !== 'never')) return false; // RFC 3461 §4.1
    into.notify = [...new Set(words)] as Notify[];
    return true;
  }, 'NOTIFY'),
  ORCPT: ofDsn((value, into) => {
    const found = /^([^;]+);(.*)$/s.exec(value);
    const text = found === null ? null : xtextDecoded(found[2] as string);
    if (into.orcpt !== null || found === null || text === null) return false;
    into.orcpt = asXtext(value);
    return true;
  }, 'ORCPT'),
});

/** The parameters of MAIL, or what their sender hears: the first that is wrong decides. */
export function mailParameters(words: string[], offers: Offers): MailParameters | { no: Reply } {
  return read(words, MAIL, { size: 0, eightBit: false, smtpUtf8: false, ret: null, envid: null, auth: false }, offers);
}

export function rcptParameters(words: string[], offers: Offers): RcptParameters | { no: Reply } {
  return read(words, RCPT, { notify: null, orcpt: null }, offers);
}

function read<T>(words: string[], known: Table<Take<T>>, into: T, offers: Offers): T | { no: Reply } {
  for (const word of words) {
    const at = word.indexOf('=');
    const name = (at < 0 ? word : word.slice(0, at)).toUpperCase();
    const take = known[name];
    const no = take === undefined ? 'unknown' : take(at < 0 ? null : word.slice(at + 1), into, offers);
    if (no !== null) return { no: no === 'unknown' ? reply('no-parameter', word) : no };
  }
  return into;
}

/** As it was said, but for what would end a word: a quote may have held it together. */
function asXtext(value: string): string {
  return value.replace(
    // eslint-disable-next-line no-control-regex -- these are the characters it is about
    /[\x00-\x20\x7f]/g,
    (char) => `+${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** RFC 3461 §4: `+20` is a blank. Null: a + without two hexadecimal digits behind it. */
function xtextDecoded(text: string): string | null {
  if (/\+(?![\da-fA-F]{2})/.test(text)) return null;
  return text.replace(/\+([\da-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
