/**
 * What comes in from outside, and how much of it at a time. Programs from outside may say as much as they like, as fast as they can; the
 * lab hears a share of it at the end of an instant, and its own wires, its disk and its time go on before the next one.
 *
 *   real sockets ─► inboxes (bounded; behind a full one its socket is not read) ─► a share ─► the journal, then the lab
 *
 * Shares are measured in work: about a microsecond of the lab's time each. Who says no more than a share is heard at once, and whole. Those
 * who have more than that waiting take turns, and together get no more than all others did: so they slow each other down, and hardly anyone else.
 */

/** Something that brings input from outside: a program's connection, the calls at a port, questions to the name server. */
export interface Source {
  /** There is something that has not been taken. */
  readonly waits: boolean;
  /** It brought as much as it may have waiting, and so it will bring more. */
  readonly pours: boolean;
  /** Many programs come by it, each with little. */
  readonly many: boolean;
  /** It can be taken now: whom it is for has room for it. */
  ready(): boolean;
  /** Take at most this much work from it, but at least a little; returns the work taken. */
  take(most: number): number;
}

export interface Intake {
  /** This source has something now. */
  mark(source: Source): void;
  /** Something can be taken. */
  waiting(): boolean;
  /** Let everybody have a share. True if there was something to take. */
  take(): boolean;
}

/** Work of one input: a command, a line of a message, a call, a question; and of each byte. */
export const WORK = { command: 12, line: 2, call: 200, question: 80, byte: 1 / 64 } as const;
/** What one source may bring in one go. */
export const SHARE_WORK = 1_000;
/** What all who are not behind may bring in one go; the others come first the next time. */
const PROMPT_WORK = 4_000;
/** What many may bring together in one go: they are never behind, because each of them may only just have arrived. */
const MANY_WORK = 400;
/** What one that is behind may bring, beside others; one of them always may, however little these bring. */
const BEHIND_WORK = 500;

export function createIntake(): Intake {
  /** In the order in which they came. */
  const prompt = new Set<Source>();
  /** Brought more than a share, and still have some waiting: a queue, the least recently served first. */
  const behind = new Set<Source>();

  const anyReady = (sources: Set<Source>): boolean => {
    for (const source of sources) if (source.ready()) return true;
    return false;
  };
  /** Take from a source, and put it where it belongs then. */
  const takeFrom = (source: Source, from: Set<Source>, most: number): number => {
    from.delete(source);
    const work = source.take(most);
    if (source.waits) (source.many ? prompt : behind).add(source);
    return work;
  };
  const forgetIdle = (sources: Set<Source>): void => {
    for (const source of sources) if (!source.waits) sources.delete(source);
  };

  return {
    mark(source) {
      if (source.pours) prompt.delete(source);
      if (source.pours) behind.add(source);
      else if (!behind.has(source)) prompt.add(source);
    },
    waiting: () => anyReady(prompt) || anyReady(behind),
    take() {
      forgetIdle(prompt);
      forgetIdle(behind);
      const late = [...behind];
      let took = false;
      let work = 0;
      for (const source of [...prompt]) {
        if (work >= PROMPT_WORK) break;
        if (!source.ready()) continue;
        work += takeFrom(source, prompt, source.many ? MANY_WORK : SHARE_WORK);
        took = true;
      }
      let left = Math.max(took ? BEHIND_WORK : SHARE_WORK, work);
      const most = late.length === 1 ? SHARE_WORK : BEHIND_WORK;
      for (const source of late) {
        if (left < BEHIND_WORK) break;
        if (!source.ready()) continue;
        left -= takeFrom(source, behind, Math.min(most, left));
        took = true;
      }
      return took;
    },
  };
}

/** How many of these bytes are so much work, where each line costs `lineWork`: at least one line, and no more than `bytesMax`. */
export function shareOfLines(
  bytes: Buffer,
  most: number,
  lineWork: number,
  bytesMax: number,
): { size: number; work: number } {
  let size = 0;
  let work = 0;
  const end = Math.min(bytes.length, bytesMax);
  while (size < end && work < most) {
    const lineEnd = bytes.indexOf(10, size);
    const next = lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1;
    work += lineWork + (next - size) * WORK.byte;
    size = next;
  }
  return { size, work };
}
