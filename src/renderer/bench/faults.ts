/** A fault as a person fills it in: *when STAGE at HOST for ADDRESS, then ANSWER, from now for D*. Pure. */
import type { Fault, FaultThen, FaultWhen, HostKey, Instant } from '../../contract/model.ts';

export interface FaultDraft {
  /** A verb, `final-dot` or `bytes`. */
  stage: string;
  /** For `bytes`, thousands of them. */
  kilobytes: number;
  address: string;
  then: 'answer' | 'cut' | 'reset' | 'delay';
  reply: string;
  delaySeconds: number;
  /** Minutes; null: until it is taken back. */
  forMinutes: number | null;
  /** How often; null: without limit. */
  times: number | null;
}

export const STAGES = [
  { value: 'MAIL', label: 'MAIL FROM is said' },
  { value: 'RCPT', label: 'RCPT TO is said' },
  { value: 'DATA', label: 'DATA is said' },
  { value: 'final-dot', label: 'the whole message is there' },
  { value: 'EHLO', label: 'EHLO is said' },
  { value: 'bytes', label: 'so many bytes have come' },
] as const;

export const DURATIONS = [
  { value: 10, label: '10 minutes' },
  { value: 60, label: '1 hour' },
  { value: 240, label: '4 hours' },
  { value: 1_440, label: '1 day' },
  { value: null, label: 'good' },
] as const;

export const newDraft = (): FaultDraft => ({
  stage: 'RCPT',
  kilobytes: 100,
  address: '',
  then: 'answer',
  reply: '451 4.3.0 Try again later',
  delaySeconds: 120,
  forMinutes: 60,
  times: null,
});

/** Verbs that name an address: only they can be told apart by one. */
export const namesAddress = (stage: string): boolean => stage === 'MAIL' || stage === 'RCPT';
/** Within a stream of bytes no server can answer. */
export const answersTo = (stage: string): FaultDraft['then'][] =>
  stage === 'bytes' ? ['cut', 'reset'] : ['answer', 'cut', 'reset', 'delay'];

/** What is wrong with a draft, in words; null: nothing. */
export function wrongWith(draft: FaultDraft): string | null {
  if (draft.then === 'answer' && draft.stage !== 'bytes' && !/^[245]\d\d( |$)/.test(draft.reply.trim()))
    return 'An answer begins with a code of three digits: 4xx for later, 5xx for no, such as 452 4.3.1 Disk is full';
  if (draft.then === 'delay' && !(draft.delaySeconds > 0)) return 'Write after how many seconds the answer comes';
  if (draft.stage === 'bytes' && !(draft.kilobytes >= 0)) return 'Write after how many KB it strikes';
  if (draft.times !== null && !(draft.times >= 1))
    return 'Write how often it strikes, 1 at the least, or nothing for each time';
  return null;
}

export function faultOf(draft: FaultDraft, host: HostKey, now: Instant, taken: readonly string[]): Fault {
  const when: FaultWhen =
    draft.stage === 'bytes'
      ? { at: 'bytes', count: Math.round(draft.kilobytes * 1_000) }
      : draft.stage === 'final-dot'
        ? { at: 'final-dot' }
        : { at: 'command', verb: draft.stage };
  return {
    id: freeId(host, taken),
    host,
    when,
    address: namesAddress(draft.stage) && draft.address.trim() !== '' ? draft.address.trim() : null,
    then: thenOf(draft),
    from: now,
    until: draft.forMinutes === null ? null : now + draft.forMinutes * 60_000,
    left: draft.times,
  };
}

function thenOf(draft: FaultDraft): FaultThen {
  const allowed = answersTo(draft.stage);
  const then = allowed.includes(draft.then) ? draft.then : allowed[0]!;
  switch (then) {
    case 'answer':
      return { do: 'answer', reply: draft.reply.trim() };
    case 'delay':
      return { do: 'delay', ms: Math.round(draft.delaySeconds * 1_000) };
    case 'cut':
      return { do: 'cut' };
    case 'reset':
      return { do: 'reset' };
  }
}

function freeId(host: HostKey, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) if (!taken.includes(`fault-${host}-${number}`)) return `fault-${host}-${number}`;
}
