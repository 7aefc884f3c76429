/** A delivery status notification (RFC 3464) as fields, and what they mean in words. Pure. */
import { table } from '../../../contract/table.ts';

export interface DsnField {
  name: string;
  value: string;
  /** What it means; '' where it speaks for itself. */
  words: string;
}

export interface Dsn {
  /** Fields about the message: who reports, when it came. */
  message: DsnField[];
  /** Fields of each recipient. */
  recipients: DsnField[][];
}

/** Fields of `message/delivery-status`; null when there is none for a recipient in it. */
export function parseDsn(text: string): Dsn | null {
  const blocks = text
    .replace(/\r\n/g, '\n')
    .split(/\n[ \t]*\n/)
    .map(fieldsOf)
    .filter((fields) => fields.length > 0);
  const isRcpt = (fields: DsnField[]): boolean => fields.some(({ name }) => /^(final|original)-recipient$/i.test(name));
  const recipients = blocks.filter(isRcpt);
  return recipients.length === 0 ? null : { message: blocks.filter((fields) => !isRcpt(fields)).flat(), recipients };
}

function fieldsOf(block: string): DsnField[] {
  // A line that begins with white space goes on with the one before (RFC 5322 §2.2.3).
  return block
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const cut = line.indexOf(':');
      if (cut <= 0) return [];
      const [name, value] = [line.slice(0, cut).trim(), line.slice(cut + 1).trim()];
      return [{ name, value: shortened(name, value), words: wordsOf(name, value) }];
    });
}

export const valueOf = (fields: readonly DsnField[], name: string): string | null =>
  fields.find((field) => field.name.toLowerCase() === name.toLowerCase())?.value ?? null;

/** `rfc822; alice@…` names its own kind of address; a mail reader knows it. */
function shortened(name: string, value: string): string {
  return /-(recipient|mta)$/i.test(name) ? value.replace(/^(rfc822|dns)\s*;\s*/i, '') : value;
}

const ACTIONS = table({
  failed: 'will not be tried again',
  delayed: 'is still tried',
  delivered: 'is in the mailbox',
  relayed: 'went on to a host that reports nothing',
  expanded: 'went on to a list',
});
const CLASSES = table({ 2: 'success', 4: 'not for good', 5: 'for good' });
/** RFC 3463 §3, and the registry's later entries: by the status without its class. */
const STATUSES = table({
  '0.0': 'no reason given',
  '1.0': 'something about the address',
  '1.1': 'no such mailbox',
  '1.2': 'no such domain',
  '1.3': 'no valid address',
  '1.6': 'the mailbox moved',
  '1.8': 'no such sender domain',
  '1.10': 'the domain takes no mail (null MX)',
  '2.0': 'something about the mailbox',
  '2.1': 'mailbox switched off',
  '2.2': 'mailbox full',
  '2.3': 'too big for the mailbox',
  '3.0': 'something about the mail system',
  '3.1': 'mail system full',
  '3.2': 'the system takes no mail now',
  '3.4': 'message too big',
  '3.5': 'the system is set up wrongly',
  '4.0': 'something about the network',
  '4.1': 'no answer from the host',
  '4.2': 'bad connection',
  '4.3': 'the DNS failed',
  '4.4': 'no way there',
  '4.6': 'the mail runs in a circle',
  '4.7': 'it took too long',
  '5.0': 'a protocol error',
  '5.1': 'a wrong command',
  '5.2': 'a wrong syntax',
  '5.3': 'too many recipients',
  '5.4': 'wrong arguments',
  '6.0': 'something about the content',
  '6.1': 'such content is not taken',
  '6.3': 'conversion is needed, and not offered',
  '6.7': 'addresses in UTF-8 are not offered',
  '7.0': 'forbidden',
  '7.1': 'forbidden by a rule',
  '7.25': 'the client’s address has no name',
});

function wordsOf(name: string, value: string): string {
  if (/^action$/i.test(name)) return ACTIONS[value.toLowerCase()] ?? '';
  if (!/^status$/i.test(name)) return '';
  const [, digit = '', rest = ''] = /^(\d)\.(\d+\.\d+)/.exec(value) ?? [];
  return [STATUSES[rest], CLASSES[digit]].filter((words) => words !== undefined).join(', ');
}
