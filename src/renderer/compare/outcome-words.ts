/** The outcome of a world as lines of a table. Pure. */
import type { CheckOutcome } from '../../contract/lab-api.ts';
import type { Meaning } from '../lab/rows.ts';
import { inWords, plural } from '../lab/words.ts';
import { letterOf, quoted } from './lane-words.ts';
import type { Outcome } from './outcome.ts';

export interface Line {
  name: string;
  /** What the name means, for who wonders. */
  about: string;
  text: string;
  detail: string;
  meaning: Meaning | null;
}

export function linesOf(outcome: Outcome, checks: readonly CheckOutcome[]): Line[] {
  const { sent, rcpts, delivered, waiting, cameBack, lost, late, toldDelay, toldFailure, copiesTooMany, spam } =
    outcome;
  const met = checks.filter(({ passed }) => passed).length;
  const open = checks.find(({ missed }) => missed) ?? checks.find(({ passed }) => !passed);
  const line = (name: string, about: string, text: string, detail: string, meaning: Meaning | null): Line => ({
    name,
    about,
    text,
    detail,
    meaning,
  });
  const of = (count: number): string => `${count} of ${rcpts}`;
  return [
    line(
      'Handed in',
      'Messages of persons that a server took; spam is counted below',
      plural(sent, 'message'),
      rcpts === sent ? '' : `for ${plural(rcpts, 'recipient')}`,
      null,
    ),
    line(
      'In the mailbox',
      'Recipients that have it',
      of(delivered),
      waiting > 0 ? `${waiting} still waiting` : '',
      delivered > 0 && delivered === rcpts ? 'arrived' : null,
    ),
    line(
      'Lost',
      'Failed or deleted, and the sender was not told',
      String(lost.count),
      lost.subjects.slice(0, 2).map(quoted).join(', '),
      lost.count > 0 ? 'failed' : null,
    ),
    line(
      'Came back',
      'Failed, and the sender was told so',
      String(cameBack),
      toldFailure.first === null
        ? ''
        : `told after ${inWords(toldFailure.first.afterMs)}, by ${letterOf(toldFailure.first.by)}`,
      cameBack > 0 ? 'failed' : null,
    ),
    line(
      'Late',
      'On the way for more than an hour',
      String(late.count),
      late.count === 0 ? '' : `the longest ${inWords(late.longestMs)}`,
      late.count > 0 ? 'waiting' : null,
    ),
    toldLine(toldDelay, late.count, line),
    line(
      'Spam let in',
      'Spam that is in a mailbox',
      spam.sent === 0 ? 'none was sent' : `${spam.letIn} of ${spam.sent}`,
      '',
      null,
    ),
    line(
      'Copies too many',
      'The same message more than once in a mailbox',
      String(copiesTooMany),
      '',
      copiesTooMany > 0 ? 'failed' : null,
    ),
    line(
      'Checks',
      'The checks of this lab; another lab has others',
      `${met} of ${checks.length}`,
      open === undefined ? '' : `${open.missed ? 'missed' : 'not yet'}: ${open.name}`,
      met === checks.length && met > 0 ? 'arrived' : null,
    ),
  ];
}

function toldLine(
  told: Outcome['toldDelay'],
  late: number,
  line: (name: string, about: string, text: string, detail: string, meaning: Meaning | null) => Line,
): Line {
  const about = 'When a sender first read that mail is late';
  if (told.first !== null) {
    const rest = told.untold > 0 ? `, ${told.untold} never` : '';
    return line(
      'Told of the delay',
      about,
      `after ${inWords(told.first.afterMs)}`,
      `by ${letterOf(told.first.by)}${rest}`,
      'waiting',
    );
  }
  return late > 0
    ? line('Told of the delay', about, 'never', 'and it was late', 'failed')
    : line('Told of the delay', about, 'no need', '', null);
}
