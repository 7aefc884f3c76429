/** What a person or the script does, in words: `switches A off`. */
import type { LabAct, SendRequest } from '../contract/events.ts';
import type { Fault, LabState, LineState } from '../contract/model.ts';
import { formatDuration, formatSize } from '../engine/scenario/index.ts';
import { dayWords, hostWord, listed, plural } from './words.ts';

export function actWords(act: LabAct, state: LabState): string {
  switch (act.do) {
    case 'send':
      return sendWords(act.messages, act.everyMs);
    case 'host':
      return {
        start: `starts ${hostWord(act.host)}`,
        stop: `stops ${hostWord(act.host)}`,
        crash: `crashes ${hostWord(act.host)}`,
        off: `switches ${hostWord(act.host)} off`,
      }[act.power];
    case 'set':
      return `sets ${hostWord(act.host)}: ${Object.entries(act.settings)
        .map(([key, value]) => `${key} ${settingWords(value)}`)
        .join(', ')}`;
    case 'line':
      return lineWords(hostWord(act.host), act.line);
    case 'reset-sessions':
      return `resets the connections of ${hostWord(act.host)}`;
    case 'firewall':
      return `gives the firewall new rules: ${textWords(act.text)}`;
    case 'zone':
      return `edits the zone ${act.name}${act.view === null ? '' : ` (as seen by ${act.view})`}: ${textWords(act.text)}`;
    case 'dns-fault':
      return `breaks the DNS for ${act.fault.name}: ${act.fault.kind}${act.fault.kind === 'slow' ? ` (${formatDuration(act.fault.delayMs)})` : ''}`;
    case 'dns-fault-clear':
      return `mends the DNS for ${act.name}`;
    case 'fault':
      return `sets the fault ${act.fault.id}: ${faultWords(act.fault)}`;
    case 'fault-clear':
      return `takes the fault ${act.id} away`;
    case 'fill-disk':
      return act.bytes === 0
        ? `removes other things from ${hostWord(act.host)}'s disk`
        : `fills ${hostWord(act.host)}'s disk with ${formatSize(act.bytes)} of other things`;
    case 'flush':
      return `has ${hostWord(act.host)} try its queue now${act.domain === null ? '' : ` for ${act.domain}`}`;
    case 'hold':
    case 'release':
    case 'retry':
    case 'delete':
      return `${{ hold: 'holds', release: 'releases', retry: 'retries', delete: 'deletes' }[act.do]} ${plural(act.queueIds.length, 'message')} at ${hostWord(act.host)}`;
    case 'mailbox-remove':
      return `removes a message from ${act.user}'s mailbox at ${hostWord(act.host)}`;
    case 'jump':
      return `moves the clock on to ${dayWords(act.to)} ${new Date(act.to).toISOString().slice(11, 16)}, ${formatDuration(Math.max(0, act.to - state.now))} ahead`;
  }
}

function sendWords(messages: SendRequest[], everyMs: number): string {
  const [first] = messages;
  if (first === undefined) return 'sends nothing';
  const from = first.from === '' ? '<>' : first.from;
  const via = first.via === null ? '' : ` by ${hostWord(first.via)}`;
  const what =
    messages.length > 1
      ? `${plural(messages.length, 'message')}${first.name === null ? '' : ` (${first.name} to ${messages.at(-1)!.name})`}`
      : (first.name ?? 'a message');
  const size = first.sizeBytes === null ? '' : `, ${formatSize(first.sizeBytes)}${messages.length > 1 ? ' each' : ''}`;
  const every = everyMs === 0 ? '' : `, one every ${formatDuration(everyMs)}`;
  return `${from} sends ${what} to ${listed(first.to)}${via}${size}${every}`;
}

function lineWords(host: string, line: Partial<LineState>): string {
  if (line.cut === true) return `cuts ${host}'s line`;
  const ills = [
    line.extraLatencyMs ? `${formatDuration(line.extraLatencyMs)} slower` : '',
    line.bytesPerSecond ? `${formatSize(line.bytesPerSecond)} a second` : '',
    line.loseReplies ? 'loses replies' : '',
  ].filter((ill) => ill !== '');
  if (ills.length > 0) return `spoils ${host}'s line: ${ills.join(', ')}`;
  return `mends ${host}'s line`;
}

export function faultWords({ host, when, address, then }: Fault): string {
  const at =
    when.at === 'bytes'
      ? `after ${formatSize(when.count)}`
      : when.at === 'final-dot'
        ? 'at the final dot'
        : `at ${when.verb}`;
  const what = {
    cut: 'the line falls silent',
    reset: 'the connection is reset',
    answer: then.do === 'answer' ? `the answer is ${then.reply}` : '',
    delay: then.do === 'delay' ? `a pause of ${formatDuration(then.ms)}` : '',
  }[then.do];
  return `${at} at ${hostWord(host)}${address === null ? '' : ` for ${address}`}, ${what}`;
}

function settingWords(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value);
}

/** A text of several lines in one: comments and blank space are left out. */
function textWords(text: string): string {
  const lines = text
    .split('\n')
    .map((line) =>
      line
        .replace(/\s*[;#].*$/, '')
        .trim()
        .replace(/\s+/g, ' '),
    )
    .filter((line) => line !== '' && !line.startsWith('$TTL'));
  return lines.join('; ') || '(empty)';
}
