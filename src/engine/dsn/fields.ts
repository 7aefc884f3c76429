/**
 * The machine's part of a report: message/delivery-status, RFC 3464 §2, and for UTF-8 RFC 6533 §3.
 * Gives lines without CRLF; blocks are parted by an empty line.
 */
import type { Rcpt } from '../../contract/model.ts';
import type { RcptStatus, ReportAction } from '../../contract/why.ts';
import { replyText, statusOf, statusOfReply, wordsOf } from '../../contract/why-words.ts';
import type { ReportInput } from './input.ts';
import { dateText, fold, fromXtext, hasEightBit, headerText } from './text.ts';

/** The fields about the message, then a block for each recipient. Throws for a recipient whose status is of another kind than the report. */
export function statusLines(input: ReportInput, utf8: boolean): string[] {
  return [...messageLines(input, utf8), ...input.rcpts.flatMap((rcpt) => ['', ...rcptLines(input, rcpt, utf8)])];
}

/** The words about one recipient, for people: `host b… said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)`. Throws as statusLines. */
export function reasonOf(input: ReportInput, rcpt: Rcpt): string {
  const status = statusIn(input, rcpt);
  if (status.kind !== 'delivered') return wordsOf(status.why);
  if (status.peer === null) return 'delivery via local: delivered to mailbox';
  return `delivery via ${status.peer.name}[${status.peer.address}]:${status.peer.port}: ${replyText(status.reply)}`;
}

/** What became of a recipient, RFC 3464 §2.3.3. Throws as statusLines. */
export function actionOf(input: ReportInput, rcpt: Rcpt): ReportAction {
  const status = statusIn(input, rcpt);
  if (status.kind !== 'delivered') return status.kind === 'failed' ? 'failed' : 'delayed';
  return status.how === 'mailbox' ? 'delivered' : 'relayed';
}

const KINDS = { failed: 'failed', delayed: 'deferred', success: 'delivered' } as const;
type Reported = Extract<RcptStatus, { kind: 'failed' | 'deferred' | 'delivered' }>;

function statusIn({ kind, entry }: ReportInput, { address, status }: Rcpt): Reported {
  if (status.kind === KINDS[kind]) return status as Reported;
  throw new Error(
    `a report of kind "${kind}" about ${entry.queueId}: <${address}> is ${status.kind}, not ${KINDS[kind]}; leave it out`,
  );
}

function messageLines({ entry, hostName }: ReportInput, utf8: boolean): string[] {
  const { envelope } = entry;
  const lines = field('Reporting-MTA', `dns; ${hostName}`, utf8);
  if (envelope.envid !== null) lines.push(...field('Original-Envelope-Id', fromXtext(envelope.envid), utf8));
  lines.push(...field('X-MailLab-Queue-ID', entry.queueId, utf8));
  if (envelope.sender !== '')
    lines.push(...field('X-MailLab-Sender', `${addressType(envelope.sender, utf8)}; ${envelope.sender}`, utf8));
  lines.push(...field('Arrival-Date', dateText(entry.arrivedAt), utf8));
  return lines;
}

function rcptLines(input: ReportInput, rcpt: Rcpt, utf8: boolean): string[] {
  const status = statusIn(input, rcpt);
  const diagnostic = diagnosticOf(input, rcpt);
  const lines = [
    ...field('Final-Recipient', `${addressType(rcpt.address, utf8)}; ${rcpt.address}`, utf8),
    ...field('Original-Recipient', originalRecipient(rcpt, utf8), utf8),
    ...field('Action', actionOf(input, rcpt), utf8),
    ...field('Status', codeOf(status), utf8),
  ];
  if (diagnostic.remote !== null) lines.push(...field('Remote-MTA', `dns; ${diagnostic.remote}`, utf8));
  lines.push(...field('Diagnostic-Code', diagnostic.text, utf8));
  // Worth a field only where tries were spread over time; a refusal at once has the Date of the report.
  if (status.kind === 'deferred' || (status.kind === 'failed' && status.expired))
    lines.push(...field('Last-Attempt-Date', dateText(status.at), utf8));
  if (status.kind === 'deferred' && input.retryUntil !== null)
    lines.push(...field('Will-Retry-Until', dateText(input.retryUntil), utf8));
  return lines;
}

/** A delay is of class 4 and a success of class 2, whatever; a failure keeps the class it has (RFC 3463 §2). */
function codeOf(status: Reported): string {
  if (status.kind === 'failed') return statusOf(status.why);
  if (status.kind === 'deferred') return '4' + statusOf(status.why).slice(1);
  const code = statusOfReply(status.reply);
  return code.startsWith('2') ? code : '2.0.0';
}

/** Only what another host said itself is of type `smtp` and names that host, RFC 3464 §2.3.5, §2.3.6. */
function diagnosticOf(input: ReportInput, rcpt: Rcpt): { remote: string | null; text: string } {
  const status = statusIn(input, rcpt);
  if (status.kind === 'delivered') {
    if (status.peer !== null) return { remote: status.peer.name, text: `smtp; ${replyText(status.reply)}` };
  } else if (status.why.kind === 'reply')
    return { remote: status.why.peer.name, text: `smtp; ${replyText(status.why.reply)}` };
  return { remote: null, text: `X-MailLab; ${reasonOf(input, rcpt)}` };
}

/** ORCPT as it was given, RFC 3461 §4.2; without one, the address it came in with. */
function originalRecipient(rcpt: Rcpt, utf8: boolean): string {
  const [, type, address] = /^([^;]+);(.*)$/s.exec(rcpt.orcpt ?? '') ?? [];
  return type === undefined
    ? `${addressType(rcpt.address, utf8)};${rcpt.address}`
    : `${type.trim()};${fromXtext(address ?? '').trim()}`;
}

function addressType(address: string, utf8: boolean): string {
  return utf8 && hasEightBit(address) ? 'utf-8' : 'rfc822';
}

function field(name: string, value: string, utf8: boolean): string[] {
  return fold(name + ':', headerText(value, utf8));
}
