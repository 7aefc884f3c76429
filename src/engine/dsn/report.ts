/**
 * The whole report as a message: multipart/report of three parts, RFC 6522.
 *
 * The text is put together here and not by a MIME library: the order and case of the fields, the boundary and the folding
 * are part of what is compared with real servers, and the message that comes back must come back byte for byte.
 */
import type { ReportKind } from '../../contract/why.ts';
import { actionOf, reasonOf, statusLines } from './fields.ts';
import type { ReportInput } from './input.ts';
import { dateDigits, dateText, fold, hasEightBit, headersOf, headerText, spanText, withCrlf } from './text.ts';
import { table } from '../../contract/table.ts';

export interface Report {
  /** The message, lines with CRLF, this host's Received line on top. */
  bytes: Buffer;
  messageId: string;
  subject: string;
  /** For the report's envelope: there are octets beyond ASCII in it (RFC 6152). */
  eightBit: boolean;
  /** For the report's envelope: there are such in its headers too (RFC 6531, 6533). */
  smtpUtf8: boolean;
}

const subjects: Record<ReportKind, string> = {
  failed: 'Undelivered Mail Returned to Sender',
  delayed: 'Delayed Mail (still being retried)',
  success: 'Successful Mail Delivery Report',
};
const POSTMASTER_SUBJECT = 'Postmaster Copy: Undelivered Mail';

/**
 * Makes the one report about all these recipients. To be sent from the null sender (RFC 3464 §2).
 * Same input, same bytes. Throws when there is nobody to send it to, no recipient, or a recipient with another status than the report's kind.
 */
export function makeReport(input: ReportInput): Report {
  const { entry, now, hostName, reportQueueId } = input;
  const to = input.to ?? entry.envelope.sender;
  if (to === '')
    throw new Error(`makeReport: ${entry.queueId} is from the null sender, who gets no report; ask whyNoReport first`);
  if (input.rcpts.length === 0)
    throw new Error(`makeReport: no recipient for "${input.kind}" of ${entry.queueId}; leave the report out`);
  const returned = returnedPart(input);
  const utf8 = needsUtf8(input, to);
  const boundary = boundaryOf(input, returned.bytes);
  const messageId = `<${dateDigits(now)}.${reportQueueId}@${hostName}>`;
  const isCopy = input.to !== undefined;
  const subject = isCopy ? POSTMASTER_SUBJECT : subjects[input.kind];
  const header = [
    `Received: by ${hostName} (Mail Lab)`,
    `\tid ${reportQueueId}; ${dateText(now)}`,
    `Date: ${dateText(now)}`,
    ...fold('From:', `Mail Delivery System <MAILER-DAEMON@${headerText(input.origin, utf8)}>`),
    `Subject: ${subject}`,
    ...fold('To:', headerText(to, utf8)),
    `Auto-Submitted: ${isCopy ? 'auto-generated' : 'auto-replied'}`, // RFC 3834 §5: nobody is replied to with a copy
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    `\tboundary="${boundary}"`,
    'Content-Transfer-Encoding: 8bit',
    `Message-Id: ${messageId}`,
    '',
    'This is a MIME-encapsulated message.',
    '',
  ];
  const bytes = Buffer.concat([
    crlf([
      ...header,
      `--${boundary}`,
      ...textPart(input, utf8),
      '',
      `--${boundary}`,
      ...statusPart(input, utf8),
      '',
      `--${boundary}`,
    ]),
    crlf([`Content-Description: ${returned.name}`, `Content-Type: ${utf8 ? returned.utf8Type : returned.type}`]),
    crlf([
      'Content-Transfer-Encoding: 8bit',
      '',
      ...fold('Return-Path:', `<${headerText(entry.envelope.sender, utf8)}>`),
    ]),
    returned.bytes,
    crlf(['', `--${boundary}--`]),
  ]);
  return { bytes, messageId, subject, eightBit: hasEightBit(bytes), smtpUtf8: utf8 };
}

/** The part for a person. What happened to whom stands at its end, a paragraph for each recipient. */
function textPart(input: ReportInput, utf8: boolean): string[] {
  const head = [
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
  ];
  const signature = '                   The mail system';
  const letter = [`This is the mail system at host ${input.hostName}.`, '', ...messageWords(input), '', signature];
  const reasons = input.rcpts.flatMap((rcpt) => [
    '',
    ...fold('', headerText(`<${rcpt.address}>: ${reasonOf(input, rcpt)}`, utf8)),
  ]);
  return [...head, ...letter, ...reasons];
}

