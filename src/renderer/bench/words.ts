/** What is written beside the map's lines. Short, for it stands between two cards. Pure. */
import type { FirewallAction, HostKey, Instant } from '../../contract/model.ts';
import type { Reply, Why } from '../../contract/why.ts';
import { isPermanent } from '../../contract/why-words.ts';
import { letter } from '../lab/known.ts';
import { inShort } from '../lab/words.ts';

/** What it means that something is so. */
export type Tone = 'arrived' | 'waiting' | 'failed';

interface RuleSides {
  action: FirewallAction;
  source: string;
  target: string;
}

/** `Rule 3: drop the rest`, `Rule 2: let B in`; `Default: drop` where no rule fits. */
export function ruleName(
  rules: readonly RuleSides[],
  number: number | null,
  action: FirewallAction,
  hosts: ReadonlySet<HostKey>,
): string {
  const rule = number === null ? undefined : rules[number - 1];
  if (number === null || rule === undefined) return `Default: ${action}`;
  const named = hosts.has(rule.source) ? letter(rule.source) : rule.source;
  const who = rule.source !== 'any' ? named : number > 1 ? 'the rest' : 'everybody';
  return `Rule ${number}: ${rule.action === 'allow' ? `let ${who} in` : `${rule.action} ${who}`}`;
}

/** `552 5.3.1` */
export const codes = (reply: Reply): string => [reply.code, reply.enhanced].filter((one) => one !== null).join(' ');

/** `250 2.0.0: B has it`, `452 4.3.1: B says later`, `552 5.2.2: B says no` */
export function replyNote(reply: Reply, host: string): { tone: Tone; text: string } {
  if (reply.code < 400) return { tone: 'arrived', text: `${codes(reply)}: ${host} has it` };
  return reply.code < 500
    ? { tone: 'waiting', text: `${codes(reply)}: ${host} says later` }
    : { tone: 'failed', text: `${codes(reply)}: ${host} says no` };
}

/** What came of a try that failed. */
export function whyNote(why: Why, host: string): { tone: Tone; text: string } {
  const tone = isPermanent(why) ? 'failed' : 'waiting';
  switch (why.kind) {
    case 'reply':
      return { ...replyNote(why.reply, host || 'it'), tone };
    case 'connect':
      return {
        tone,
        text: { refused: 'connection refused', timeout: 'no answer', unreachable: 'no way there' }[why.problem],
      };
    case 'lost':
      return {
        tone,
        text: { closed: `${host || 'it'} hung up`, reset: 'connection broken', timeout: `${host || 'it'} fell silent` }[
          why.problem
        ],
      };
    case 'extension':
      return { tone, text: `${host || 'it'} lacks ${why.extension}` };
    default:
      return { tone, text: '' };
  }
}

/** How long the caller waited, or has been waiting: `no answer, 30 s`, `12 s so far`; '' where nobody waits. */
export function waitNote(
  wire: { state: string; note: string; at: Instant; overAt: Instant | null },
  now: Instant,
): string {
  if (wire.state !== 'stopped' && wire.note !== 'no answer') return '';
  if (wire.overAt === null) return `${inShort(Math.max(0, Math.floor((now - wire.at) / 1_000) * 1_000))} so far`;
  return wire.overAt === wire.at ? 'refused at once' : `no answer, ${inShort(wire.overAt - wire.at)}`;
}

/** A subject in quotation marks, cut when long: `“Minutes of the meeting”` */
export function quoted(subject: string, max = 40): string {
  if (subject === '') return 'a message';
  return `“${subject.length > max ? `${subject.slice(0, max - 1).trimEnd()}…` : subject}”`;
}
