/** What goes wrong for a reason that the user can mend: said in one sentence on stderr, without a stack. */
import { sayError } from './screen.ts';

/** Exit codes: all checks hold; some don't, or a step or the machine failed; the file, an argument or the folder is wrong; a bug of ours; the reader of our output left. */
export const EXIT = { good: 0, checksFail: 1, wrong: 2, bug: 70, interrupted: 130, readerGone: 141 } as const;

export class UserError extends Error {}

/** The engine says what is wrong as a plain Error; any other kind (a TypeError ...) is a bug. */
export function isUserError(error: unknown): error is Error {
  return error instanceof UserError || (error instanceof Error && error.constructor === Error);
}

let lastSaid: string | null = null;

/** To stderr; what was said just before is not said again. */
export function sayWrong(message: string): void {
  if (message === lastSaid) return;
  lastSaid = message;
  sayError(`mail-lab: ${message}`);
}
