/**
 * A host's queue as administrators list it: `mailq` for people, `postqueue -j` for programs. Pure, from the host's state.
 *
 * Both forms are Postfix's, to the space, so that tools which read one read the other. Recipients that are through are left out.
 */
import type { HostState, Instant, QueueEntry, Rcpt } from '../../contract/model.ts';
import { wordsOf } from '../../contract/why-words.ts';

const HEAD = '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------';
const REASON_WIDTH = 76;
const RCPT_INDENT = ' '.repeat(41);
/** Behind the queue id: being tried, on hold, or waiting. */
const MARKS = { active: '*', hold: '!', deferred: '' };
const NULL_SENDER = 'MAILER-DAEMON';

/** The queue as `mailq` shows it, with a line feed at the end of each line; oldest message first. */
export function queueListing(host: HostState): string {
  const entries = inOrder(host);
  if (entries.length === 0) return 'Mail queue is empty\n';
  const kilobytes = Math.floor(entries.reduce((sum, entry) => sum + entry.sizeBytes, 0) / 1024);
  const foot = `-- ${kilobytes} Kbytes in ${entries.length} Request${entries.length === 1 ? '' : 's'}.`;
  return `${[HEAD, ...entries.flatMap((entry) => [...entryLines(entry), '']), foot].join('\n')}\n`;
}

/** The queue as `postqueue -j` shows it: a JSON object a line, `''` for an empty queue. */
export function queueJson(host: HostState): string {
  return inOrder(host)
    .map((entry) => {
      const fields = [
        ['queue_name', queueOf(entry)],
        ['queue_id', entry.queueId],
        ['arrival_time', Math.floor(entry.arrivedAt / 1000)],
        ['message_size', entry.sizeBytes],
        ['forced_expire', false],
        ['sender', entry.envelope.sender || NULL_SENDER],
      ] as const;
      const rcpts = waiting(entry).map((rcpt) => {
        const reason = reasonOf(rcpt);
        return `{"address": ${JSON.stringify(rcpt.address)}${reason === null ? '' : `, "delay_reason": ${JSON.stringify(reason)}`}}`;
      });
      return `{${fields.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`).join(', ')}, "recipients": [${rcpts.join(', ')}]}\n`;
    })
    .join('');
}

function entryLines(entry: QueueEntry): string[] {
  const id = `${entry.queueId}${MARKS[queueOf(entry)]}`.padEnd(11);
  const lines = [
    `${id} ${String(entry.sizeBytes).padStart(7)} ${arrival(entry.arrivedAt)}  ${entry.envelope.sender || NULL_SENDER}`,
  ];
  let said: string | null = null;
  for (const rcpt of waiting(entry)) {
    const reason = reasonOf(rcpt);
    // Recipients that wait for the same reason stand below it together.
    if (reason !== null && reason !== said)
      lines.push(`${' '.repeat(Math.max(0, REASON_WIDTH - reason.length))}(${reason})`);
    said = reason ?? said;
    lines.push(`${RCPT_INDENT}${rcpt.address}`);
  }
  return lines;
}

function inOrder(host: HostState): QueueEntry[] {
  return Object.values(host.queue).sort(
    (a, b) => a.arrivedAt - b.arrivedAt || (a.queueId.slice(-5) < b.queueId.slice(-5) ? -1 : 1),
  );
}

function queueOf(entry: QueueEntry): keyof typeof MARKS {
  if (entry.held) return 'hold';
  return entry.nextAt === null ? 'active' : 'deferred';
}

const waiting = (entry: QueueEntry): Rcpt[] =>
  entry.rcpts.filter(({ status }) => status.kind === 'waiting' || status.kind === 'deferred');

const reasonOf = ({ status }: Rcpt): string | null => (status.kind === 'deferred' ? wordsOf(status.why) : null);

/** `Tue Nov 24 01:16:19`, UTC. */
function arrival(at: Instant): string {
  const date = new Date(at);
  const [weekday = '', day = '', month = ''] = date.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day.replace(/^0/, ' ')} ${date.toISOString().slice(11, 19)}`;
}
