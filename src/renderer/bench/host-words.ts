/** How a host stands, in a word. Pure. */
import type { Fault } from '../../contract/model.ts';
import type { HostCard } from '../../contract/views.ts';
import { faultWords } from '../lab/fault-words.ts';

export interface Condition {
  word: string;
  /** Where there is little room, beside an address. */
  brief?: string;
  kind: 'arrived' | 'waiting' | 'failed' | 'neutral';
  title: string;
}

/** The gravest thing first: a host that is off has no line to speak of. */
export function condition({ key, power, line }: HostCard, faults: readonly Fault[]): Condition {
  const name = key.toUpperCase();
  switch (power) {
    case 'off':
      return { word: 'off', kind: 'neutral', title: `${name} is switched off: calls to it meet silence` };
    case 'crashed':
      return {
        word: 'crashed',
        kind: 'failed',
        title: `${name} has crashed: its programs are gone, its disk is as it was`,
      };
    case 'stopped':
      return {
        word: 'stopped',
        kind: 'waiting',
        title: `The mail server of ${name} is stopped: calls to it are refused`,
      };
    case 'up':
  }
  if (line.cut)
    return {
      word: 'line cut',
      brief: 'cut',
      kind: 'failed',
      title: `${name} is up, but its line is cut: nothing comes or goes`,
    };
  if (line.loseReplies)
    return { word: 'replies lost', brief: 'mute', kind: 'waiting', title: `What ${name} answers is lost on the way` };
  if (line.extraLatencyMs > 0 || line.bytesPerSecond !== null)
    return { word: 'slow line', brief: 'slow', kind: 'waiting', title: `${name} is up, but its line is slow` };
  const [fault] = faults.filter(({ host }) => host === key);
  if (fault !== undefined)
    return {
      word: 'fault set',
      brief: 'fault',
      kind: 'waiting',
      title: `${name} is up, with a fault: ${faultWords(fault)}`,
    };
  return { word: 'up', kind: 'arrived', title: `${name} is up` };
}

/** How full its disk is, 0 to 100 and 100 only when it is full, others' bytes included; null: no limit. */
export function diskPercent({ settings: { diskBytes }, usedBytes, foreignBytes }: HostCard): number | null {
  if (diskBytes === null) return null;
  return Math.min(100, Math.floor((100 * (usedBytes + foreignBytes)) / Math.max(1, diskBytes)));
}
