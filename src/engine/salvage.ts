/**
 * A lab whose journal is damaged: what to say of it, and how to go on with what lies before the damage. Nothing is thrown away: all
 * that lies in the folder now is copied first.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Instant } from '../contract/model.ts';
import { fileTrouble } from './files.ts';
import type { Behind } from './journal/index.ts';
import { formatInstant } from './scenario/index.ts';

export interface Damage {
  dir: string;
  /** Byte of the journal from which on nothing can be relied on. */
  offset: number;
  /** The last event before it. */
  last: { n: number; now: Instant };
  behind: Behind;
}

/** Makes sure that nothing is lost when the journal is cut off there; throws where it can't. */
export type Salvage = (damage: Damage) => void;

export function damageWords({ dir, offset, last, behind }: Damage): string {
  return `the journal in ${dir} is damaged at byte ${offset}, behind event ${last.n}${last.n === 0 ? '' : ` (${timeWords(last.now)})`}: ${lossWords(behind)}`;
}

/** What lies behind the damage, and goes with it. */
function lossWords({ eventCount, messageCount, last, isAll }: Behind): string {
  if (last === null) return isAll ? 'the last event there is incomplete' : "what follows can't be read";
  const messages =
    messageCount === 0
      ? ''
      : `, ${messageCount} ${messageCount === 1 ? 'message that was' : 'messages that were'} taken among them,`;
  return `${isAll ? '' : 'at least '}${eventCount} later ${eventCount === 1 ? 'event' : 'events'}${messages} up to event ${last.n} (${timeWords(last.at)}) can't be read behind it`;
}

const timeWords = (at: Instant): string => `${formatInstant(at).slice(0, 19)}Z`;

/** Copies journal and mailboxes into a folder beside them, and says so. */
export function salvageTo(say: (message: string) => void): Salvage {
  return (damage) => {
    const { dir, offset } = damage;
    const copy = freeFolder(dir);
    try {
      fs.mkdirSync(copy);
      for (const name of ['journal.log', 'mail'])
        if (fs.existsSync(path.join(dir, name)))
          fs.cpSync(path.join(dir, name), path.join(copy, name), { recursive: true, preserveTimestamps: true });
    } catch (error) {
      fs.rmSync(copy, { recursive: true, force: true });
      throw new Error(
        `the lab in ${dir} can't be salvaged, as no copy can be made in ${copy}: ${fileTrouble(error)}. Nothing was changed`,
      );
    }
    say(
      `${damageWords(damage)}. The journal is cut off at byte ${offset}; a copy of it as it was, with the mailboxes, is in ${copy}`,
    );
  };
}

function freeFolder(dir: string): string {
  for (let count = 1; ; count += 1) {
    const folder = path.join(dir, `salvaged-${count}`);
    if (!fs.existsSync(folder)) return folder;
  }
}
