/** Words above the time line, where there is room for them: the most important first. Pure. */
import type { LabAct, LabEvent } from '../../../contract/events.ts';

/** About as wide as a letter of a label is. */
const LETTER_PX = 5.9;
const GAP_PX = 10;

export interface Label {
  x: number;
  /** Set apart, in bold. */
  strong: string;
  text: string;
  look: string;
  anchor: 'start' | 'middle' | 'end';
  /** Number of the event that it names. */
  n?: number;
}

/** Keeps those labels that fit beside those before them and what is taken; with `turns`, one that doesn't fit tries its other sides first. */
export function fitLabels(
  wanted: Label[],
  leftX: number,
  rightX: number,
  turns = true,
  occupied: [number, number][] = [],
): Label[] {
  const taken = [...occupied];
  return wanted.flatMap((label) => {
    const width =
      (label.strong.length + label.text.length + (label.strong === '' || label.text === '' ? 0 : 1)) * LETTER_PX;
    const anchors = turns ? ([label.anchor, 'middle', 'end', 'start'] as const) : [label.anchor];
    for (const anchor of anchors) {
      const from = label.x - (anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width);
      const to = from + width;
      if (from < leftX || to > rightX || taken.some(([a, b]) => from < b + GAP_PX && to > a - GAP_PX)) continue;
      taken.push([from, to]);
      return [{ ...label, anchor }];
    }
    return [];
  });
}

const upper = (key: string): string => key.toUpperCase();
const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
const POWER = { start: 'started', stop: 'stopped', crash: 'crashed', off: 'switched off' };

/** `You stopped B`, `Script sent “Minutes”`, `Lab opened`. */
export function actLabel(event: LabEvent): string {
  if (event.kind !== 'person-act') return 'Lab opened';
  return `${event.by === 'person' ? 'You' : 'Script'} ${done(event.act)}`;
}

function done(act: LabAct): string {
  switch (act.do) {
    case 'send':
      return act.messages.length === 1
        ? act.messages[0]?.subject
          ? `sent “${cut(act.messages[0].subject, 24)}”`
          : 'sent a message'
        : `sent ${act.messages.length} messages`;
    case 'host':
      return `${POWER[act.power]} ${upper(act.host)}`;
    case 'set':
      return `changed ${upper(act.host)}’s settings`;
    case 'line':
      return `${act.line.cut === true ? 'cut' : act.line.cut === false ? 'mended' : 'changed'} ${upper(act.host)}’s line`;
    case 'firewall':
      return 'changed the firewall';
    case 'zone':
      return 'edited the zone';
    case 'dns-fault':
      return 'broke the DNS';
    case 'dns-fault-clear':
      return 'mended the DNS';
    case 'fault':
      return `set a fault at ${upper(act.fault.host)}`;
    case 'fault-clear':
      return 'cleared a fault';
    case 'fill-disk':
      return `filled ${upper(act.host)}’s disk`;
    case 'flush':
      return `made ${upper(act.host)} try now`;
    case 'reset-sessions':
      return `reset ${upper(act.host)}’s sessions`;
    case 'hold':
      return `held mail at ${upper(act.host)}`;
    case 'release':
      return `released mail at ${upper(act.host)}`;
    case 'retry':
      return `made ${upper(act.host)} try again`;
    case 'delete':
      return `deleted mail at ${upper(act.host)}`;
    case 'mailbox-remove':
      return `deleted mail of ${act.user}`;
    case 'jump':
      return 'jumped';
  }
}
