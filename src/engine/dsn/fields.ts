/**
 * The machine's part of a report: message/delivery-status, RFC 3464 §2, and for UTF-8 RFC 6533 §3.
 * Gives lines without CRLF; blocks are parted by an empty line.
 */
import { isPermanent, replyText, statusOf, statusOfReply, wordsOf } from '../../contract/why-words.ts';
import type { ReportInput, ReportRcpt } from './input.ts';
import { dateText, fold, fromXtext, hasEightBit, headerText } from './text.ts';

/** The fields about the message, then a block for each recipient. Throws when a status or a reason is missing. */
export function statusLines(input: ReportInput, utf8: boolean): string[] {
  return [...messageLines(input, utf8), ...input.rcpts.flatMap((r) => ['', ...rcptLines(input, r, utf8)])];
}

/**
 * The words about one recipient, for people: `host b… said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)`.
 * Throws when the reason (failed, delayed) or the reply (delivered, relayed) is missing.
 */
export function reasonOf(input: ReportInput, r: ReportRcpt): string {
  if (input.action === 'failed' || input.action === 'delayed') return wordsOf(whyOf(input, r));
  if (r.how === 'mailbox') return 'delivery via local: delivered to mailbox';
  const peer = r.peer;
  if (r.reply === null || peer === null) throw new Error(missing(input, r, 'reply and peer of the next host'));
  return `delivery via ${peer.name}[${peer.address}]:${peer.port}: ${replyText(r.reply)}`;
}

/** A failure of class 4: its time ran out. RFC 3464 §2.3.4 lets the status tell. */
export function isExpired(input: ReportInput, r: ReportRcpt): boolean {
  return input.action === 'failed' && !isPermanent(whyOf(input, r));
}

function messageLines({ entry, hostName }: ReportInput, utf8: boolean): string[] {
  const { envelope } = entry;
  const lines = field('Reporting-MTA', `dns; ${hostName}`, utf8);
  if (envelope.envid !== null) lines.push(...field('Original-Envelope-Id', fromXtext(envelope.envid), utf8));
  lines.push(...field('X-MailLab-Queue-ID', entry.queueId, utf8));
  if (envelope.sender !== '') lines.push(...field('X-MailLab-Sender', `${addressType(envelope.sender, utf8)}; ${envelope.sender}`, utf8));
  lines.push(...field('Arrival-Date', dateText(entry.arrivedAt), utf8));
  return lines;
}

function rcptLines(input: ReportInput, r: ReportRcpt, utf8: boolean): string[] {
  const { address, status } = r.rcpt;
  const diagnostic = diagnosticOf(input, r);
  const lines = [
    ...field('Final-Recipient', `${addressType(address, utf8)}; ${address}`, utf8),
    ...field('Original-Recipient', originalRecipient(r, utf8), utf8),
    ...field('Action', input.action, utf8),
    ...field('Status', statusOfRcpt(input, r), utf8),
  ];
  if (diagnostic.remote !== null) lines.push(...field('Remote-MTA', `dns; ${diagnostic.remote}`, utf8));
  lines.push(...field('Diagnostic-Code', diagnostic.text, utf8));
  // Worth a field only where tries were spread over time; a refusal at once has the Date of the report.
  if ((input.action === 'delayed' || isExpired(input, r)) && status.kind !== 'waiting') {
    lines.push(...field('Last-Attempt-Date', dateText(status.at), utf8));
  }
  if (input.action === 'delayed' && input.retryUntil !== null) {
    lines.push(...field('Will-Retry-Until', dateText(input.retryUntil), utf8));
  }
  return lines;
}

/** A delay is of class 4 and a success of class 2, whatever; a failure keeps the class it has (RFC 3463 §2). */
function statusOfRcpt(input: ReportInput, r: ReportRcpt): string {
  if (input.action === 'failed') return statusOf(whyOf(input, r));
  if (input.action === 'delayed') return '4' + statusOf(whyOf(input, r)).slice(1);
  const status = r.reply === null ? '2.0.0' : statusOfReply(r.reply);
  return status.startsWith('2') ? status : '2.0.0';
}

/** Only what another host said itself is of type `smtp` and names that host, RFC 3464 §2.3.5, §2.3.6. */
function diagnosticOf(input: ReportInput, r: ReportRcpt): { remote: string | null; text: string } {
  const failure = input.action === 'failed' || input.action === 'delayed' ? whyOf(input, r) : null;
  if (failure?.kind === 'reply') return { remote: failure.peer.name, text: `smtp; ${replyText(failure.reply)}` };
  if (failure === null && r.how !== 'mailbox' && r.reply !== null && r.peer !== null) {
    return { remote: r.peer.name, text: `smtp; ${replyText(r.reply)}` };
  }
  return { remote: null, text: `X-MailLab; ${reasonOf(input, r)}` };
}

/** ORCPT as it was given, RFC 3461 §4.2; without one, the address it came in with. */
function originalRecipient({ rcpt }: ReportRcpt, utf8: boolean): string {
  const [, type, address] = /^([^;]+);(.*)$/s.exec(rcpt.orcpt ?? '') ?? [];
  return type === undefined ? `${addressType(rcpt.address, utf8)};${rcpt.address}` : `${type.trim()};${fromXtext(address ?? '').trim()}`;
}

function addressType(address: string, utf8: boolean): string {
  return utf8 && hasEightBit(address) ? 'utf-8' : 'rfc822';
}

function whyOf(input: ReportInput, r: ReportRcpt) {
  if (r.why === null) throw new Error(missing(input, r, 'why'));
  return r.why;
}

function missing(input: ReportInput, r: ReportRcpt, what: string): string {
  return `makeReport: "${input.action}" for <${r.rcpt.address}> of ${input.entry.queueId} has no ${what}; hand in what the attempt found`;
}

function field(name: string, value: string, utf8: boolean): string[] {
  return fold(name + ':', headerText(value, utf8));
}