function messageWords(input: ReportInput): string[] {
  const help = ['', 'If you need help, write to the postmaster and send this report along.'];
  const whole = returnsWhole(input);
  if (input.kind === 'failed') {
    const expired = input.rcpts.some(({ status }) => status.kind === 'failed' && status.expired);
    const late = expired ? ['This host tried again and again, and the time allowed for it is over.'] : [];
    if (input.to !== undefined) {
      return [
        'A delivery report could not be delivered itself. Reports have no sender, so',
        'nobody but you will hear of it.',
        ...late,
        `${whole ? 'The report' : 'The header of the report'} is attached.`,
      ];
    }
    return [
      'Your message could not be delivered to the recipients named below.',
      ...late,
      `${whole ? 'Your message' : 'The header of your message'} comes back with this report.`,
      ...help,
    ];
  }
  if (input.kind === 'delayed') {
    const waited = input.warnAfterMs ?? input.now - input.entry.arrivedAt;
    const life = input.retryUntil === null ? null : input.retryUntil - input.entry.arrivedAt;
    return [
      '*** This is only a warning. There is no need to send your message again. ***',
      '',
      `Your message has been waiting here for more than ${spanText(waited)}.`,
      life === null
        ? 'This host goes on trying.'
        : `This host goes on trying until the message is ${spanText(life)} old.`,
      ...help,
    ];
  }
  return SUCCESS_WORDS[[...new Set(input.rcpts.map((rcpt) => actionOf(input, rcpt)))].sort().join(' ')] ?? [];
}

const SUCCESS_WORDS = table<string[]>({
  delivered: ['Your message was delivered to the mailboxes named below.', 'No more reports about them will follow.'],
  relayed: [
    'Your message was handed on for the recipients named below. The next host',
    'does not report success, so this is the last word, unless delivery fails there.',
  ],
  'delivered relayed': [
    'Your message was delivered to, or handed on for, the recipients named below.',
    'A host that it was handed on to does not report success: of those recipients',
    'this is the last word, unless delivery fails there.',
  ],
});

/** A failure returns the message where it is not too large, unless RET says its header will do. RFC 3461 §4.3 */
function returnsWhole({ kind, entry, original, returnedBytesMax }: ReportInput): boolean {
  return kind === 'failed' && entry.envelope.ret !== 'hdrs' && original.length <= returnedBytesMax;
}

function statusPart(input: ReportInput, utf8: boolean): string[] {
  const type = utf8 ? 'message/global-delivery-status' : 'message/delivery-status';
  const encoding = utf8 ? ['Content-Transfer-Encoding: 8bit'] : [];
  return [
    'Content-Description: Delivery report',
    `Content-Type: ${type}`,
    ...encoding,
    '',
    ...statusLines(input, utf8),
  ];
}

function returnedPart(input: ReportInput): { name: string; type: string; utf8Type: string; bytes: Buffer } {
  const message = withCrlf(input.original);
  if (returnsWhole(input)) {
    return { name: 'Undelivered Message', type: 'message/rfc822', utf8Type: 'message/global', bytes: message };
  }
  const name = input.kind === 'success' ? 'Message Headers' : 'Undelivered Message Headers';
  return { name, type: 'text/rfc822-headers', utf8Type: 'message/global-headers', bytes: headersOf(message) };
}

/** An SMTPUTF8 message whose addresses and header are ASCII after all is reported in ASCII: every host takes that. */
function needsUtf8({ entry, rcpts, original }: ReportInput, to: string): boolean {
  if (!entry.envelope.smtpUtf8) return false;
  const addresses = [to, entry.envelope.sender, ...rcpts.flatMap((rcpt) => [rcpt.address, rcpt.orcpt ?? ''])];
  return addresses.some(hasEightBit) || hasEightBit(headersOf(withCrlf(original)));
}

/** Made from the queue id, the second and the host; RFC 2046 §5.1.1 allows 70 characters, and none that the message has. */
function boundaryOf({ entry, now, hostName }: ReportInput, returned: Buffer): string {
  let boundary = `${entry.queueId}.${Math.floor(now / 1000)}/${hostName}`
    .replace(/[^A-Za-z0-9.\-/]/g, '_')
    .slice(0, 60);
  while (returned.includes(`--${boundary}`)) boundary += '=';
  return boundary;
}

function crlf(lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n') + '\r\n');
}
